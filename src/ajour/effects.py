"""What statements do to relations: as it is concluded from their text, and as it was seen."""

from dataclasses import dataclass
from typing import Literal, get_args

from ajour.model import Relation, Statement

Lock = Literal[
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
"""PostgreSQL's lock modes of a relation, the weakest first."""

LOCKS: tuple[Lock, ...] = get_args(Lock)

BLOCKS_WRITES = frozenset(LOCKS[LOCKS.index("SHARE") :])
"""Locks that those who write to a table wait for; for the last of them, also who reads."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a statement does to one relation that was there before it. Locks stay until COMMIT."""

    relation: Relation | None
    """None where it is not known which: the table of an index that no file creates, say."""
    lock: Lock
    """The strongest that it takes."""
    rewrites: bool = False
    """The whole relation is written anew, or made empty."""
    scans: bool = False
    """All rows are read."""
    builds: bool = False
    """At least one of its indexes is really built."""
    why: str = ""
    """A few words: "validates the foreign key fk2"."""
    certain: bool = True
    """False where not enough is known; then this is the worst that it can be."""

    def beside(self, other: "Effect") -> "Effect":
        """Return this and another effect on the same relation as one."""
        reasons = dict.fromkeys([*self.why.split("; "), *other.why.split("; ")])
        return Effect(
            self.relation,
            max(self.lock, other.lock, key=LOCKS.index),
            rewrites=self.rewrites or other.rewrites,
            scans=self.scans or other.scans,
            builds=self.builds or other.builds,
            why="; ".join(filter(None, reasons)),
            certain=self.certain and other.certain,
        )


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one relation while a statement ran."""

    relation: Relation
    """By the name that it had before; by the one that it got, where the statement created it."""
    kind: str
    """As pg_class has it: r table, p partitioned table, i index, v view, m materialized view, …"""
    lock: Lock | None = None
    """The strongest that was new; None where its transaction had as strong a one before."""
    created: bool = False
    dropped: bool = False
    rewritten: bool = False
    """Its file is another one than before: it was written anew, or emptied."""
    scanned: bool = False
    """It was read from its beginning to its end, as far as the statement needed it."""
    rows_read: int = 0
    built: tuple[str, ...] = ()
    """Of a table: the indexes that were built, or built anew; by the names that they have then."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one statement did on a scratch database."""

    statement: Statement
    relations: tuple[Observed, ...]
    """Those that anything happened to."""
    duration_ms: float
    wal_bytes: int
    """What was written to the server's log."""
    said: tuple[str, ...] = ()
    """The server's notices, those of level DEBUG1 as well."""
    error: str | None = None
    """SQLSTATE and message, where it failed."""
    sampled: bool = False
    """Watched from outside, as it cannot run in a transaction: short locks may be missing."""
