"""ajour drift: what the database has that its migrations do not make, and the other way round."""

import os
from dataclasses import replace
from typing import Any

import click

from ajour.cli.options import TARGET, json_flag, open_project, say_where, settings, settings_flags
from ajour.cli.output import Output
from ajour.config import password_on_command_line
from ajour.report import drift as report
from ajour.report import machine
from ajour.target import Target, parse_url


@click.command()
@settings_flags(*TARGET)
@click.option(
    "--scratch",
    metavar="URL",
    help="A server to replay them on, in a new database that is dropped afterwards."
    " Without it: an embedded one.",
)
@json_flag
@click.pass_obj
def command(output: Output, /, scratch: str | None, json: bool, **flags: Any) -> int:
    """Show what the database has that its migrations do not make, and the other way round.

    The files that the history lists are run on a scratch database, and the two schemas compared.
    Pending files, rows, and the schemas that Supabase manages do not count. Changes nothing.
    The exit code is 1 when there is a difference.
    """
    from ajour import drift

    found = settings(output, flags)
    server = _server(output, scratch)
    with open_project(found) as project:
        say_where(output, project)
        output.findings(project.folder.findings)
        seen = drift.find(project, server)
    output.findings(seen.findings)
    output.lines(report.lines(seen.differences))
    output.line(report.summary(seen.differences, seen.replayed, seen.base))
    if output.json:
        content = report.content(seen.differences)
        output.raw(
            machine.document("Drift", replayed=seen.replayed, base=seen.base, differences=content)
        )
    return 1 if seen.differences else 0


def _server(output: Output, url: str | None) -> Target | None:
    """Return where --scratch leads; a password on the command line is warned of."""
    if url is None:
        return None
    target = parse_url(url)
    if target.password is None:
        return replace(target, password=os.environ.get("PGPASSWORD"))
    if not target.is_local:
        output.findings([password_on_command_line()])
    return target
