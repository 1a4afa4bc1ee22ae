"""Measures the embedded server, from an empty cache to the first project applied.

    bench/embedded.py [DIR…] [--runs N]

Each DIR is a project with supabase/migrations/; without one it is the example. Medians of N runs.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from ajour.api import Project
from ajour.config import load
from ajour.engines import embedded
from ajour.engines.binaries import find_binaries
from ajour.engines.run_as import run_as
from ajour.engines.template import copy_template
from ajour.profiles import SUPABASE
from ajour.target import parse_url

EXAMPLE = Path(__file__).parents[1] / "examples" / "midpicture"


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("projects", nargs="*", type=Path, default=[EXAMPLE])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    times: dict[str, list[float]] = {}
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory(prefix="ajour-bench-") as name:
            for label, seconds in one_run(Path(name), given.projects):
                times.setdefault(label, []).append(seconds)
    for label, all_runs in times.items():
        print(
            f"{label:45} {median(all_runs):6.2f} s   ({min(all_runs):.2f} to {max(all_runs):.2f})"
        )


def one_run(folder: Path, projects: list[Path]) -> list[tuple[str, float]]:
    """Return what each thing takes, with a cache that begins empty."""
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    found: list[tuple[str, float]] = []
    for number, project in enumerate(projects):
        root = folder / str(number)
        shutil.copytree(project / "supabase", root / "supabase")
        try:
            first = timed(partial(migrate, root))
            label = "cold start: empty cache" if number == 0 else "new project: warm cache"
            found.append((f"{label}, then {project.name}", first))
            embedded.stop(root)
            again = timed(partial(embedded.ensure, root))
            found.append(("warm start: the project's own data", again))
        finally:
            embedded.stop(root)
    copied = folder / "copied"
    copied.mkdir()
    copy = partial(copy_template, copied / "data", SUPABASE, find_binaries(), run_as())
    return [*found, ("a copy of the template", timed(copy))]


def migrate(root: Path) -> None:
    """Make and start the project's server, and apply its migrations."""
    settings = load(root, {}, {}, with_url=False)
    url = embedded.ensure(root, profile=settings.profile)
    with Project(settings, parse_url(url)) as project:
        for _ in project.migrate(allow_out_of_order=True):
            pass


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
