"""ajour test: everything that continuous integration asks of migrations, in one report."""

from collections.abc import Iterator
from typing import Any

import click

from ajour.api import folder_of
from ajour.cli.options import SERVER, json_flag, level_flag, settings, settings_flags
from ajour.cli.output import Output
from ajour.model import Level
from ajour.report import findings, github, junit, machine, text
from ajour.verify import Verified, verify

TITLE = "ajour test"

LAST = 10
"""Files that are undone where nobody says which ones are new."""


@click.command()
@settings_flags("migrations", "table", "rules", *SERVER)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "json", "junit", "markdown"]),
    default="text",
    help="How the report is written.",
)
@level_flag
@click.option(
    "--since",
    metavar="GITREF",
    help="Check and undo only files that are new since this commit. All of them run.",
)
@click.option(
    "--inverse",
    type=click.Choice(["new", "all", "none"]),
    default="new",
    help=f"Which files are undone: those of --since, without it the last {LAST}; all; none.",
)
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    form: str,
    level: Level,
    since: str | None,
    inverse: str,
    json: bool,
    **flags: Any,
) -> int:
    """Run all migrations from nothing, undo and check them, on a throwaway server.

    New files are undone on a copy, by the inverse that `ajour revert` would write, and applied
    again: both times the schemas are compared. That takes about a second for each. What of the
    schema does not come back is a warning, an inverse that is not proven an error; a comment
    above any statement of the file allows it: -- ajour: allow inverse-loses <reason>.

    What they make is compared with the schema files, where there are any: those of `schema_paths`
    in supabase/config.toml, else supabase/schema.sql. Then the files are looked at as `ajour
    check` does. No database of the project is connected to. Exits with 1 if a file does not run,
    if the schemas differ, or if there are findings of the level or above that are not allowed.
    """
    form = "json" if json else form
    output.json = form == "json"
    found = settings(output, flags, with_url=False)
    folder = folder_of(found)
    output.findings(folder.findings)
    every = tuple(file.name for file in folder.migrations)
    names = frozenset(every)
    if since is not None:
        from ajour.engines.git import new_since  # starts a program: only where one is wanted

        names &= new_since(since, folder.path)
    new = names if since is not None else every[-LAST:]
    undone = {"new": new, "all": every, "none": ()}[inverse]
    seen = verify(found, folder, names, frozenset(undone))
    files = [file.path for file in folder.migrations] + list(seen.schema)
    output.report(_written(form, seen, files, level))
    return int(any(each.fails(level) for each in seen.findings))


def _written(form: str, seen: Verified, files: list[str], level: Level) -> Iterator[str]:
    """Yield the lines of the report."""
    said = seen.findings
    match form:
        case "github":
            yield from github.lines(said)
        case "json":
            yield machine.document(
                "Tested",
                applied=seen.applied,
                undone=seen.undone,
                schema=seen.schema,
                files=files,
                findings=said,
            )
        case "junit":
            yield junit.document(said, files, level, TITLE)
        case "markdown":
            yield from findings.markdown(said, len(files), TITLE)
        case _:
            for each in said:
                yield from text.finding(each, source=True)
            undone = f", {seen.undone} undone and applied again" if seen.undone else ""
            schema = f", compared with {', '.join(seen.schema)}" if seen.schema else ""
            yield f"{seen.applied} run from nothing{undone}{schema}"
            yield findings.summary(said, len(files))
