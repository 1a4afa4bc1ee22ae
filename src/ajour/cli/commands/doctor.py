"""ajour doctor: what is between here and the next migration, step by step."""

from collections.abc import Iterator
from typing import Any

import click

from ajour.cli.options import TARGET, json_flag, settings_flags
from ajour.cli.output import Output
from ajour.model import Check
from ajour.report import doctor, machine


@click.command()
@settings_flags(*TARGET, "lock_timeout", "statement_timeout")
@json_flag
@click.pass_obj
def command(output: Output, /, json: bool, **flags: Any) -> int:
    """Look at all that a migration needs, and say what to do about what is not right.

    Settings, address, TLS, login, pooler, server, rights, timeouts, disk, history. Changes
    nothing. Exits with 1 if something failed. Without a database URL it looks at the embedded
    PostgreSQL.
    """
    found = []
    for check in _checks(flags):
        found.append(check)
        output.lines(doctor.lines(check))
    output.line(doctor.summary(found))
    if output.json:
        output.raw(machine.document("Doctor", checks=found))
    return int(any(check.verdict == "failed" for check in found))


def _checks(flags: dict[str, Any]) -> Iterator[Check]:
    import os
    from pathlib import Path

    from ajour.config import load
    from ajour.doctor.order import checks
    from ajour.doctor.way import refused
    from ajour.errors import UsageError

    try:
        settings = load(Path.cwd(), flags, os.environ)
    except UsageError as wrong:
        yield refused("configuration", wrong)
        return
    yield from checks(settings)
