"""ajour new: write an empty migration, or the soft form of one that destroys."""

import os
from pathlib import Path
from typing import Any

import click

from ajour.cli.options import SERVER, json_flag, open_project, settings, settings_flags
from ajour.cli.output import Output
from ajour.report import machine
from ajour.scaffold import new_migration
from ajour.settings import Settings


@click.command()
@click.argument("description", nargs=-1, required=True)
@click.option(
    "--reversible",
    is_flag=True,
    help="DESCRIPTION is a pending migration: put what it drops away instead.",
)
@settings_flags("url", "migrations", "table", *SERVER, "tunnel")
@json_flag
@click.pass_obj
def command(
    output: Output, /, description: tuple[str, ...], reversible: bool, json: bool, **flags: Any
) -> None:
    """Write an empty migration: YYYYMMDD_description.sql.

    Its name sorts after all that are in the folder, and its sections say what belongs where.

    With --reversible, a pending migration that drops columns or tables is rewritten: a column is
    renamed to _dropped_<column>, a table moved to the schema _trash. Clients no longer find it,
    the rows stay, and `ajour revert` brings it back whole. Drop it in a later migration.
    """
    words = " ".join(description)
    found = settings(output, flags, with_url=reversible)
    if reversible:
        _soften(output, found, words)
        return
    path = os.path.relpath(new_migration(found, words), Path.cwd())
    output.line(f"created {path}")
    if output.json:
        output.raw(machine.document("Created", paths=[path]))


def _soften(output: Output, found: Settings, name: str) -> None:
    from ajour.soften import soften

    with open_project(found) as project:
        done = soften(project, name)
    path = done.file.path
    for line in done.lines:
        output.line(f"{path}:{line}: what is dropped here is put away instead")
    for line, why in done.left:
        output.line(f"{path}:{line}: left as it is. {why}")
    if output.json:
        left = [{"line": line, "why": why} for line, why in done.left]
        output.raw(machine.document("Softened", path=path, lines=list(done.lines), left=left))
