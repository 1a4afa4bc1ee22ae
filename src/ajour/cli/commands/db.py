"""ajour db: the embedded PostgreSQL of the project."""

import os
from typing import Any

import click

from ajour.cli.options import (
    SERVER,
    confirm,
    hint_at_base,
    json_flag,
    settings,
    settings_flags,
    yes_flag,
)
from ajour.cli.output import Output, summary
from ajour.errors import Refusal, UsageError
from ajour.report import adopt, machine
from ajour.settings import Settings
from ajour.target import parse_url

_server = settings_flags(*SERVER)

_EMPTY = "it begins with an empty database"
_NO_HISTORY = (
    "no history was found there: every file is pending; `ajour adopt --from folder` records them"
)


@click.group()
def command() -> None:
    """Start, stop and look into the embedded PostgreSQL in .ajour/.

    `ajour migrate` starts it by itself when no database URL is set.
    """


@command.command()
@_server
@json_flag
@click.pass_obj
def start(output: Output, /, json: bool, **flags: Any) -> None:
    """Start it, if it does not run."""
    from ajour.engines import embedded

    found, _ = _running(output, flags)
    now = embedded.status(found.root)
    output.line(f"running: PostgreSQL {now.major}, port {now.port}, pid {now.pid}")
    output.line(f"data: {now.data}")
    if output.json:
        output.raw(machine.document("Server", port=now.port, pid=now.pid, major=now.major))


@command.command()
@json_flag
@click.pass_obj
def stop(output: Output, /, json: bool) -> None:
    """Stop it. Its data stay."""
    from ajour.engines import embedded

    stopped = embedded.stop(settings(output, {}, with_url=False).root)
    output.line("stopped" if stopped else "it was not running")
    if output.json:
        output.raw(machine.document("Stopped", was_running=stopped))


@command.command()
@_server
@settings_flags("migrations", "table")
@click.option("--no-seed", is_flag=True, help="Do not run the seed files.")
@yes_flag
@json_flag
@click.pass_obj
def reset(output: Output, /, no_seed: bool, yes: bool, json: bool, **flags: Any) -> None:
    """Replace it by a new one, and run all migrations. All data in it are lost.

    Then run supabase/seed.sql, or what supabase/config.toml names instead under [db.seed].
    """
    from ajour import seed
    from ajour.api import Project, folder_of
    from ajour.engines import base, embedded

    found = settings(output, flags, with_url=False)
    folder_of(found)  # what is wrong with the files is said before anything is lost
    seeds = seed.Seeds() if no_seed else seed.read(found)
    if embedded.status(found.root).exists:
        confirm(output, "Delete all data of the embedded PostgreSQL?", yes=yes)
    url = _reset(found)
    with Project(found, parse_url(url)) as project:
        output.findings((*project.folder.findings, *seeds.findings))
        events = project.migrate(allow_out_of_order=True, stop=output.stop)
        with hint_at_base(project):
            applied = summary(seed.then_seed(project, events, seeds), output)
    begun = base.read(found.root)
    origin = f" with the schema of {begun.source}" if begun else ""
    output.line(f"a new database{origin}: {applied} applied")
    if output.json:
        output.raw(machine.document("UpToDate", applied=applied))


@command.command(name="base")
@click.option("--from", "source", metavar="SOURCE", help="A database URL, or a plain SQL dump.")
@click.option("--none", "remove", is_flag=True, help="Begin with an empty database again.")
@_server
@settings_flags("migrations", "table", "tunnel")
@yes_flag
@json_flag
@click.pass_obj
def begin(
    output: Output, /, source: str | None, remove: bool, yes: bool, json: bool, **flags: Any
) -> None:
    """Begin with the schema of a real database, and its history.

    For a project whose first tables no file creates. The schema is read by pg_dump, the history
    is taken over, and both are what `ajour db reset` begins with from then on. No data are copied,
    but what a dump holds. SOURCE may be SUPABASE_DB_URL, as it is set in the environment or in
    .env. Without options, shows what it begins with now.
    """
    from ajour.api import folder_of
    from ajour.base import make, read_source
    from ajour.engines import base, embedded

    found = settings(output, flags, with_url=False)
    if source and remove:
        raise UsageError("--from and --none cannot be meant both.", hint="ajour db base --help")
    if source is None:
        if remove and base.remove(found.root):
            output.line("removed; the next `ajour db reset` begins with an empty database")
        now = base.read(found.root)
        output.line(f"it begins with the schema of {now.source}" if now else _EMPTY)
        if output.json:
            output.raw(machine.document("Base", source=now.source if now else None))
        return
    output.findings(folder_of(found).findings)
    taken = read_source(found, source, os.environ)
    output.findings(taken.findings)
    if embedded.status(found.root).exists:
        confirm(output, "Delete all data of the embedded PostgreSQL?", yes=yes)
    made = make(found, taken)
    output.findings(made.left_out)
    if made.adoption:
        output.lines(adopt.lines(made.adoption))
    _reset(found)
    rows = "row" if made.history == 1 else "rows"
    output.line(f"loaded {made.statements} statements of {taken.label}")
    output.lines(f"made the role {role}, without a login" for role in made.roles)
    output.line(f"history: {made.history} {rows}" if made.history else _NO_HISTORY)
    output.line("a new database; next: ajour migrate")
    if output.json:
        left = [each.message for each in made.left_out]
        numbers = {"statements": made.statements, "history": made.history}
        output.raw(machine.document("Base", source=taken.label, left_out=left, **numbers))


@command.command()
@_server
@click.pass_obj
def url(output: Output, /, **flags: Any) -> None:
    """Print its URL, password included; start it if it does not run."""
    _, address = _running(output, flags)
    output.raw(address)


@command.command()
@_server
@click.argument("words", nargs=-1)
@click.pass_obj
def psql(output: Output, /, words: tuple[str, ...], **flags: Any) -> None:
    """Open psql on it. What follows `--` goes to psql: ajour db psql -- -c "select 1"."""
    from ajour.engines.binaries import find_binaries

    found, address = _running(output, flags)
    program = find_binaries(found.postgres).program("psql")
    if program is None:
        raise Refusal(
            "The embedded PostgreSQL comes without psql.",
            hint='Install psql and give it the address: psql "$(ajour db url)"',
        )
    target = parse_url(address)
    # In the environment: the command line of a process is for everyone to read.
    login = {"PGPASSWORD": target.password or "", "PGHOST": target.host, "PGUSER": target.user}
    place = {"PGPORT": str(target.port), "PGDATABASE": target.dbname}
    os.execve(program, [str(program), *words], os.environ | login | place)  # noqa: S606 - no shell wanted


@command.command()
@settings_flags("postgres")
@json_flag
@click.pass_obj
def extensions(output: Output, /, json: bool, **flags: Any) -> None:
    """List the extensions that CREATE EXTENSION knows there.

    A stand-in is one that the PostgreSQL itself does not have. It is created like the real one,
    does what SQL can do, and raises an error when anything else is called.
    """
    from ajour.engines.binaries import find_binaries
    from ajour.engines.extensions import available

    programs = find_binaries(settings(output, flags, with_url=False).postgres)
    found = available(programs)
    width = max(len(each.name) for each in found)
    for each in found:
        output.line(f"{each.name:{width}}  {each.state:8}  {each.version or '-':8}  {each.says}")
    if output.json:
        rows = [
            {"name": each.name, "state": each.state, "version": each.version, "says": each.says}
            for each in found
        ]
        output.raw(machine.document("Extensions", postgres=programs.version, extensions=rows))


def _running(output: Output, flags: dict[str, Any]) -> tuple[Settings, str]:
    """Return the settings and the URL of the server, which is started where needed."""
    from ajour.engines import embedded

    found = settings(output, flags, with_url=False)
    url = embedded.ensure(
        found.root,
        profile=found.profile,
        binaries=found.postgres,
        storage_delete=found.storage_delete,
    )
    return found, url


def _reset(found: Settings) -> str:
    """Put new data in place of the server's; return its URL."""
    from ajour.engines import embedded

    return embedded.reset(
        found.root,
        profile=found.profile,
        binaries=found.postgres,
        storage_delete=found.storage_delete,
    )
