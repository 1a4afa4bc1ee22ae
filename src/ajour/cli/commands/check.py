"""ajour check: what in the files locks, destroys, breaks or opens; without a database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from ajour.api import circumstances, folder_of, near
from ajour.check import Circumstances, check
from ajour.cli.options import json_flag, level_flag, settings, settings_flags
from ajour.cli.output import Output
from ajour.errors import UsageError
from ajour.files import read_file
from ajour.model import Finding, Level, Migration
from ajour.report import findings, github, junit, machine, sarif, text
from ajour.rules import pages
from ajour.settings import Settings


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@settings_flags("migrations", "profile", "table", "rules")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "sarif", "json", "junit", "markdown"]),
    default="text",
    help="How findings are written.",
)
@level_flag
@click.option("--since", metavar="GITREF", help="Only files that are new since this commit.")
@click.option("--major", type=click.IntRange(13, 18), help="The server's major version.")
@click.option("--fix", is_flag=True, help="Write what can be mended mechanically into the files.")
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    files: tuple[Path, ...],
    form: str,
    level: Level,
    since: str | None,
    major: int | None,
    fix: bool,
    json: bool,
    **flags: Any,
) -> int:
    """Look for what locks, destroys, breaks or opens, and say what to write instead.

    Needs no database. Without FILES, all files of the folder are looked at. What is meant can be
    allowed, in a line above the statement: `-- ajour: allow drop-table <reason>`. Exits with 1 if
    there are findings of the level or above that are not allowed.
    """
    form = "json" if json else form
    output.json = form == "json"
    found = settings(output, flags, with_url=False)
    chosen = _choose(output, found, files, since)
    where = circumstances(found, major)
    if fix:
        chosen = _fix(output, chosen, where, named=bool(files or since))
    said = [each for part in chosen for each in check(part.files, where, only=part.only)]
    names = [file.path for part in chosen for file in part.files if file.name in part.only]
    output.report(_WRITERS[form](said, names, level))
    return int(any(each.fails(level) for each in said))


@dataclass(frozen=True, slots=True)
class _Part:
    """Files that are read together, in the order they run, and which of them are judged."""

    files: Sequence[Migration]
    only: frozenset[str]


def _choose(
    output: Output, found: Settings, files: tuple[Path, ...], since: str | None
) -> list[_Part]:
    """Return what is to be judged. A file outside of the folder stands for itself."""
    folder = near(found.migrations)
    inside = [file for file in files if file.resolve().parent == found.migrations.resolve()]
    alone = [read_file(near(file.absolute())) for file in files if file not in inside]
    if files and not inside and since is None:
        return [_Part((file,), frozenset({file.name})) for file in alone]
    whole = folder_of(found)
    output.findings(() if files else whole.findings)
    names = frozenset(file.name for file in whole.migrations)
    missing = {file.name for file in inside} - names
    if missing:
        raise UsageError(f"There is no migration {folder / min(missing)}.")
    if files:
        names = frozenset(file.name for file in inside)
    if since is not None:
        from ajour.engines.git import new_since  # starts a program: only where one is wanted

        names &= new_since(since, folder)
    return [
        _Part(whole.migrations, names),
        *(_Part((file,), frozenset({file.name})) for file in alone),
    ]


def _fix(output: Output, chosen: list[_Part], where: Circumstances, *, named: bool) -> list[_Part]:
    """Mend the files, and return what there is to be judged now. Raises UsageError."""
    from ajour.fix import fixed, write

    if not named:
        raise UsageError(
            "--fix writes into files, and which of the folder were executed is not known here.",
            hint="Name files that were not: ajour check --fix FILES…, or --fix --since main.",
        )
    mended = []
    for part in chosen:
        now = list(part.files)
        for at, file in enumerate(now):
            if file.name in part.only:
                new, count = fixed(now, where, file)
                if count:
                    write(new)
                    now[at] = new
                    output.line(f"fixed    {file.path}: {count}")
        mended.append(replace(part, files=now))
    return mended


_Writer = Callable[[Sequence[Finding], Sequence[str], Level], Iterator[str]]


def _as_text(said: Sequence[Finding], names: Sequence[str], level: Level) -> Iterator[str]:
    for each in said:
        yield from text.finding(each, source=True)
    yield findings.summary(said, len(names))


def _as_sarif(said: Sequence[Finding], names: Sequence[str], level: Level) -> Iterator[str]:
    from ajour import __version__

    yield sarif.document(said, pages(), __version__)


_WRITERS: dict[str, _Writer] = {
    "text": _as_text,
    "github": lambda said, names, level: github.lines(said),
    "sarif": _as_sarif,
    "json": lambda said, names, level: iter(
        [machine.document("Findings", files=names, findings=said)]
    ),
    "junit": lambda said, names, level: iter([junit.document(said, names, level)]),
    "markdown": lambda said, names, level: findings.markdown(said, len(names)),
}
