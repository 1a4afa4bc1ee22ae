"""ajour adopt: take over the history that another tool keeps in the database."""

from typing import Any

import click

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
from ajour.report import adopt as report
from ajour.report import machine

SOURCE = (
    "What to take over: supabase, dbmate, golang-migrate, flyway, goose or sqlx; another table as"
    " schema.table; or `folder`, where nothing was kept and every file was run."
)


@click.command()
@click.option("--from", "source", metavar="SOURCE", help=SOURCE)
@click.option("--dry-run", is_flag=True, help="Show what would be taken over and change nothing.")
@settings_flags(*TARGET)
@yes_flag
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    source: str | None,
    dry_run: bool,
    yes: bool,
    json: bool,
    **flags: Any,
) -> None:
    """Take over the history that another tool keeps in the same database. Runs no migration.

    Shows which of its rows means which file, and what cannot be matched; then it asks, or takes
    --yes. A row is matched by file name, by what was run, and by its version where that leaves no
    choice. The other tool's table stays as it is.
    """
    from ajour import adopt, takeover

    found = settings(output, flags)
    with open_project(found) as project:
        say_where(output, project)
        adoption = takeover.look(project, source)
        output.findings(adopt.warnings(adoption, project.folder.migrations))
        output.lines(report.lines(adoption))
        written = bool(adoption.matches) and not dry_run
        if written:
            count = len(adoption.matches)
            noun = "row" if count == 1 else "rows"
            confirm(output, f"Write {count} {noun} into {found.table}?", yes=yes)
            takeover.write(project, adoption)
        output.line(f"taken over: {len(adoption.matches)}" if written else "nothing was written")
        if output.json:
            output.raw(machine.document("Adopted", written=written, **report.content(adoption)))
