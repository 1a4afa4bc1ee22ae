"""One step as the commands that are sent for it: BEGIN, guards, statements, record, COMMIT."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ajour.db import mirror
from ajour.db.history import revoking
from ajour.db.lock import UNLOCK, key
from ajour.db.rows import BEGIN
from ajour.db.statements import Statements
from ajour.db.wire import Command, Copy, Flush, Own, Prepare, Query, Sync
from ajour.model import Pending, Statement, Step
from ajour.sql.mentioned import mentioned
from ajour.sql.steps import done_checksum

COMMIT = "commit"

RESETS = ("reset role", "reset session authorization", "reset all")
"""RESET ALL alone leaves the role and the session's user as the file set them."""

SWEEP = ("close all", "unlisten *", UNLOCK)
"""What a session that others share is left by, inside the transaction; RESETS come on top."""

FORGET_SEQUENCES = "discard sequences"

_PLANNED_FOR = 250
"""Files after which our statements are prepared anew: the server plans them for its catalogs as
they are by then. A plan from the beginning would read all of pg_trigger for each file."""

_WAIT_EVERY = 16
"""How many quick files are committed before one waits for the disk; the last of a batch always
does. Commits reach the disk in their order: with one, all before it are there."""

_FORGET = ("deallocate", "discard", "track_counts")
"""In the text of a file behind which our prepared statements may be gone, or changes uncounted."""

_LEAVE = ("temp", "temporary", "prepare", "hold", "listen")
_LEAVES = re.compile(rf"\b(?:{'|'.join(_LEAVE)})\s", re.IGNORECASE)
"""In the text of a file that may leave what takes a DISCARD ALL. "enter_again" finds what hides."""

SWEEP_TEMPORARY = ("set constraints all immediate", "discard temp")
"""The same for temporary tables. What is deferred on them would forbid that they are dropped; our
own guard is deferred as well, so this comes after it."""

FORGET_PREPARED = """do language plpgsql $$ declare its record; begin
  for its in select name from pg_catalog.pg_prepared_statements where from_sql loop
    execute pg_catalog.format('deallocate %I', its.name);
  end loop;
end $$"""
"""DEALLOCATE ALL would take what a pooler has prepared for its clients, without its knowledge."""


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
    lasting: Command | None = None
    """What takes effect by itself, outside a transaction."""

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
    """Builds segments for one connection.

    Planning our own statements takes the server longer than running them: in a session that is
    ours alone they are prepared, and the DISCARD ALL between two files, which would forget them,
    is left out where there is nothing to discard.
    """

    sql: Statements
    limits: Limits
    own_session: bool
    """False behind a transaction pooler: DISCARD ALL would reach other clients' sessions."""
    direct: bool = False
    """No pooler at all, which might keep a lock when we are gone: ours stays between two files."""
    closed_to: tuple[str, ...] = ()
    """The roles that the history stays closed to, whatever a file grants."""
    lazy: bool = False
    """COMMIT of a quick file need not wait for the disk while others follow."""
    mirror: bool = False
    """The Supabase CLI's history is kept as well."""
    reload: str | None = None
    """What tells an API in front of the database to read the schema again."""
    apart: set[str] = field(default_factory=set)
    """Migrations whose commit guard is a table of its own, because they alter ours."""
    forgetful: set[str] = field(default_factory=set)
    """Migrations that make the server forget our prepared statements, as it turned out."""

    @property
    def undo(self) -> str:
        """Return what ends a transaction that failed, and what it left in a shared session."""
        return "rollback" if self.own_session else f"rollback; {UNLOCK}; {FORGET_PREPARED}"

    @property
    def release(self) -> tuple[Command, ...]:
        """Return what gives the session's lock back, when all files of one step are done."""
        return (Query(UNLOCK), Sync()) if self.direct else ()

    def files(self, batch: Sequence[Pending], applied: int, previous: str) -> Iterator[Segment]:
        """Yield the segments of migrations of one step, each in a clean session.

        `applied` is how many rows the history must have at first, `previous` a name that it must
        hold ("" for any). Rows are not counted where a file of this run is the last one.
        """
        ready, newest = False, previous
        for place, item in enumerate(batch, 1):
            name, words = item.migration.name, item.script.words
            named = self.own_session and name not in self.forgetful
            named = named and not mentioned(words, *_FORGET)
            last = name > newest and not item.out_of_order
            ready = ready and named and last
            lazy = self.lazy and place < len(batch) and place % _WAIT_EVERY != 0
            segment = self._transaction(
                item, 0, applied, previous, named=named, ready=ready, lazy=lazy
            )
            if self.own_session and not ready:
                # No Sync behind it: were it cancelled, nothing of the file may run.
                segment = replace(segment, commands=(Query("discard all"), *segment.commands))
            yield segment
            ready = named and last and not _leaves(words) and place % _PLANNED_FOR != 0
            applied, previous, newest = applied + 1, name, max(newest, name)

    def _prepares(self) -> Iterator[Command]:
        for name in ("enter_again", "guard_again", "record"):
            yield Prepare(f"ajour {name}", self.sql[name])

    def step(self, pending: Pending, step: int, applied: int) -> Segment:
        """Return the segment of one step of several; the session stays as the steps leave it."""
        return self._transaction(pending, step, applied, "")

    def before_alone(self, pending: Pending, step: int, applied: int, there: str) -> Segment:
        """Return the transaction that writes down that a step outside a transaction begins.

        `there` is what is there before it, as recover.py has it.
        """
        enter, guard = self._enter(pending), self._guard(pending, step, "", str(applied), "")
        note = Query(self.sql["begin_alone"], (pending.migration.name, there))
        commands = (*_begin(), enter, guard, note, Query(COMMIT), Sync())
        return Segment(pending, step, commands, {}, enter, guard)

    def enter_alone(self, pending: Pending, step: int) -> Segment:
        """Return the settings for statements outside a transaction."""
        enter = Query(self.sql["enter_alone"], (f"ajour {pending.migration.name}",))
        return Segment(pending, step, (enter, Sync()), {}, enter)

    def alone(self, pending: Pending, step: int, instead: str | None) -> Segment:
        """Return the statement that cannot run in a transaction, or what is to run in its place."""
        statement = pending.script.steps[step].statements[0]
        command = _command(statement) if instead is None else Query(instead)
        return Segment(pending, step, (command, Sync()), {command: statement}, lasting=command)

    def carried(self, pending: Pending, step: int) -> Segment:
        """Return the session's settings of earlier steps, each by itself."""
        statements = commands_of(pending.script.steps[step].carried)
        commands = tuple(part for command in statements for part in (command, Sync()))
        return Segment(pending, step, commands, statements)

    def after_alone(self, pending: Pending, step: int, applied: int) -> Segment:
        """Return the transaction that records a step that ran outside a transaction."""
        enter, commit = self._enter(pending), Query(COMMIT)
        record = self._record(pending, step, applied, "")
        beside = self._beside(pending, step)
        commands = (*_begin(), enter, record, *beside, commit, Sync())
        return Segment(pending, step, commands, {}, enter, None, record, commit)

    def _transaction(
        self,
        pending: Pending,
        step: int,
        applied: int,
        previous: str,
        *,
        named: bool = False,
        ready: bool = False,
        lazy: bool = False,
    ) -> Segment:
        """Return the segment; `named`: with prepared statements, which are there if `ready`.

        Then `previous` is the last name, too. `lazy`: COMMIT need not wait for the disk.
        """
        work: Step = pending.script.steps[step]
        statements = commands_of(work.carried) | commands_of(work.statements)
        enter = self._enter(pending, again=ready)
        apart = pending.migration.name in self.apart
        held = "" if apart else pending.migration.name
        guard = self._guard(pending, step, held, None if ready else str(applied), previous)
        record = self._record(pending, step, applied, held, named=named, ready=ready, lazy=lazy)
        commit, keeps = Query(COMMIT), self.direct and not ready
        commands = (
            Query(BEGIN),
            enter,
            # Between two files the lock stays ours: whoever got it there would throw us back.
            *((Query(self.sql["session_lock"], (key(self.sql.table),)),) if keeps else ()),
            # Not before the lock is ours: the server locks what a statement names when it reads it.
            *(self._prepares() if named and not ready else ()),
            guard,
            *(Query(self.sql[each]) for each in ("settle", "hold_apart", "hold_fast") if apart),
            # So that it is known early which file the server is at, where it is not known already.
            *(() if ready else (Flush(),)),
            *statements,
            *map(Query, self._leave(pending)),
            *((Query(self.sql["let_go"]),) if apart else ()),
            record,
            *self._beside(pending, step),
            *(() if self.own_session else map(Query, SWEEP_TEMPORARY)),
            commit,
            Sync(),
        )
        return Segment(pending, step, commands, statements, enter, guard, record, commit)

    def _leave(self, pending: Pending) -> Iterator[str]:
        """Yield what undoes the file's changes to the session: our own statements come next."""
        text = pending.script.words
        if not self.own_session:
            yield from SWEEP
            if mentioned(text, "prepare"):
                yield FORGET_PREPARED
        else:
            yield FORGET_SEQUENCES
        yield from RESETS
        if mentioned(text, "grant"):  # such as GRANT ALL ON ALL TABLES IN SCHEMA public TO anon
            yield revoking(self.sql.history, self.closed_to)
            yield revoking(self.sql.progress, self.closed_to)

    def _ours(self, name: str, values: tuple[str, ...], *, named: bool = False) -> Query:
        return Query(self.sql[name], values, f"ajour {name}" if named else "")

    def _limits(self, pending: Pending) -> tuple[str, ...]:
        limits = self.limits
        name = f"ajour {pending.migration.name}"
        return (limits.lock_timeout, limits.statement_timeout, limits.idle_timeout, name)

    def _enter(self, pending: Pending, *, again: bool = False) -> Query:
        values = (*self._limits(pending), key(self.sql.table))
        if again:
            return self._ours("enter_again", (*values, "keep" if self.direct else ""), named=True)
        return self._ours("enter", values)

    def _guard(
        self, pending: Pending, step: int, held: str, count: str | None, previous: str
    ) -> Query:
        """Return the guard; without a count of rows, it is that `previous` is the last of them."""
        first = (pending.migration.name, str(step), held)
        if count is None:
            return self._ours("guard_again", (*first, previous), named=True)
        return self._ours("guard", (*first, count, previous))

    def _record(
        self,
        pending: Pending,
        step: int,
        applied: int,
        guarded: str,
        *,
        named: bool = False,
        ready: bool = False,
        lazy: bool = False,
    ) -> Query:
        first = (*self._limits(pending), pending.migration.name)
        if step == len(pending.script.steps) - 1:
            ran = (pending.migration.checksum, pending.migration.text)
            how = ("" if ready else "count", "lazy" if lazy else "")
            values = (*first, *ran, str(applied), guarded, *how)
            return self._ours("record", values, named=named)
        done = done_checksum(pending.script, step + 1)
        return self._ours("advance", (*first, str(step), done, str(applied), guarded))

    def _beside(self, pending: Pending, step: int) -> Iterator[Query]:
        """Yield what others are told in the transaction that records the step."""
        if self.mirror and step == len(pending.script.steps) - 1:
            yield from mirror.record(pending.migration, pending.script)
        if self.reload:
            yield Query(self.reload)


def _leaves(text: str) -> bool:
    return mentioned(text, *_LEAVE) and _LEAVES.search(text) is not None


def _begin() -> tuple[Command, ...]:
    """Return the beginning of a transaction of our own, whatever the file has set before it."""
    return (Query(BEGIN), *map(Query, RESETS))


def commands_of(statements: tuple[Statement, ...]) -> dict[Command, Statement]:
    """Return what is sent for each statement."""
    return {_command(statement): statement for statement in statements}


def _command(statement: Statement) -> Command:
    """COPY cannot be sent in a pipeline, whichever way its data goes."""
    first = statement.whole[statement.offset : statement.offset + 5].lower()
    if first[:4] == "copy" and not first[4:].isalnum():
        return Copy(statement)
    return Own(statement)
