"""One step as the commands that are sent for it: BEGIN, guards, statements, record, COMMIT."""

from collections.abc import Iterator
from dataclasses import dataclass

from ajour.db.lock import key
from ajour.db.rows import BEGIN
from ajour.db.statements import Statements
from ajour.db.wire import Command, Copy, Query, Sync
from ajour.model import Pending, Statement
from ajour.sql.steps import done_checksum


@dataclass(frozen=True, slots=True)
class Limits:
    """Timeouts of a step, as PostgreSQL writes durations. "0" means none."""

    lock_timeout: str = "5s"
    statement_timeout: str = "15min"
    idle_timeout: str = "60s"


@dataclass(frozen=True, slots=True)
class Segment:
    """The commands of one step, and which of them is which."""

    pending: Pending
    step: int
    commands: tuple[Command, ...]
    statements: dict[Command, Statement]
    """The commands that are the file's own."""
    enter: Command
    """Its answer begins with the pid of the server process."""
    record: Command
    commit: Command
    records: bool = True
    """False when it only prepares a step that runs outside a transaction, or is that step."""

    @property
    def last_step(self) -> bool:
        """Whether the migration is applied when this segment is committed."""
        return self.step == len(self.pending.script.steps) - 1


@dataclass(frozen=True, slots=True)
class Composer:
    """Builds segments for one connection."""

    sql: Statements
    limits: Limits
    server_version: int
    own_session: bool
    """False behind a transaction pooler: DISCARD ALL would reach other clients' sessions."""

    def transactional(self, pending: Pending, step: int, applied: int, previous: str) -> Segment:
        """Return the segment of a step that runs in one transaction.

        `applied` is how many rows the history must have, `previous` a name it must hold ("" for
        any).
        """
        statements = {
            _command(statement): statement for statement in pending.script.steps[step].statements
        }
        name = pending.migration.name
        record = self._record(pending, step, applied)
        commit = Query("commit")
        enter, *check = self._enter(name)
        commands: list[Command] = [
            *self._between(),
            Query(BEGIN),
            enter,
            *check,
            self._guard(name, step, applied, previous),
            *statements,
            # RESET ALL alone leaves the role and the session's user as the file set them.
            Query("reset role"),
            Query("reset session authorization"),
            Query("reset all"),
            record,
            commit,
            Sync(),
        ]
        return Segment(pending, step, tuple(commands), statements, enter, record, commit)

    def alone_before(self, pending: Pending, step: int, applied: int) -> Segment:
        """Return the transaction that notes that a step outside a transaction begins."""
        name = pending.migration.name
        record = Query(self.sql["release_hold"], (name,))
        commit = Query("commit")
        enter, *check = self._enter(name)
        commands: list[Command] = [
            *self._between(),
            Query(BEGIN),
            enter,
            *check,
            self._guard(name, step, applied, ""),
            record,
            commit,
            Sync(),
        ]
        return Segment(pending, step, tuple(commands), {}, enter, record, commit, False)

    def alone(self, pending: Pending, step: int) -> Segment:
        """Return the statement that cannot run in a transaction, by itself."""
        statement = pending.script.steps[step].statements[0]
        command = _command(statement)
        enter = Query(self.sql["enter_alone"], (f"ajour {pending.migration.name}",))
        commands = (enter, Sync(), command, Sync())
        return Segment(
            pending, step, commands, {command: statement}, enter, command, command, False
        )

    def alone_after(self, pending: Pending, step: int, applied: int) -> Segment:
        """Return the transaction that records a step that ran outside a transaction."""
        record = self._record(pending, step, applied)
        commit = Query("commit")
        enter, *check = self._enter(pending.migration.name)
        commands = (Query(BEGIN), enter, *check, record, commit, Sync())
        return Segment(pending, step, commands, {}, enter, record, commit)

    def _between(self) -> Iterator[Command]:
        if self.own_session:
            yield Query("discard all")
            yield Sync()

    def _enter(self, name: str) -> Iterator[Command]:
        limits = (self.limits.lock_timeout, self.limits.statement_timeout, self.limits.idle_timeout)
        yield Query(self.sql["enter"], (*limits, f"ajour {name}", key(self.sql.table)))
        if self.server_version >= 140000:
            yield Query(self.sql["client_check"])

    def _guard(self, name: str, step: int, applied: int, previous: str) -> Query:
        return Query(self.sql["guard"], (name, str(step), str(applied), previous))

    def _record(self, pending: Pending, step: int, applied: int) -> Query:
        name = pending.migration.name
        if step == len(pending.script.steps) - 1:
            values = (name, pending.migration.checksum, pending.migration.text, str(applied))
            return Query(self.sql["record"], values)
        done = done_checksum(pending.script, step + 1)
        return Query(self.sql["advance"], (name, str(step), done, str(applied)))


def _command(statement: Statement) -> Command:
    """COPY cannot be sent in a pipeline, whichever way its data goes."""
    if statement.text[:4].lower() == "copy" and not statement.text[4:5].isalnum():
        return Copy(statement.text, statement.copy_data)
    return Query(statement.text)
