"""The values that flow through ajour. Frozen; they hold facts and do nothing."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, get_args

Level = Literal["info", "warning", "error"]
Verdict = Literal["ok", "warning", "failed"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""The mildest first."""


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


class RulePage(NamedTuple):
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
    path: str
    """As seen from the current folder."""
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
    rows: bool = False
    """It is known to be an INSERT of nothing but constants: see plain_rows.py."""

    @property
    def text(self) -> str:
        """The statement itself."""
        return self.whole[self.offset : self.end]

    @property
    def copy_data(self) -> str | None:
        """The data lines that follow a COPY, without the one that closes them."""
        return None if self.data is None else self.whole[slice(*self.data)]


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


class Repair(NamedTuple):
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


class Check(NamedTuple):
    """One thing that `ajour doctor` looked at, and what it found."""

    name: str
    verdict: Verdict
    said: str
    next: str | None = None
    """The one thing to do; None where nothing is to be done."""
    details: tuple[str, ...] = ()
