"""ajour status: what is applied, what is pending, and what does not fit."""

from typing import Any

import click

from ajour.cli.options import (
    TARGET,
    json_flag,
    open_project,
    say_stand_ins,
    say_where,
    settings,
    settings_flags,
)
from ajour.cli.output import Output
from ajour.report import machine, status


@click.command()
@settings_flags(*TARGET)
@json_flag
@click.pass_obj
def command(output: Output, /, json: bool, **flags: Any) -> None:
    """Show what is applied, what is pending, and what does not fit. Changes nothing."""
    found = settings(output, flags)
    with open_project(found) as project:
        project.session.begin()  # while the files are read
        say_where(output, project)
        output.findings(project.folder.findings)
        comparison = project.compare()
        output.lines(status.lines(comparison))
        stand_ins = say_stand_ins(output, project)
        if output.json:
            content = status.content(comparison)
            output.raw(machine.document("Status", **content, stand_ins=stand_ins))
