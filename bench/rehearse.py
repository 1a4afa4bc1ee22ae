"""Measures `ajour rehearse`: on many tables, and its estimate beside the real run.

    bench/rehearse.py [--tables N] [--rows N]

Each project has an embedded server of its own, which is stopped at the end.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ajour.engines import embedded

TABLE = """create table t{0} (
  id bigint generated always as identity primary key,
  up bigint references t{1}, name text not null unique, n int check (n > 0));
create index on t{0} (up);
"""
BIG = """create table big (
  id bigint generated always as identity primary key, body text not null, n int not null);
insert into big (body, n) select md5(g::text), g from generate_series(1, {0}) g;
"""
CHANGES = """create index big_n on big (n);
alter table big alter column n type bigint;
alter table big add constraint positive check (n > 0);
"""


def main() -> None:
    """Print the times of both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=5_000_000)
    given = parser.parse_args()
    many = "".join(TABLE.format(each, max(1, each - 1)) for each in range(1, given.tables + 1))
    last = f"alter table t{given.tables} alter column n type bigint;"
    seconds, _, _ = rehearsed(many, last, "100")
    print(f"{given.tables} tables, 100 rows each: rehearsed in {seconds:.1f} s")
    seconds, told, real = rehearsed(BIG.format(given.rows), CHANGES, "10%")
    print(f"{given.rows} rows, 10 % of them: rehearsed in {seconds:.1f} s")
    print(f"estimate {told:.1f} s, real run {real:.1f} s")


def rehearsed(base: str, pending: str, rows: str) -> tuple[float, float, float]:
    """Return how long a rehearsal took, what it estimated, and what the real run took; seconds."""
    with tempfile.TemporaryDirectory(prefix="ajour-bench-") as name:
        folder = Path(name)
        migrations = folder / "supabase" / "migrations"
        migrations.mkdir(parents=True)
        (folder / "ajour.toml").write_text('profile = "plain"\n', "utf-8")
        (migrations / "20240101_base.sql").write_text(base, "utf-8")
        try:
            ajour(folder, "migrate")
            (migrations / "20240102_changes.sql").write_text(pending, "utf-8")
            seconds, said = ajour(folder, "rehearse", "--rows", rows, "--json")
            statements = json.loads(said)["measured"]
            told = sum(each["estimate"]["milliseconds"] for each in statements) / 1000
            _, said = ajour(folder, "migrate", "--json")
            events = [json.loads(line) for line in said.splitlines()]
            real = sum(each["duration_ms"] for each in events if each["kind"] == "Done") / 1000
        finally:
            embedded.stop(folder)
    return seconds, told, real


def ajour(folder: Path, *words: str) -> tuple[float, str]:
    """Run the command in a folder; return the seconds it took and what it said."""
    began = time.monotonic()
    done = subprocess.run(
        (sys.executable, "-m", "ajour", *words),
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return time.monotonic() - began, done.stdout


if __name__ == "__main__":
    main()
