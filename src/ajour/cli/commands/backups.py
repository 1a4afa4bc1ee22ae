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

    Each was read back in full when it was made. Its checksum is compared now, and by
    `ajour restore` again: a file that was cut short or changed is named, and never restored.
    """
    from ajour.backup.manifest import damage, every
    from ajour.backup.places import folder

    where = folder(settings(output, flags, with_url=False))
    found = every(where)
    output.line(f"folder: {where}")
    damaged = {each.id: wrong for each in found if (wrong := damage(each))}
    output.lines(report.listed(found, damaged) if found else ["there is none"])
    if output.json:
        contents = [report.content(each, damaged.get(each.id)) for each in found]
        output.raw(machine.document("Backups", folder=where, backups=contents))
