"""ajour repair: mend the history where it and the folder disagree. Runs no migration."""

from typing import Any

import click

from ajour import repair
from ajour.cli.options import (
    TARGET,
    confirm,
    json_flag,
    open_project,
    say_where,
    settings,
    settings_flags,
    yes_flag,
)
from ajour.cli.output import Output
from ajour.errors import UsageError
from ajour.report import machine
from ajour.report.repair import line

Names = tuple[str, ...]


@click.command()
@click.option("--accept", metavar="NAME", multiple=True, help="Take an edited file as it is now.")
@click.option(
    "--rename", metavar="OLD NEW", multiple=True, nargs=2, help="Follow a file to its new name."
)
@click.option("--forget", metavar="NAME", multiple=True, help="Take a row out of the history.")
@click.option("--mark-applied", metavar="NAME", multiple=True, help="Record a file; do not run it.")
@settings_flags(*TARGET)
@yes_flag
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    accept: Names,
    rename: tuple[tuple[str, str], ...],
    forget: Names,
    mark_applied: Names,
    yes: bool,
    json: bool,
    **flags: Any,
) -> None:
    """Mend the history where it and the folder disagree. No migration is run.

    Says what it will do and asks, or takes --yes. All is done in one transaction.
    """
    if not (accept or rename or forget or mark_applied):
        raise UsageError("Nothing to repair was named.", hint="ajour repair --help")
    found = settings(output, flags)
    with open_project(found) as project:
        say_where(output, project)
        folder, history = project.folder, project.state().history
        repairs = repair.together(
            *(repair.rename(folder, history, old, new) for old, new in rename),
            *(repair.accept(folder, history, name) for name in accept),
            *(repair.forget(folder, history, name) for name in forget),
            *(repair.mark_applied(folder, history, name) for name in mark_applied),
        )
        output.lines(map(line, repairs))
        confirm(output, "Change the history like this?", yes=yes)
        project.repair(repairs)
        output.line("repaired")
        if output.json:
            done = [{"kind": each.kind, "name": each.name} for each in repairs]
            output.raw(machine.document("Repaired", repairs=done))
