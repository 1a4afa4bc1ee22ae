"""ajour new: write an empty migration with a name that sorts after all others."""

import os
from pathlib import Path
from typing import Any

import click

from ajour.cli.options import json_flag, settings, settings_flags
from ajour.cli.output import Output
from ajour.report import machine
from ajour.scaffold import new_migration


@click.command()
@click.argument("description", nargs=-1, required=True)
@settings_flags("migrations")
@json_flag
@click.pass_obj
def command(output: Output, /, description: tuple[str, ...], json: bool, **flags: Any) -> None:
    """Write an empty migration: YYYYMMDD_description.sql.

    Its name sorts after all that are in the folder, and its sections say what belongs where.
    """
    found = settings(output, flags, with_url=False)
    path = os.path.relpath(new_migration(found, " ".join(description)), Path.cwd())
    output.line(f"created {path}")
    if output.json:
        output.raw(machine.document("Created", paths=[path]))
