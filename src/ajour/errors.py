"""The errors that ajour raises on purpose: one tree, each with what to do next.

AjourError
├── UsageError            the command line or the configuration is wrong
├── Refusal               ajour will not go on; nothing was changed
│   ├── FilesRefused      a file of the folder cannot be trusted
│   ├── HistoryRefused    the history and the folder disagree
│   └── ConnectionFailed  no usable connection
│       └── ConnectionLost    it broke (handled inside while migrations run)
├── HistoryChanged        another process applied something meanwhile (handled inside)
└── Stopped               a run ended before its time; says what is in the database now
    ├── MigrationFailed   a migration failed; the ones before it are applied
    ├── InDoubt           the answer to COMMIT was lost and the truth cannot be read
    └── Interrupted       the user stopped the run

Anything else that is raised is a bug of ours.
"""

from typing import Literal

from ajour.model import Progress, Where


class AjourError(Exception):
    """What every error of ours carries.

    message: one sentence, what is not possible and why.
    hint:    the next thing to do, or None.
    where:   the place in a file, or None.
    details: lines that stand between message and hint (a server's own words, a difference).
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        where: Where | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.details = details


class UsageError(AjourError):
    """The command line or the configuration is wrong."""


class Refusal(AjourError):
    """ajour will not go on. Nothing was changed."""


class FilesRefused(Refusal):
    """Files of the folder cannot be run as they are; `problems` lists them all."""

    def __init__(self, problems: tuple[AjourError, ...]) -> None:
        first = problems[0]
        super().__init__(first.message, hint=first.hint, where=first.where, details=first.details)
        self.problems = problems


class HistoryRefused(Refusal):
    """The history and the folder disagree, or the history table is not ours."""


class ConnectionFailed(Refusal):
    """The database cannot be reached, or it will not let us in.

    passes: whether time may cure it: "soon" (the server starts), "maybe" (it does not answer),
    "never" (a password).
    """

    passes: Literal["soon", "maybe", "never"] = "never"
    about_tls: bool = False
    """It failed at the certificate or at the encryption, before a password was asked for."""


class ConnectionLost(ConnectionFailed):
    """The connection broke. While migrations run this is handled inside, see recover.py."""


class HistoryChanged(AjourError):
    """The history is not the one the plan was made from: read it again and plan again."""


class Occupied(HistoryChanged):
    """Another run is at work, and the history will have changed when it has ended."""


class Stopped(AjourError):
    """A run came to an end before its time; `progress` says what is in the database now."""

    def __init__(
        self,
        message: str,
        *,
        progress: Progress,
        hint: str | None = None,
        where: Where | None = None,
        details: tuple[str, ...] = (),
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, where=where, details=details)
        self.progress = progress
        self.sqlstate = sqlstate


class MigrationFailed(Stopped):
    """A migration failed and was rolled back."""


class InDoubt(Stopped):
    """The connection was lost at COMMIT and whether it took effect cannot be known."""


class Interrupted(Stopped):
    """The user stopped the run; the open transaction was rolled back."""
