"""Measures `ajour check` on folders of many files: seconds and peak memory.

    bench/check.py [--runs N]

No database is there. Medians of N runs, for each number of files.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from measure import Command, Place, run
from texts import changes, small

FILES = (30, 300, 1000)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    for count in FILES:
        with tempfile.TemporaryDirectory(prefix="ajour-bench-") as name:
            place = Place(Path(name), Path(name), Path(name) / "said")
            write(place.folder / "supabase" / "migrations", count)
            command = Command((sys.executable, "-m", "ajour", "check"))
            taken = [run(command, place, 1, 600) for _ in range(runs)]
        wrong = [each.codes for each in taken if each.codes[0] not in (0, 1)]
        if wrong:
            raise SystemExit(f"ajour check failed: {wrong}")
        wall, peak = (median(getattr(each, what) for each in taken) for what in ("wall", "peak"))
        print(f"{count:5} files {wall:7.2f} s {peak / 1024**2:7.0f} MB")


def write(folder: Path, count: int) -> None:
    """Write `count` migrations: half of them make a table each, the others change functions."""
    folder.mkdir(parents=True)
    half = count // 2
    for each in small(half):
        (folder / f"{each.name}.sql").write_text(each.text, "utf-8")
    for each in changes(count - half):
        (folder / f"3{each.name[1:]}.sql").write_text(each.text, "utf-8")


if __name__ == "__main__":
    main()
