"""ajour drift: what the database has that its migrations do not make, and the other way round."""

from typing import Any

import click

from ajour.cli.options import TARGET, json_flag, open_project, say_where, settings, settings_flags
from ajour.cli.output import Output
from ajour.cli.scratch import named_server, scratch_flag
from ajour.report import drift as report
from ajour.report import machine


@click.command()
@settings_flags(*TARGET)
@scratch_flag
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
    server = named_server(output, scratch)
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
