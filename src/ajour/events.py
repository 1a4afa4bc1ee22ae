"""What happens during a run, as values in the order they happen. Said only when known."""

from dataclasses import dataclass

from ajour.model import Finding, Where


@dataclass(frozen=True, slots=True)
class Planned:
    """What will run, in this order. Nothing has happened yet."""

    pending: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryPrepared:
    """The history table was made, or an older one was taken over."""

    table: str
    created: bool
    added: tuple[str, ...] = ()
    """Columns that an older table lacked."""


@dataclass(frozen=True, slots=True)
class Started:
    """The server begins a migration, at step `step` of `steps` (from 1)."""

    name: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Running:
    """A statement still runs on the server."""

    name: str
    where: Where
    seconds: float
    """Since the statement was reached."""
    detail: str | None = None
    """How far the server says it is, or whom it waits for."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The server said something: NOTICE, WARNING and the like."""

    name: str | None
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that is not the migration's last took effect."""

    name: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Done:
    """COMMIT came back: the migration is applied and stands in the history."""

    name: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Seeded:
    """A seed file was run. No history tells of it."""

    name: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run waits: for the process that has the lock, or for the server to come back."""

    reason: str
    seconds: float
    """How long we have waited so far."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """A step was rolled back and will be tried again whole."""

    name: str
    reason: str
    attempt: int
    delay: float
    """Seconds until the next try."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Something that an earlier run, or a lost connection, left open was settled."""

    name: str | None
    message: str


Event = (
    Planned
    | HistoryPrepared
    | Started
    | Running
    | Notice
    | StepDone
    | Done
    | Seeded
    | Waiting
    | Retrying
    | Recovered
)
