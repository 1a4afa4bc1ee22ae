"""ajour db: the embedded PostgreSQL of the project."""

import os
from typing import Any

import click

from ajour.cli.options import confirm, json_flag, settings, settings_flags, yes_flag
from ajour.cli.output import Output, summary
from ajour.errors import Refusal
from ajour.report import machine
from ajour.settings import Settings
from ajour.target import parse_url

_server = settings_flags("profile", "postgres")


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
@yes_flag
@json_flag
@click.pass_obj
def reset(output: Output, /, yes: bool, json: bool, **flags: Any) -> None:
    """Replace it by a new one, and run all migrations. All data in it are lost."""
    from ajour.api import Project, folder_of
    from ajour.engines import embedded

    found = settings(output, flags, with_url=False)
    folder_of(found)  # what is wrong with it is said before anything is lost
    if embedded.status(found.root).exists:
        confirm(output, "Delete all data of the embedded PostgreSQL?", yes=yes)
    url = embedded.reset(found.root, profile=found.profile, binaries=found.postgres)
    with Project(found, parse_url(url)) as project:
        output.findings(project.folder.findings)
        applied = summary(project.migrate(allow_out_of_order=True, stop=output.stop), output)
    output.line(f"a new database: {applied} applied")
    if output.json:
        output.raw(machine.document("UpToDate", applied=applied))


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


def _running(output: Output, flags: dict[str, Any]) -> tuple[Settings, str]:
    """Return the settings and the URL of the server, which is started where needed."""
    from ajour.engines import embedded

    found = settings(output, flags, with_url=False)
    return found, embedded.ensure(found.root, profile=found.profile, binaries=found.postgres)
