"""What is measured: each workload by its name, its files, and how the commands are run on them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from texts import Migration, big, changes, small

Kind = Literal["noop", "apply", "eight"]

DISTANCE = 20.0
"""Milliseconds of a round trip in the workloads named far-…"""

TABLES = "select count(*) from pg_class where relkind = 'r' and relname ~ '^t[0-9]{5}$'"


@dataclass(frozen=True, slots=True)
class Workload:
    """One thing to measure."""

    name: str
    title: str
    kind: Kind
    """noop: all is applied already. eight: so many processes at once."""
    make: Callable[[], Iterator[Migration]]
    check: str = ""
    """A query whose one number tells whether each file was applied once."""
    expected: int = 0
    trip_ms: float | None = None
    """The round trip that a proxy adds; None: no proxy stands in between."""

    @property
    def processes(self) -> int:
        """How many processes of the command run at once."""
        return 8 if self.kind == "eight" else 1


def _noop(count: int) -> Workload:
    return Workload(f"noop-{count}", f"no-op, {count:,} applied", "noop", partial(changes, count))


def _apply(
    name: str,
    title: str,
    count: int,
    *,
    kind: Kind = "apply",
    trip_ms: float | None = None,
) -> Workload:
    return Workload(name, title, kind, partial(small, count), TABLES, count, trip_ms)


WORKLOADS = {
    workload.name: workload
    for workload in (
        *map(_noop, (10, 200, 1000, 5000)),
        *(_apply(f"apply-{n}", f"fresh apply of {n:,} files", n) for n in (10, 200, 1000)),
        Workload(
            "big",
            "fresh apply of one file of 20 MB",
            "apply",
            big,
            "select count(*) > 50000 and count(*) % 100 = 0 from ledger",
            1,
        ),
        Workload(
            "far-noop",
            "no-op, 200 applied, 20 ms round trip",
            "noop",
            partial(changes, 200),
            trip_ms=DISTANCE,
        ),
        _apply("near-200", "200 files through the proxy at 0 ms", 200, trip_ms=0),
        _apply("far-200", "200 files at 20 ms round trip", 200, trip_ms=DISTANCE),
        *(
            _apply(f"eight-{n}", f"eight processes at once, {n:,} files", n, kind="eight")
            for n in (200, 1000)
        ),
    )
}

QUICK = ("noop-200", "apply-200", "far-noop", "eight-200")
"""What --quick runs: a minute."""
