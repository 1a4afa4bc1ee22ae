"""The words of a forecast: what lies ahead of a database, relation by relation."""

from dataclasses import dataclass

from ajour.effects import Effect, Lock
from ajour.model import Finding, Relation, Where


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that has a lock on a relation now, or waits for one."""

    pid: str
    user: str
    application: str
    state: str
    seconds: int
    """How long its transaction has been open."""
    query: str
    """The beginning of its last statement."""
    lock: Lock
    granted: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server says of one relation. Bytes; of a partitioned table, with its partitions."""

    relation: Relation
    """As the files name it."""
    oid: int
    kind: str
    """As pg_class has it: r table, p partitioned table, i index, v view, …"""
    heap: int
    """The rows, with what is stored beside them (TOAST)."""
    indexes: int
    rows: int | None
    """The server's estimate; None where nobody has counted yet."""
    analyzed: str | None
    """When the rows were last counted; None for never."""
    partitions: int
    views: tuple[str, ...]
    """The views that read it."""
    referenced_by: tuple[str, ...]
    """The tables whose foreign keys point to it."""
    publications: tuple[str, ...]
    key: tuple[str, ...]
    """The columns of its primary key."""
    definition: str
    """A hash over columns, constraints, indexes and triggers."""
    holders: tuple[Holder, ...] = ()
    exact: bool = True
    """False where it was locked, so that its size is the estimate of the last analysis."""

    @property
    def size(self) -> int:
        """Heap and indexes together, in bytes."""
        return self.heap + self.indexes


@dataclass(frozen=True, slots=True)
class Question:
    """What a query can tell now: whether a statement will fail on the rows that are there.

    `sql` gives a number up to `MOST`, and an example. `KEY` in it stands for what tells a row.
    """

    rule: str
    """The rule that says without a database that this may be."""
    relation: Relation
    message: str
    """A sentence with {number} in it."""
    sql: str
    other: Relation | None = None
    """What a foreign key points to; `OTHER` in `sql` stands for the column of its primary key."""
    attempt: bool = False
    """It converts all values, and fails at the first that cannot be."""
    settled: bool = False
    """A statement before it changes rows of the table: what is true now may not be true then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question found."""

    number: int = 0
    example: str | None = None
    unknown: str | None = None
    """Why the server could not tell."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One pending statement, and what it will do."""

    migration: str
    where: Where
    last_line: int
    effects: tuple[Effect, ...]
    """On relations that were there before the run."""
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would do now."""

    migrations: tuple[str, ...]
    statements: tuple[Ahead, ...]
    relations: tuple[Facts, ...]
    findings: tuple[Finding, ...]
    replicas: int
    database: str
    """Which server and which database: what tells it from all others."""


MOST = 100
"""Up to how many rows are counted that would make a statement fail."""

KEY = "{key}"
OTHER = "{other}"
