"""The flag --scratch of the commands that try things on a scratch database."""

import os
from dataclasses import replace

import click

from ajour.cli.output import Output
from ajour.config import password_on_command_line
from ajour.target import Target, parse_url

scratch_flag = click.option(
    "--scratch",
    metavar="URL",
    help="A server to run them on, in a new database that is dropped afterwards."
    " Without it: an embedded one.",
)


def named_server(output: Output, url: str | None) -> Target | None:
    """Return where a URL leads; a password on the command line is warned of."""
    if url is None:
        return None
    target = parse_url(url)
    if target.password is None:
        return replace(target, password=os.environ.get("PGPASSWORD"))
    if not target.is_local:
        output.findings([password_on_command_line()])
    return target
