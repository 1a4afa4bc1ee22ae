"""Tries the inverse of every migration of whole projects, and says how many are proven.

    tools/reversible.py DIR… [--json] [--verbose] [--storage-delete allow]

Each DIR is a checkout with supabase/migrations/, or DIR:FOLDER names the folder of migrations in
it. The files run one after the other on an embedded server; each is tried on a copy of the
database: forward, back, forward again. Nothing of a project is changed.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ajour.api import folder_of
from ajour.config import load
from ajour.errors import AjourError
from ajour.trial import Trial, attempt, stage

TABLE = "ajour.migrations"
"""The history: some projects have a table public.migrations of their own."""

Verdict = Literal["proven", "proven with loss", "not proven"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a migration. The fields are those of the JSON."""

    project: str
    name: str
    verdict: Verdict
    schema_only: bool
    """It changes no rows, and nothing beside the schema."""
    reasons: tuple[str, ...]
    """What is lost, or why the inverse is not proven."""
    seconds: float


def main() -> int:
    """Try every project; return 1 when one could not be tried to its end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("projects", nargs="+", metavar="DIR[:FOLDER]")
    parser.add_argument("--json", action="store_true", help="write a list of objects")
    parser.add_argument("--verbose", action="store_true", help="say what each migration loses")
    parser.add_argument("--storage-delete", choices=("refuse", "allow"), default="refuse")
    options = parser.parse_args()
    results: list[Result] = []
    stopped = 0
    for each in options.projects:
        try:
            for result in tried(each, options.storage_delete):
                results.append(result)
                if not options.json:
                    show(result, verbose=options.verbose)
        except AjourError as error:
            stopped = 1
            print(f"{each}: stopped: {error.message}", file=sys.stderr)
    if options.json:
        print(json.dumps([asdict(each) for each in results], indent=2))
    else:
        summary(results)
    return stopped


def tried(project: str, storage_delete: str) -> Iterator[Result]:
    """Yield what became of each migration of a project. Raises AjourError when one does not run."""
    root, _, inside = project.partition(":")
    source = Path(root) / (inside or "supabase/migrations")
    with tempfile.TemporaryDirectory(prefix="ajour-reversible-") as folder:
        shutil.copytree(source, Path(folder) / "supabase" / "migrations")
        settings = load(Path(folder), {"table": TABLE, "storage_delete": storage_delete}, {})
        files = folder_of(settings)
        with stage(settings, None, files) as main_line:
            for file in files.migrations:
                began = time.monotonic()
                with main_line.fork() as copy:
                    trial = attempt(copy, file)
                seconds = round(time.monotonic() - began, 2)
                yield Result(Path(root).name, file.name, *judged(trial), seconds)
                main_line.forward(file)


def judged(trial: Trial) -> tuple[Verdict, bool, tuple[str, ...]]:
    """Return the verdict, whether only the schema was changed, and the reasons."""
    schema_only = not trial.inverse.rows
    if trial.why_not is not None:
        return "not proven", schema_only, (trial.why_not,)
    lost = tuple(each.what for each in trial.inverse.lost)
    return ("proven with loss" if lost else "proven"), schema_only, lost


def show(each: Result, *, verbose: bool) -> None:
    """Write a migration that is not simply proven."""
    if each.verdict == "not proven" or verbose:
        print(f"{each.verdict:16} {each.seconds:6.2f} s  {each.project}/{each.name}")
        for reason in each.reasons:
            print(f"    {reason[:300]}")


def summary(results: list[Result]) -> None:
    """Write the shares."""
    for label, chosen in (
        ("all", results),
        ("schema only", [each for each in results if each.schema_only]),
    ):
        count = Counter(each.verdict for each in chosen)
        good = count["proven"] + count["proven with loss"]
        share = f"{100 * good / len(chosen):.1f} %" if chosen else "none"
        parts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(count.items()))
        print(f"{label}: {len(chosen)} migrations, {share} proven ({parts})")


if __name__ == "__main__":
    sys.exit(main())
