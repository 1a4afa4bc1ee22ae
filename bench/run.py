"""Measures what a user waits for: starting, a first migration, and having nothing to do.

Each is a whole process, on an embedded server; the numbers are medians. Wall time says what one
waits, processor time what a busy machine does not change so much. docs/ has no numbers of this
machine: run it on yours.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RUNS = 7
FILES = 300

MIGRATION = """create table t{n} (id bigint primary key, body text not null default '');
comment on table t{n} is 'number {n}';
create index on t{n} (body);
insert into t{n} select n from generate_series(1, 10) as n;
"""


def main() -> None:
    """Print a table of medians."""
    with tempfile.TemporaryDirectory(prefix="ajour-bench-") as name:
        folder = Path(name)
        migrations = folder / "supabase" / "migrations"
        migrations.mkdir(parents=True)
        for n in range(FILES):
            (migrations / f"20240101{n:06}_t{n}.sql").write_text(MIGRATION.format(n=n))
        print(f"| what, median of {RUNS} | wall ms | cpu ms |\n| --- | --- | --- |")
        try:
            once(folder, "db", "start")
            show("ajour --help", [once(folder, "--help") for _ in range(RUNS)])
            show(f"migrate, {FILES} files pending", [first(folder) for _ in range(3)])
            show(f"migrate, {FILES} applied", [once(folder, "migrate") for _ in range(RUNS)])
            show(f"status, {FILES} applied", [once(folder, "status") for _ in range(RUNS)])
        finally:
            once(folder, "db", "stop")


def first(folder: Path) -> tuple[float, float]:
    """Measure a migration of everything on a new server."""
    once(folder, "db", "reset", "--yes")
    return once(folder, "migrate")


def show(what: str, times: list[tuple[float, float]]) -> None:
    """Print one row."""
    wall, cpu = (median(column) for column in zip(*times, strict=True))
    print(f"| {what} | {wall:.0f} | {cpu:.0f} |", flush=True)


def once(folder: Path, *words: str) -> tuple[float, float]:
    """Run the command; return wall and processor time in milliseconds."""
    began, used = time.perf_counter(), os.times()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"SUPABASE_DB_URL", "DATABASE_URL"}
    }
    subprocess.run(
        [sys.executable, "-m", "ajour", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = os.times()
    cpu = after.children_user + after.children_system - used.children_user - used.children_system
    return (time.perf_counter() - began) * 1000, cpu * 1000


if __name__ == "__main__":
    main()
