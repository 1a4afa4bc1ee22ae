"""ajour restore: bring a backup back, or tables of it."""

from datetime import UTC, datetime
from typing import Any

import click

from ajour.cli.options import (
    TARGET,
    confirm,
    json_flag,
    open_project,
    relations,
    say_where,
    settings,
    settings_flags,
    yes_flag,
)
from ajour.cli.output import Output
from ajour.report import backup as report
from ajour.report import machine
from ajour.report.words import some
from ajour.saved import Restored

HISTORY = ("table",)


@click.command()
@click.argument("file")
@click.option(
    "--table", "only", multiple=True, metavar="TABLE", help="Only this table; can be repeated."
)
@click.option("--into", metavar="URL", help="Another database than the project's.")
@click.option("--replace", "replace_rows", is_flag=True, help="With --table: in place of its rows.")
@settings_flags(*(name for name in TARGET if name not in HISTORY), "backup_folder")
@yes_flag
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    file: str,
    only: tuple[str, ...],
    into: str | None,
    replace_rows: bool,
    yes: bool,
    json: bool,
    **flags: Any,
) -> None:
    """Bring a backup back. FILE is a file, or the id that `ajour backups` shows.

    One transaction does it all: the first error undoes it. All of a backup goes into an empty
    database; where its tables are there already, it asks, or takes --yes, and replaces them.

    With --table, a table that is gone is made again; an empty one gets its rows back. A table that
    has rows, or has lost a column since, stays as it is: the saved rows come into a new table
    beside it, <table>_restored_<time>, and you are told how to take a lost column from there.
    """
    from ajour.backup.manifest import find
    from ajour.backup.places import folder
    from ajour.backup.restore import Restore

    found = settings(output, flags | ({"url": into} if into else {}))
    backup = find(folder(found), file)
    with open_project(found) as project:
        say_where(output, project)
        run = Restore(project, backup)
        run.begin()
        fates: tuple[Restored, ...] = ()
        if only:
            tables = relations(only)
            if replace_rows:
                confirm(output, f"Replace all rows of {some(only)}?", yes=yes)
            fates = run.tables(tables, datetime.now(UTC), replace_rows=replace_rows)
            output.lines(report.restored(fates, run.quoted(fates)))
            if columns := run.without_large_objects(tables):
                output.line(report.large_objects(columns))
        else:
            there = run.in_the_way()
            if there:
                confirm(output, f"Replace {some(there)} and all else in the backup?", yes=yes)
            count = run.whole(overwrite=bool(there))
            output.lines(f"left out: {line}" for line in run.left_out)
            output.line(f"restored: {count} {'table' if count == 1 else 'tables'}")
        if output.json:
            output.raw(machine.document("Restored", id=backup.id, tables=fates))
