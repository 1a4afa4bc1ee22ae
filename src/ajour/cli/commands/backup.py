"""ajour backup: save the database to a file, and read the file back."""

from datetime import UTC, datetime
from typing import Any

import click

from ajour.cli.options import (
    BACKUP,
    TARGET,
    json_flag,
    open_project,
    relations,
    say_where,
    settings,
    settings_flags,
)
from ajour.cli.output import Output
from ajour.report import backup as report
from ajour.report import machine

WITHOUT_HISTORY = tuple(name for name in TARGET if name != "table")


@click.command()
@click.option(
    "--table", "only", multiple=True, metavar="TABLE", help="Only this table; can be repeated."
)
@settings_flags(*WITHOUT_HISTORY, *BACKUP)
@json_flag
@click.pass_obj
def command(output: Output, /, only: tuple[str, ...], json: bool, **flags: Any) -> None:
    """Save the database to a file: the project's schemas, with their rows.

    By pg_dump, of the server's major version or a newer one; where there is none, by COPY, with
    the definitions of all that is in the schemas, but without large objects. The file is read back
    in full before it counts. It holds all data: only you can read it.
    """
    from ajour.backup.dump import make

    found = settings(output, flags)
    tables = relations(only)
    with open_project(found) as project:
        say_where(output, project)
        made = make(project, datetime.now(UTC), only=tables)
    if made.why_copied:
        output.line(f"made by COPY: {made.why_copied}")
    output.line(report.made(made.backup))
    output.lines(f"deleted the older backup {each.id}" for each in made.deleted)
    if output.json:
        deleted = [each.id for each in made.deleted]
        said = {"deleted": deleted, "why_copied": made.why_copied}
        output.raw(machine.document("Backup", **report.content(made.backup), **said))
