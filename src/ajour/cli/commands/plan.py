"""ajour plan: what a deploy would do to this database, before it does."""

from pathlib import Path
from typing import Any

import click

from ajour.cli.options import (
    TARGET,
    json_flag,
    level_flag,
    open_project,
    say_where,
    settings,
    settings_flags,
)
from ajour.cli.output import Output
from ajour.model import Level


@click.command()
@settings_flags(*TARGET, "show_detail")
@level_flag
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Keep the plan.")
@click.option(
    "--check-timeout",
    type=click.IntRange(1),
    default=5,
    help="Seconds that one look at the rows of a table may take; without it, 5.",
)
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    level: Level,
    save: Path | None,
    check_timeout: int,
    json: bool,
    **flags: Any,
) -> int:
    """Say what the pending migrations would lock, rewrite and fail on, in this database.

    Looks at sizes, at who holds locks now, and at the rows that would make a statement fail. All
    is read in transactions that the server keeps from writing. What is kept with --save is what
    `ajour migrate --plan FILE` and `ajour deploy --plan FILE` hold the database to. Exits with 1
    if there are findings of the level or above that are not allowed.
    """
    from ajour import forecast
    from ajour.report import plan, text

    found = settings(output, flags)
    with open_project(found) as project:
        say_where(output, project)
        output.findings(project.folder.findings)
        seen, rests_on = forecast.make(project, check_timeout * 1000)
    document = forecast.document(seen, rests_on)
    output.lines(plan.lines(seen))
    for each in seen.findings:
        output.lines(text.finding(each))
    if output.json:
        output.raw(document)
    if save is not None:
        save.write_text(f"{document}\n", "utf-8")
    output.line(plan.summary(seen.migrations))
    return int(any(each.fails(level) for each in seen.findings))
