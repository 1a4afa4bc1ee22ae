"""The words of a rehearsal: what was run where, what each statement did, and what that means."""

from dataclasses import dataclass

from ajour.effects import Lock, Observation
from ajour.model import Finding, Relation, Where


@dataclass(frozen=True, slots=True)
class Filled:
    """A table of the scratch database, and how many rows it got."""

    relation: Relation
    rows: int
    wanted: int
    why: str | None = None
    """Why it got fewer than were wanted; None where it did not."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a table is on both sides, in bytes with its indexes."""

    here: int
    there: int | None
    """None where the target's size is not known."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a statement would take at the target's size."""

    milliseconds: float | None
    """None where it cannot be told."""
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """A lock, from the statement that took it to the end of its transaction."""

    relation: Relation
    lock: Lock
    milliseconds: float
    """On the scratch database."""
    estimate: float | None
    """At the target's size; None where a statement's is not known."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One statement of a pending migration, and what it did."""

    migration: str
    where: Where
    observation: Observation
    estimate: Estimate
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Back:
    """What came of going back to the schema before, and forward again."""

    statements: int
    """How many the inverse has."""
    problems: tuple[str, ...] = ()
    """Why it is not proven; empty: both ways lead to the same schema. Rows do not count."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of running all that is pending on a scratch database."""

    source: str
    """Where the shape came from, without any secret."""
    server_version: int
    """The scratch server's, as server_version_num has it."""
    target_version: int | None
    migrations: tuple[str, ...]
    filled: tuple[Filled, ...]
    measured: tuple[Measured, ...]
    failed: str | None
    """SQLSTATE and message of the statement that failed, the last of `measured`."""
    out_of_order: tuple[str, ...] = ()
    orders_differ: tuple[str, ...] = ()
    """What is another with the files in the order of their names than in the order they run, or
    why they do not run in that of their names."""
    findings: tuple[Finding, ...] = ()
    back: Back | None = None
    """None where it was not tried: nothing ran, or not all of it."""

    @property
    def passed(self) -> bool:
        """Whether all ran, in either order to the same end."""
        return self.failed is None and not self.orders_differ
