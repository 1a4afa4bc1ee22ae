"""The values that flow through ajour. Frozen; they hold facts and do nothing."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

Level = Literal["info", "warning", "error"]
Verdict = Literal["ok", "warning", "failed"]
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

LEVELS: tuple[Level, ...] = get_args(Level)
"""The mildest first."""

LOCKS: tuple[Lock, ...] = get_args(Lock)

BLOCKS_WRITES = frozenset(LOCKS[LOCKS.index("SHARE") :])
"""Locks that those who write to a table wait for; for the last of them, also who reads."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file: what an error points at. Lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    source: str | None = None
    """The whole source line, so that a caret can be drawn under `column`."""
    width: int = 1
    """How many characters the caret underlines."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table by its schema and name."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


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
class Finding:
    """Something worth knowing about the user's files. A value, never raised."""

    rule: str
    level: Level
    message: str
    where: Where | None = None
    help: str | None = None
    allowed: str | None = None
    """The reason of an allow comment in the file; None where there is none."""
    relation: Relation | None = None
    """The table that it is about, whose size decides how much it matters; None where it is not
    about one, or not known which."""

    def fails(self, level: Level) -> bool:
        """Tell whether it is of `level` or above, and no file allows it."""
        return not self.allowed and LEVELS.index(self.level) >= LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class RulePage:
    """What a rule says about itself."""

    name: str
    level: Level
    family: str
    summary: str
    """The first line of `text`: what it finds."""
    text: str
    """The docstring, with its four headings."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of the folder, read once: what was hashed is what runs."""

    name: str
    path: Path
    text: str
    """The file's text: UTF-8, byte order mark dropped, CRLF turned into LF."""
    checksum: str
    """SHA-256 of `text` as UTF-8, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The migrations of a folder in the order they run, and what is worth knowing about it."""

    path: Path
    migrations: tuple[Migration, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement of a text, without its semicolon and the comments around it.

    It is cut out of the text when it is asked for, so that a large file is in memory once.
    """

    whole: str
    offset: int
    """Where it begins in the whole text, in characters, from 0."""
    line: int
    column: int
    end: int | None = None
    """The offset behind it; None for the end of the whole text."""
    data: tuple[int, int] | None = None
    """For COPY … FROM STDIN: from where to where its data goes."""
    sent: str | None = None
    """What is sent in place of `text`, where the server could not do what it says."""

    @property
    def text(self) -> str:
        """The statement itself."""
        return self.whole[self.offset : self.end]

    @property
    def copy_data(self) -> str | None:
        """The data lines that follow a COPY, without the one that closes them."""
        return None if self.data is None else self.whole[slice(*self.data)]


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


@dataclass(frozen=True, slots=True)
class Step:
    """Statements that take effect together, or one that cannot run in a transaction."""

    statements: tuple[Statement, ...]
    transactional: bool = True
    carried: tuple[Statement, ...] = ()
    """Settings of the session that earlier steps of the file made, to be made again for it."""


@dataclass(frozen=True, slots=True)
class Script:
    """How a migration runs: its steps, and notes about how they were found."""

    steps: tuple[Step, ...]
    words: str
    """What to look for words in: the file's text, of a large one without its rows of constants."""
    rows: frozenset[int] = frozenset()
    """Offsets of the statements that are INSERTs of nothing but constants: see plain_rows.py."""
    notes: tuple[Finding, ...] = ()

    @property
    def in_steps(self) -> bool:
        """Whether it takes more than one transaction."""
        return len(self.steps) > 1 or not self.steps[0].transactional


@dataclass(frozen=True, slots=True)
class Applied:
    """One row of the history."""

    name: str
    executed_at: datetime
    checksum: str | None = None
    duration_ms: int | None = None
    applied_by: str | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A migration of several steps that did not come to its end."""

    name: str
    steps_done: int
    done_checksum: str | None
    """SHA-256 over the statements of the steps that are done."""
    started_at: datetime
    before: str | None = None
    """For a step outside a transaction that was begun: what was there before it, see recover.py."""
    steps: int | None = None
    """How many the file has; this and what follows is known where the file was read."""
    goes_on: Where | None = None
    """The statement that the next step begins with."""
    state: str = ""
    """For a step outside a transaction that was begun: what is in the database of it now."""


@dataclass(frozen=True, slots=True)
class History:
    """What the database says was run."""

    applied: tuple[Applied, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    exists: bool = True
    """False when there is no history table yet."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The folder beside the history. Every migration of either stands in one of these."""

    applied: tuple[Applied, ...]
    """In the history; the file is there and the same, or its checksum was never kept."""
    pending: tuple[Migration, ...]
    edited: tuple[Migration, ...]
    """Applied, and the file is another one since."""
    missing: tuple[Applied, ...]
    """Applied, and there is no such file."""
    renamed: tuple[tuple[str, str], ...]
    """Pairs (old, new): a missing file whose checksum a pending one has. Both also stand above."""
    out_of_order: frozenset[str]
    """Names of pending migrations that sort before one that is applied."""
    unfinished: tuple[Unfinished, ...] = ()
    """Migrations of several steps that did not come to their end; they also stand in pending."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration that will run."""

    migration: Migration
    script: Script
    first_step: int = 0
    """The index of the first step that is not done yet; 0 unless it was interrupted."""
    before: str | None = None
    """For a first step outside a transaction that an earlier run began: see recover.py."""
    out_of_order: bool = False
    """It sorts before a migration that is applied already."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run, and the history that this was concluded from."""

    pending: tuple[Pending, ...]
    applied: int
    """How many rows the history had: the server checks this again before each step."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """One change to the history that a person asked for. No migration is run by it."""

    kind: Literal["accept", "rename", "forget", "mark-applied"]
    name: str
    """The migration, as the history has it or shall have it."""
    file: Migration | None = None
    """What is on disk, and what the row shall agree with."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is in the database now: the answer owed after every failure."""

    applied: tuple[str, ...] = ()
    failed: str | None = None
    steps_done: int = 0
    """Steps of the failed migration that stay done."""
    steps: int = 1
    rolled_back: bool = True
    """False when the step that failed does not run in a transaction."""
    not_run: tuple[str, ...] = ()
    in_doubt: tuple[str, ...] = ()
    """Of these it is not known whether they are applied."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `ajour doctor` looked at, and what it found."""

    name: str
    verdict: Verdict
    said: str
    next: str | None = None
    """The one thing to do; None where nothing is to be done."""
    details: tuple[str, ...] = ()
