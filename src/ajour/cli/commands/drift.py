"""ajour drift: what the database has that its migrations do not make, and the other way round."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ajour.api import Project
from ajour.cli.options import TARGET, json_flag, open_project, say_where, settings, settings_flags
from ajour.cli.output import Output
from ajour.cli.scratch import named_server, scratch_flag
from ajour.naming import slug
from ajour.report import drift as report
from ajour.report import machine
from ajour.scaffold import write_migration
from ajour.target import Target

if TYPE_CHECKING:
    from ajour.draft import Draft
    from ajour.drift import Drift

PRINT = "-"
"""In place of a name: the draft goes to standard output."""


@click.command()
@settings_flags(*TARGET)
@scratch_flag
@click.option(
    "--sql",
    "named",
    metavar="NAME",
    help="Write the differences as a draft of a migration, YYYYMMDD_<NAME>.sql; - prints it.",
)
@json_flag
@click.pass_obj
def command(
    output: Output, /, scratch: str | None, named: str | None, json: bool, **flags: Any
) -> int:
    """Show what the database has that its migrations do not make, and the other way round.

    The files that the history lists are run on a scratch database, and the two schemas compared.
    Pending files, rows, and the schemas that Supabase manages do not count. Nothing is changed
    there. The exit code is 1 when there is a difference.

    With --sql the files take over what was made by hand: the draft makes, behind the applied
    migrations, what the database has. It is tried on the scratch database. What is not mechanical
    stands in it as a comment: read it. The database has all of it already; there, record the file
    without running it: ajour repair --mark-applied <file>.
    """
    if named not in (None, PRINT):
        slug(named)  # a name that is none is said before the long part
    found = settings(output, flags)
    server = named_server(output, scratch)
    prints = named == PRINT and not output.json
    with open_project(found) as project:
        if not prints:
            say_where(output, project)
        output.findings(project.folder.findings)
        seen, made = _looked(project, server, drafts=named is not None)
    output.findings(seen.findings)
    if prints:
        output.report(made.text.splitlines() if made else ())
        return 1 if seen.differences else 0
    path = None
    if named not in (None, PRINT) and made is not None:
        written = write_migration(found, named, made.text, datetime.now(UTC))
        path = os.path.relpath(written, Path.cwd())
    output.lines(report.lines(seen.differences))
    output.line(report.summary(seen.differences, seen.replayed, seen.base))
    if path is not None and made is not None:
        output.lines(report.drafted(path, made.why_not, made.pending))
    if output.json:
        output.raw(_document(seen, path, made))
    return 1 if seen.differences else 0


def _document(seen: "Drift", path: str | None, made: "Draft | None") -> str:
    return machine.document(
        "Drift",
        replayed=seen.replayed,
        base=seen.base,
        differences=report.content(seen.differences),
        draft=made and {"path": path, "sql": made.text, "why_not": made.why_not},
    )


def _looked(
    project: Project, server: Target | None, *, drafts: bool
) -> "tuple[Drift, Draft | None]":
    if drafts:
        from ajour.draft import draft

        return draft(project, server)
    from ajour.drift import find

    return find(project, server), None
