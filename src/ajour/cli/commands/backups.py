"""ajour backups: what has been saved."""

from typing import Any

import click

from ajour.cli.options import json_flag, settings, settings_flags
from ajour.cli.output import Output
from ajour.report import backup as report
from ajour.report import machine


@click.command()
@settings_flags("backup_folder")
@json_flag
@click.pass_obj
def command(output: Output, /, json: bool, **flags: Any) -> None:
    """List the project's backups, the newest first. No database is needed.

    Each was read back in full when it was made; `ajour restore` compares its checksum again.
    """
    from ajour.backup.manifest import every
    from ajour.backup.places import folder

    where = folder(settings(output, flags, with_url=False))
    found = every(where)
    output.line(f"folder: {where}")
    output.lines(report.listed(found) if found else ["there is none"])
    if output.json:
        output.raw(
            machine.document("Backups", folder=where, backups=list(map(report.content, found)))
        )
