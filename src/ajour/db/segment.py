"""One step as the commands that are sent for it: BEGIN, guards, statements, record, COMMIT."""

from collections.abc import Iterator
from dataclasses import dataclass

from ajour.db.lock import key
from ajour.db.rows import BEGIN
from ajour.db.statements import Statements
from ajour.db.wire import Command, Copy, Flush, Query, Sync
from ajour.model import Pending, Statement, Step
from ajour.sql.steps import done_checksum

RESETS = ("reset role", "reset session authorization", "reset all")
"""RESET ALL alone leaves the role and the session's user as the file set them."""

SWEEP = ("close all", "unlisten *", "discard temp", "select pg_catalog.pg_advisory_unlock_all()")
"""What a session that others share is left by, inside the transaction; RESETS come on top."""


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
    enter: Command | None = None
    """Its answer begins with the pid of the server process."""
    guard: Command | None = None
    """Its answer begins with the id of the transaction."""
    record: Command | None = None
    commit: Command | None = None
    """With its answer the step is done; None for a segment that only goes before such a one."""

    @property
    def name(self) -> str:
        """The migration's name."""
        return self.pending.migration.name

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

    def file(self, pending: Pending, applied: int, previous: str) -> Segment:
        """Return the segment of a migration of one step, in a clean session.

        `applied` is how many rows the history must have, `previous` a name it must hold ("" for
        any).
        """
        clean = (Query("discard all"), Sync()) if self.own_session else ()
        return self._transaction(pending, 0, applied, previous, clean)

    def step(self, pending: Pending, step: int, applied: int) -> Segment:
        """Return the segment of one step of several; the session stays as the steps leave it."""
        return self._transaction(pending, step, applied, "", ())

    def before_alone(self, pending: Pending, step: int, applied: int, there: str) -> Segment:
        """Return the transaction that writes down that a step outside a transaction begins.

        `there` is what is there before it, as recover.py has it.
        """
        enter, *check = self._enter(pending.migration.name)
        guard = self._guard(pending, step, applied, "")
        note = Query(self.sql["begin_alone"], (pending.migration.name, there))
        resets = tuple(part for sql in RESETS for part in (Query(sql), Sync()))
        commands = (*resets, Query(BEGIN), enter, *check, guard, note, Query("commit"), Sync())
        return Segment(pending, step, commands, {}, enter, guard)

    def alone(self, pending: Pending, step: int, instead: str | None) -> Segment:
        """Return the statement that cannot run in a transaction, or what is to run in its place."""
        statement = pending.script.steps[step].statements[0]
        command = _command(statement) if instead is None else Query(instead)
        enter = Query(self.sql["enter_alone"], (f"ajour {pending.migration.name}",))
        checks = self.server_version >= 140000
        check = (Query(self.sql["client_check_alone"]), Sync()) if checks else ()
        commands = (enter, Sync(), *check, command, Sync())
        return Segment(pending, step, commands, {command: statement}, enter)

    def carried(self, pending: Pending, step: int) -> Segment:
        """Return the session's settings of earlier steps, each by itself."""
        statements = _commands(pending.script.steps[step].carried)
        commands = tuple(part for command in statements for part in (command, Sync()))
        return Segment(pending, step, commands, statements)

    def after_alone(self, pending: Pending, step: int, applied: int) -> Segment:
        """Return the transaction that records a step that ran outside a transaction."""
        enter, *check = self._enter(pending.migration.name)
        record, commit = self._record(pending, step, applied), Query("commit")
        resets = tuple(part for sql in RESETS for part in (Query(sql), Sync()))
        commands = (*resets, Query(BEGIN), enter, *check, record, commit, Sync())
        return Segment(pending, step, commands, {}, enter, None, record, commit)

    def _transaction(
        self, pending: Pending, step: int, applied: int, previous: str, clean: tuple[Command, ...]
    ) -> Segment:
        work: Step = pending.script.steps[step]
        statements = _commands(work.carried) | _commands(work.statements)
        enter, *check = self._enter(pending.migration.name)
        guard = self._guard(pending, step, applied, previous)
        record, commit = self._record(pending, step, applied), Query("commit")
        commands = (
            *clean,
            Query(BEGIN),
            enter,
            *check,
            guard,
            Flush(),  # so that it is known early which file the server is at
            *statements,
            *map(Query, self._leave(pending)),
            record,
            commit,
            Sync(),
        )
        return Segment(pending, step, commands, statements, enter, guard, record, commit)

    def _leave(self, pending: Pending) -> Iterator[str]:
        """Yield what undoes the file's changes to the session: our own statements come next."""
        if not self.own_session:
            yield from SWEEP
            if "prepare" in pending.migration.text.lower():  # of the pooler's own it knows nothing
                yield "deallocate all"
        yield from RESETS

    def _enter(self, name: str) -> Iterator[Command]:
        limits = (self.limits.lock_timeout, self.limits.statement_timeout, self.limits.idle_timeout)
        yield Query(self.sql["enter"], (*limits, f"ajour {name}", key(self.sql.table)))
        if self.server_version >= 140000:
            yield Query(self.sql["client_check"])

    def _guard(self, pending: Pending, step: int, applied: int, previous: str) -> Query:
        values = (pending.migration.name, str(step), str(applied), previous)
        return Query(self.sql["guard"], values)

    def _record(self, pending: Pending, step: int, applied: int) -> Query:
        name = pending.migration.name
        if step == len(pending.script.steps) - 1:
            values = (name, pending.migration.checksum, pending.migration.text, str(applied))
            return Query(self.sql["record"], values)
        done = done_checksum(pending.script, step + 1)
        return Query(self.sql["advance"], (name, str(step), done, str(applied)))


def _commands(statements: tuple[Statement, ...]) -> dict[Command, Statement]:
    return {_command(statement): statement for statement in statements}


def _command(statement: Statement) -> Command:
    """COPY cannot be sent in a pipeline, whichever way its data goes."""
    if statement.text[:4].lower() == "copy" and not statement.text[4:5].isalnum():
        return Copy(statement.text, statement.copy_data)
    return Query(statement.text)
