"""ajour fetch: write files back that the history knows and the folder lacks."""

from typing import Any

import click

from ajour.cli.options import TARGET, json_flag, open_project, say_where, settings, settings_flags
from ajour.cli.output import Output
from ajour.report import machine


@click.command()
@settings_flags(*TARGET)
@json_flag
@click.pass_context
def command(context: click.Context, /, json: bool, **flags: Any) -> None:
    """Write files back that the history knows and the folder lacks. Overwrites nothing.

    The history keeps what was run. Rows that no file can be written for are named, and the exit
    code is 1 then.
    """
    from ajour.fetch import fetch

    output: Output = context.obj
    with open_project(settings(output, flags)) as project:
        say_where(output, project)
        done = fetch(project)
        output.lines(f"wrote {path}" for path in done.written)
        output.lines(
            f"left out {name if name.isprintable() else ascii(name)}: {why}"
            for name, why in done.left
        )
        if not (done.written or done.left):
            output.line("nothing to do: every file is there")
        if output.json:
            left = [{"name": name, "why": why} for name, why in done.left]
            output.raw(machine.document("Fetched", paths=done.written, left=left))
        if done.left:
            context.exit(1)
