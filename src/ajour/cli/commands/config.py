"""ajour config: each setting, its value, and where that came from."""

from typing import Any

import click

from ajour.cli.options import ALL, json_flag, settings, settings_flags
from ajour.cli.output import Output
from ajour.report import machine
from ajour.settings import describe


@click.command()
@settings_flags(*ALL)
@json_flag
@click.pass_obj
def command(output: Output, /, json: bool, **flags: Any) -> None:
    """Show each setting, its value, and where that came from. Passwords are masked."""
    rows = describe(settings(output, flags))
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    output.lines(f"{name:{wide[0]}}  {value:{wide[1]}}  {origin}" for name, value, origin in rows)
    if output.json:
        known = {name: {"value": value, "origin": origin} for name, value, origin in rows}
        output.raw(machine.document("Config", settings=known))
