"""What `ajour test` looks at: whether the files run, fit the schema file, and do no harm.

Everything happens on throwaway servers; the project's databases are not connected to.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ajour.absent import missed
from ajour.api import circumstances, near
from ajour.base import from_file
from ajour.catalog.diff import diff
from ajour.catalog.objects import Catalog, Difference
from ajour.catalog.read import read
from ajour.check import check
from ajour.db.load import Load
from ajour.drift import scratch_project, seen
from ajour.errors import MigrationFailed, Refusal
from ajour.events import Done
from ajour.model import Finding, Folder, Where
from ajour.report.words import some
from ajour.settings import Settings
from ajour.supabase import FOLDER, read_config

SCHEMA_FILE = f"{FOLDER}/schema.sql"
"""What is compared with the migrations where supabase/config.toml names no schema files."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found, and how far it was looked at."""

    applied: int
    """How many migrations ran from nothing."""
    schema: tuple[str, ...]
    """The schema files that were compared with what the migrations make."""
    findings: tuple[Finding, ...]


def verify(settings: Settings, folder: Folder, judged: Collection[str]) -> Verified:
    """Run all migrations from nothing, compare the schema files, and check the files `judged`.

    Raises Refusal where no throwaway server can be had.
    """
    paths = schema_files(settings, folder)
    applied, made, failures = _from_nothing(settings, folder)
    compared = paths if made is not None else ()
    findings = (
        *failures,
        *(_compared(settings, made, paths) if made is not None and paths else ()),
        *check(folder.migrations, circumstances(settings), only=judged),
    )
    return Verified(applied, tuple(map(str, compared)), findings)


def schema_files(settings: Settings, folder: Folder) -> tuple[Path, ...]:
    """Return the files that say what the schema shall be, in the order they are read.

    Those of `schema_paths` that are no migrations, else supabase/schema.sql where there is one.
    """
    config = read_config(near(settings.root))
    migrations = folder.path.absolute()
    found = config.files(config.schema_paths)
    named = tuple(path for path in found if path.absolute().parent != migrations)
    default = near(settings.root) / SCHEMA_FILE
    return named or ((default,) if default.is_file() else ())


def _from_nothing(
    settings: Settings, folder: Folder
) -> tuple[int, Catalog | None, tuple[Finding, ...]]:
    """Return how many migrations ran, what they made, and why they did not where they did not."""
    applied = 0
    with scratch_project(settings, None) as copy:
        copy.folder = replace(folder, findings=())
        try:
            for event in copy.migrate(allow_out_of_order=True):
                applied += isinstance(event, Done)
        except MigrationFailed as failure:
            return applied, None, (_failed(failure, folder),)
        return applied, seen(read(copy.session, settings.profile), settings), ()


def _failed(failure: MigrationFailed, folder: Folder) -> Finding:
    absent, behind = missed(failure, folder.migrations), some(failure.progress.not_run)
    words = (
        f"No file creates {absent}: `ajour db base --from URL` begins with it." if absent else "",
        f"Not run: {behind}." if behind else "",
        *failure.details,
    )
    text = " ".join(filter(None, words))
    return Finding("does-not-run", "error", failure.message, failure.where, text)


def _compared(settings: Settings, made: Catalog, paths: tuple[Path, ...]) -> Iterator[Finding]:
    """Yield what the migrations and the schema files do not have alike. Columns' order is free."""
    with scratch_project(settings, None) as copy:
        try:
            for path in paths:
                source = from_file(settings, path)
                load = Load(copy.session.pgconn, source.text, source.label)
                load.run()
                yield from (
                    Finding("left-out", "info", each.why, Where(str(path), each.statement.line))
                    for each in load.left_out
                )
        except Refusal as problem:
            yield Finding("schema-does-not-run", "error", problem.message, problem.where)
            return
        wanted = seen(read(copy.session, settings.profile), settings)
    where = Where(str(paths[0]) if len(paths) == 1 else str(paths[0].parent))
    for each in diff(made, wanted, column_order=False):
        yield Finding("schema-differs", "error", _said(each), where, "Write it in the other one.")


def _said(each: Difference) -> str:
    if each.attribute is not None:
        what = each.attribute.replace("_", " ")
        return f"{each.identity}: the migrations and the schema file differ in {what}."
    if each.before is None:
        return f"{each.identity} is in the schema file, and no migration makes it."
    return f"{each.identity} is made by the migrations and missing in the schema file."
