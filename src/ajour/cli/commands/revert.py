"""ajour revert: write a new migration that undoes one."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ajour.cli.options import (
    TARGET,
    json_flag,
    open_project,
    say_where,
    settings,
    settings_flags,
)
from ajour.cli.output import Output
from ajour.cli.scratch import named_server, scratch_flag
from ajour.report import machine
from ajour.report import revert as report


@click.command()
@click.argument("name", required=False)
@settings_flags(*TARGET, "backup_folder")
@scratch_flag
@click.option("--unproven", is_flag=True, help="Write it even where it could not be proven.")
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    name: str | None,
    scratch: str | None,
    unproven: bool,
    json: bool,
    **flags: Any,
) -> None:
    """Write a migration that undoes NAME, or the last applied one: YYYYMMDD_revert_<name>.sql.

    The inverse is taken from the schema before and after NAME, with grants, comments, indexes and
    all else that hangs on what comes back. It is proven on a scratch database: applied, undone,
    applied again, and each time the schemas are compared. It is refused where a later migration
    depends on NAME. Nothing is run on the project's database.

    What cannot come back, such as the rows of a dropped table, is said in the file at its place,
    and stops the file there until you have edited it.
    """
    from ajour.revert import revert

    found = settings(output, flags)
    server = named_server(output, scratch)
    with open_project(found) as project:
        say_where(output, project)
        output.findings(project.folder.findings)
        written = revert(project, name, server, datetime.now(UTC), unproven=unproven)
    path = os.path.relpath(written.path, Path.cwd())
    trial, commands = written.trial, dict(written.restores)
    lost = [(each.what, commands.get(each)) for each in trial.inverse.lost]
    known = [each.what for each in trial.inverse.losses if not each.stops]
    output.lines(report.lines(path, lost, known))
    output.lines(report.summary(written.undoes, trial.why_not, len(lost)))
    if output.json:
        content = {
            "path": path,
            "undoes": written.undoes,
            "proven": trial.why_not is None,
            "why_not": trial.why_not,
            "lost": [{"what": what, "restore": restore} for what, restore in lost],
            "reordered": [str(each) for each in trial.reordered],
            "emptied": list(trial.emptied),
        }
        output.raw(machine.document("Reverted", **content))
