"""ajour init: make the folder of migrations and the files beside it."""

from pathlib import Path

import click

from ajour.cli.options import json_flag
from ajour.cli.output import Output
from ajour.report import machine
from ajour.scaffold import new_project


@click.command()
@json_flag
@click.pass_obj
def command(output: Output, /, json: bool) -> None:
    """Make what a project needs, in the current folder. What is there stays as it is."""
    made = list(new_project(Path.cwd()))
    output.lines(f"created {line}" for line in made)
    if not made:
        output.line("nothing to do: all of it is there")
    output.line('next: ajour new "what changes", then ajour migrate')
    if output.json:
        output.raw(machine.document("Created", paths=[line.split()[0] for line in made]))
