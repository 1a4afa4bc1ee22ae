"""Measures `ajour rehearse`: on many tables, and its estimate beside the real run.

Each project has an embedded server of its own, which is stopped at the end.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from measure import Command, Measurement, Place, run

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
LIMIT = 1800
"""Seconds after which a run is killed."""


def many_tables(runs: int, count: int = 1000) -> Iterator[dict[str, float | str]]:
    """Give medians of rehearsals on so many tables, each with 100 rows and two keys."""
    base = "".join(TABLE.format(each, max(1, each - 1)) for each in range(1, count + 1))
    with applied(base, f"alter table t{count} alter column n type bigint;") as place:
        taken = [ajour(place, "rehearse", "--rows", "100", "--json")[0] for _ in range(runs)]
    yield {"tables": count, "rows each": 100, **_medians(taken)}


def many_rows(runs: int, count: int = 5_000_000) -> Iterator[dict[str, float | str]]:
    """Give medians of rehearsals on a tenth of one table, and what the real run took, once."""
    with applied(BIG.format(count), CHANGES) as place:
        found = [ajour(place, "rehearse", "--rows", "10%", "--json") for _ in range(runs)]
        told = median(
            sum(each["estimate"]["milliseconds"] for each in said[0]["measured"]) / 1000
            for _, said in found
        )
        _, events = ajour(place, "migrate", "--json")
    real = sum(each["duration_ms"] for each in events if each["kind"] == "Done") / 1000
    yield {
        "rows": count,
        "on the copy": "10 %",
        **_medians([taken for taken, _ in found]),
        "estimate s": told,
        "real run s": real,
        "estimate / real": told / real,
    }


def _medians(taken: list[Measurement]) -> dict[str, float]:
    wall, peak = (median(getattr(each, what) for each in taken) for what in ("wall", "peak"))
    return {"wall s": wall, "peak MB": peak / 1024**2}


@contextmanager
def applied(base: str, pending: str) -> Iterator[Place]:
    """Give a project in whose embedded database `base` was applied and `pending` was not."""
    with tempfile.TemporaryDirectory(prefix="ajour-bench-") as name:
        place = Place(Path(name), Path(name), Path(name) / "said")
        migrations = place.folder / "supabase" / "migrations"
        migrations.mkdir(parents=True)
        (place.folder / "ajour.toml").write_text('profile = "plain"\n', "utf-8")
        (migrations / "20240101_base.sql").write_text(base, "utf-8")
        try:
            ajour(place, "migrate", "--json")
            (migrations / "20240102_changes.sql").write_text(pending, "utf-8")
            yield place
        finally:
            embedded.stop(place.folder)


def ajour(place: Place, *words: str) -> tuple[Measurement, list[dict[str, Any]]]:
    """Run the command; return what it took and the documents it wrote. Exits where it fails."""
    taken = run(Command((sys.executable, "-m", "ajour", *words)), place, 1, LIMIT)
    if taken.failures:
        raise SystemExit(f"ajour {words[0]} failed: {place.said()}")
    lines = place.output.read_text("utf-8").splitlines()
    return taken, [json.loads(line) for line in lines if line.startswith("{")]
