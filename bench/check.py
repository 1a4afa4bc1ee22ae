"""Measures `ajour check` on folders of many files. No database is there."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from measure import Command, Place, run
from texts import changes, small

FILES = (30, 300, 1000)


def many_files(runs: int) -> Iterator[dict[str, float | str]]:
    """Give medians for each number of files. Exits where the command fails."""
    for count in FILES:
        with tempfile.TemporaryDirectory(prefix="ajour-bench-") as name:
            place = Place(Path(name), Path(name), Path(name) / "said")
            write(place.folder / "supabase" / "migrations", count)
            command = Command((sys.executable, "-m", "ajour", "check"))
            taken = [run(command, place, 1, 600) for _ in range(runs)]
            if any(each.codes[0] not in (0, 1) for each in taken):
                raise SystemExit(f"ajour check failed: {place.said()}")
        wall, peak = (median(getattr(each, what) for each in taken) for what in ("wall", "peak"))
        yield {"files": count, "wall s": wall, "peak MB": peak / 1024**2}


def write(folder: Path, count: int) -> None:
    """Write `count` migrations: half of them make a table each, the others change functions."""
    folder.mkdir(parents=True)
    half = count // 2
    for each in small(half):
        (folder / f"{each.name}.sql").write_text(each.text, "utf-8")
    for each in changes(count - half):
        (folder / f"3{each.name[1:]}.sql").write_text(each.text, "utf-8")
