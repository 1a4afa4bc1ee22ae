"""What several commands share: their flags, the settings, and the way to the database."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ajour.api import Project, folder_of
from ajour.cli.output import Output
from ajour.config import load
from ajour.db.libpq import import_alone
from ajour.errors import MigrationFailed, Refusal, UsageError
from ajour.model import LEVELS, Plan, Relation
from ajour.settings import SETTINGS, Settings, switch
from ajour.sql.names import relation_of
from ajour.target import parse_url

Function = Callable[..., Any]

json_flag = click.option("--json", is_flag=True, help="Write JSON instead of text.")
plan_flag = click.option(
    "--plan",
    "agreed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Refuse where `ajour plan --save FILE` was made for another state.",
)
level_flag = click.option(
    "--level",
    type=click.Choice(LEVELS),
    default="error",
    help="Exit with 1 from this level on; without it, at errors.",
)
yes_flag = click.option("--yes", is_flag=True, help="Do not ask.")


def settings_flags(*names: str) -> Callable[[Function], Function]:
    """Return a decorator that adds the flags of the settings `names`."""

    def add(function: Function) -> Function:
        for setting in reversed([each for each in SETTINGS if each.name in names]):
            kind: dict[str, Any] = (
                {"is_flag": True, "default": None}
                if setting.read is switch
                else {"default": None, "metavar": setting.name.upper()}
            )
            function = click.option(setting.flag, setting.name, help=setting.help, **kind)(function)
        return function

    return add


SERVER = ("profile", "postgres", "storage_delete")
TARGET = ("url", "migrations", "table", *SERVER, "tunnel")
BACKUP = ("backup_folder", "backups_kept", "backup_max")
RUN = (*TARGET, "lock_timeout", "statement_timeout", "wait", "show_detail", "window", "mirror")
ALL = tuple(each.name for each in SETTINGS)


def settings(output: Output, flags: dict[str, Any], *, with_url: bool = True) -> Settings:
    """Read the settings for the current folder, and say what is unwise about them."""
    found = load(Path.cwd(), flags, os.environ, with_url=with_url)
    output.findings(found.findings)
    return found


def open_project(found: Settings, *, embedded: bool = True) -> Project:
    """Return the project, on its database or, in development, on the embedded PostgreSQL."""
    import_alone()
    if found.url is not None:
        return Project(found, found.url)
    if not embedded:
        raise UsageError(
            "No database is named, and a deploy never goes to the embedded server.",
            hint="Set SUPABASE_DB_URL in the environment or in .env.",
        )
    from ajour.engines.embedded import ensure

    folder_of(found)  # what is wrong with it is said before a server is made
    url = ensure(
        found.root,
        profile=found.profile,
        binaries=found.postgres,
        storage_delete=found.storage_delete,
    )
    return Project(found, parse_url(url))


def say_where(output: Output, project: Project) -> None:
    """Say where it goes, before anything is done there. Never with the password."""
    found = project.settings
    how = f", through {found.tunnel}" if found.tunnel else ""
    if found.url is None:
        how = " (the embedded PostgreSQL in .ajour/)"
    output.line(f"database: {project.target}{how}")


def say_stand_ins(output: Output, project: Project) -> tuple[str, ...]:
    """Say which extensions of the project the embedded server only stands in for; return them."""
    found = project.stand_ins()
    if found:
        names = ", ".join(found)
        output.line(f"stand-ins: {names} (`ajour db extensions` says what they can do)")
    return found


def relations(given: tuple[str, ...]) -> tuple[Relation, ...]:
    """Read the tables that a command names. Raises UsageError."""
    found = [(text, relation_of(text)) for text in given]
    wrong = next((text for text, relation in found if relation is None), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r} is not the name of a table.", hint="Write schema.table.")
    return tuple(relation for _, relation in found if relation)


@contextmanager
def hint_at_base(project: Project) -> Iterator[None]:
    """Where a migration misses what no file creates, say how the embedded server gets it."""
    try:
        yield
    except MigrationFailed as error:
        from ajour.absent import missed

        embedded = project.settings.url is None
        name = missed(error, project.folder.migrations) if embedded else None
        if name:
            error.hint = (
                f"No file creates {name}. Was it made by hand, as in a third of all projects?"
                " `ajour db base --from URL` (or dump.sql) begins with a real database's schema."
            )
        raise


def held(project: Project, agreed: Path | None) -> Callable[[Plan], None] | None:
    """Return what holds a run to the plan in a file, where one was named. Raises UsageError."""
    if agreed is None:
        return None
    from ajour import forecast

    return forecast.held(project, agreed)


def confirm(output: Output, question: str, *, yes: bool) -> None:
    """Ask, unless --yes was given; with nobody to ask, refuse. Raises Refusal, click.Abort."""
    if yes:
        return
    if output.json or not sys.stdin.isatty():
        raise Refusal("This wants a yes, and nobody can be asked here.", hint="Add --yes.")
    click.confirm(question, abort=True, err=True)
