"""ajour rehearse: run what is pending on a copy of production's shape, and measure it."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from ajour.errors import UsageError
from ajour.report import machine
from ajour.report import rehearse as report

if TYPE_CHECKING:
    from ajour.rehearse.run import Rows


@click.command()
@settings_flags(*TARGET, "backup_folder")
@click.option(
    "--from",
    "origin",
    metavar="URL|FILE",
    help="Take shape and history from this database instead, or from a plain SQL dump: then there"
    " is no proof.",
)
@click.option(
    "--from-backup",
    "saved",
    metavar="FILE|ID",
    help="Use the schema and the real rows of a backup of `ajour backup`. Then there is no proof.",
)
@scratch_flag
@click.option(
    "--rows",
    metavar="N|P%",
    help="Fill each table with as many rows as it has, but at most N, or with P% of them."
    " Without it: at most 1000.",
)
@click.option("--markdown", is_flag=True, help="Write a comment for a pull request.")
@click.option(
    "--proof",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the proof there as well, for `ajour deploy --require-rehearsal FILE`.",
)
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    origin: str | None,
    saved: str | None,
    scratch: str | None,
    rows: str | None,
    markdown: bool,
    proof: Path | None,
    json: bool,
    **flags: Any,
) -> int:
    """Run what is pending on a copy of production's shape, and say what it does.

    Schema, history and sizes are read from the database (--url, or SUPABASE_DB_URL); the copy is
    filled with made-up rows that satisfy its constraints. There each statement runs for real: its
    locks and how long they are held, rewrites, scans, index builds, WAL and time are measured, and
    the time estimated for the size that production has. The database itself is only read. A
    rehearsal leaves a proof, which `ajour deploy --require-rehearsal` asks for. The exit code is 1
    when a statement fails, or when files out of order lead to another schema.
    """
    from ajour.backup.manifest import find
    from ajour.backup.places import folder
    from ajour.base import from_file
    from ajour.rehearse import proof as proofs
    from ajour.rehearse.run import rehearse

    wanted = _rows(rows)
    found = settings(output, flags)
    if origin and "://" in origin:
        found, origin = replace(found, url=named_server(output, origin)), None
    server = named_server(output, scratch)
    kept = None
    with open_project(found) as project:
        quiet = markdown and not json
        if not quiet:
            say_where(output, project)
        output.findings(project.folder.findings)
        source = from_file(found, Path(origin)) if origin else None
        backup = find(folder(found), saved) if saved else None
        seen, target = rehearse(project, server, wanted, source=source, backup=backup)
        if target is not None and seen.migrations:
            kept = proofs.write(project, seen, target, datetime.now(UTC), proof)
    output.findings(seen.findings)
    if quiet:
        output.report(report.markdown(seen))
    else:
        output.lines(report.lines(seen))
        if kept:
            output.line(f"proof: {os.path.relpath(kept)}")
        output.line(report.summary(seen))
    if output.json:
        output.raw(
            machine.document("Rehearsal", **machine.fields_of(seen), passed=seen.passed, proof=kept)
        )
    return 0 if seen.passed else 1


def _rows(text: str | None) -> "Rows":
    from ajour.rehearse.run import Rows

    if text is None:
        return Rows()
    found = re.fullmatch(r"(\d+)|(\d+(?:\.\d+)?)%", text.strip())
    if not found:
        raise UsageError(
            f"--rows takes a number or a share, not {text!r}.", hint="--rows 5000, or --rows 10%"
        )
    return Rows(most=int(found[1])) if found[1] else Rows(None, float(found[2]))
