"""Brings whole projects up on embedded servers and says how far each comes.

    tools/corpus.py DIR… [--json] [--storage-delete allow]

Each DIR is a checkout with supabase/migrations/, or DIR:FOLDER names the folder of migrations in
it. Every project gets a copy of its migrations and a server of its own in a temporary folder, both
gone at the end: settings of roles belong to the whole server. Nothing of a project is changed.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from ajour.api import Project
from ajour.config import load
from ajour.engines import embedded
from ajour.errors import AjourError
from ajour.events import Done
from ajour.model import Where
from ajour.sql.extensions import asked
from ajour.sql.split import split
from ajour.target import parse_url

TABLE = "ajour.migrations"
"""The history: some projects have a table public.migrations of their own."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a project. The fields are those of the JSON."""

    project: str
    applied: int
    of: int
    error: str | None
    """The first error, with its file and line; None when everything was applied."""
    seconds: float
    """From the start of the server, whose template was there, to the last row."""
    stand_ins: tuple[str, ...]
    """Extensions that the project created and that are stand-ins here."""


def main() -> int:
    """Run every project; return 1 when one did not come to its end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("projects", nargs="+", metavar="DIR[:FOLDER]")
    parser.add_argument("--json", action="store_true", help="write a list of objects")
    parser.add_argument("--storage-delete", choices=("refuse", "allow"), default="refuse")
    given = parser.parse_args()
    warm_up()
    results = []
    for project in given.projects:
        results.append(run(project, given.storage_delete))
        if not given.json:
            sys.stdout.writelines(f"{line}\n" for line in told(results[-1]))
            sys.stdout.flush()
    if given.json:
        sys.stdout.write(json.dumps([asdict(each) for each in results], indent=2) + "\n")
    return int(any(each.error for each in results))


def warm_up() -> None:
    """Have the template made that all servers are copied from: that is no project's time."""
    with tempfile.TemporaryDirectory(prefix="ajour-corpus-") as name:
        embedded.ensure(Path(name))
        embedded.stop(Path(name))


def run(project: str, storage_delete: str) -> Result:
    """Bring one project up on a server of its own."""
    place, _, folder = project.partition(":")
    source = Path(place) / (folder or "supabase/migrations")
    if not source.is_dir():
        sys.exit(f"{source} is not a folder. Name the folder of migrations: DIR:FOLDER")
    with tempfile.TemporaryDirectory(prefix="ajour-corpus-") as name:
        root = Path(name)
        shutil.copytree(source, root / "supabase" / "migrations")
        try:
            return bring_up(Path(place).name, root, storage_delete)
        finally:
            embedded.stop(root)


def bring_up(name: str, root: Path, storage_delete: str) -> Result:
    """Apply the migrations below `root` and return how far that went."""
    flags = {"storage_delete": storage_delete, "table": TABLE}
    settings = load(root, flags, {}, with_url=False)
    began = time.perf_counter()
    url = embedded.ensure(root, profile=settings.profile, storage_delete=settings.storage_delete)
    applied, error, files = 0, None, 0
    with Project(settings, parse_url(url)) as opened:
        try:
            files = len(opened.folder.migrations)
            for event in opened.migrate(allow_out_of_order=True):
                applied += isinstance(event, Done)
        except AjourError as problem:
            error = said(problem)
    seconds = round(time.perf_counter() - began, 2)
    return Result(name, applied, files, error, seconds, stand_ins(url, settings.migrations))


def said(problem: AjourError) -> str:
    """Return an error in one line, with file:line."""
    at = f"{place(problem.where)}: " if problem.where else ""
    return at + " ".join(problem.message.split())


def place(where: Where) -> str:
    """Return file:line, the file by its name alone."""
    return f"{Path(where.file).name}:{where.line}" if where.line else Path(where.file).name


def stand_ins(url: str, migrations: Path) -> tuple[str, ...]:
    """Return the stand-ins among the extensions that the project's own files create."""
    wanted: set[str] = set()
    for path in sorted(migrations.glob("*.sql")):
        with suppress(AjourError):  # what is wrong with a file was said when it was to run
            statements = split(path.read_text("utf-8", "replace"))
            wanted |= {found.name for each in statements if (found := asked(each))}
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select extname from pg_extension"
            " where obj_description(oid, 'pg_extension') like '%(stand-in%'"
        ).fetchall()
    return tuple(sorted(wanted & {row[0] for row in rows}))


def told(result: Result) -> list[str]:
    """Return a result as lines for a person."""
    with_these = f"; stand-ins: {', '.join(result.stand_ins)}" if result.stand_ins else ""
    first = f"{result.project}: {result.applied} of {result.of}, {result.seconds:.2f} s{with_these}"
    return [first, *([f"    {result.error}"] if result.error else [])]


if __name__ == "__main__":
    sys.exit(main())
