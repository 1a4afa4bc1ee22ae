"""Applies what is pending, whatever comes in between: other deployers, lost connections, Ctrl-C.

Each turn reads the history and plans from it. Whatever interrupts a turn, the next one begins
with the truth, so that nothing runs twice and nothing is reported that is not known.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ajour.db.history import Backend, State, prepare, read
from ajour.db.lock import UNLOCK, wait_until_free
from ajour.db.retry import Budget
from ajour.db.rows import ServerError
from ajour.db.session import Session
from ajour.db.statements import Statements
from ajour.db.stop import Stop
from ajour.errors import (
    ConnectionFailed,
    ConnectionLost,
    HistoryChanged,
    InDoubt,
    Interrupted,
    MigrationFailed,
    Occupied,
    Refusal,
    Stopped,
)
from ajour.events import Done, Event, Planned, Recovered, StepDone
from ajour.model import History, Plan, Progress
from ajour.settings import Settings

if TYPE_CHECKING:
    from ajour.db.apply import Run
    from ajour.db.flight import Flight

TURNS = 1000
"""How often a run plans again because another process was faster: once a migration at worst."""

LEAST_PATIENCE = 5.0
"""Seconds to come back after the connection was lost, however short --wait is."""


@dataclass
class Migrate:
    """One call of `ajour migrate` or `ajour deploy`, from the first connection to the last row."""

    settings: Settings
    session: Session
    make_plan: Callable[[], tuple[Plan, State]]
    """Reads the history and plans. Raises Refusal."""
    stop: Stop = field(default_factory=Stop)
    budget: Budget = field(default_factory=Budget)
    done: list[str] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    """How many steps of a migration are done."""
    run: "Run | None" = None
    before: Callable[[Plan], None] | None = None
    """Called once with the first plan, before anything runs. Raises Refusal to stop it."""
    direct: bool = True
    """Nothing stands between us and the server."""
    lost_at: tuple[object, ...] | None = None
    """What was done when the connection was lost last."""

    def events(self) -> Iterator[Event]:
        """Apply what is pending, one event for each thing that became true.

        Raises Refusal before anything ran; Stopped (MigrationFailed, Interrupted, InDoubt) after.
        """
        try:
            for event in self._turns():
                yield event
                if not self.stop.deferred:
                    self.stop.admit()  # a signal may have come while the event was told
        except KeyboardInterrupt:
            if self.run and self.run.flight.in_doubt:  # the connection was lost
                raise self._unknown("You stopped before it could be asked.") from None
            raise Interrupted("Stopped.", progress=self._progress(), hint=_LOOK) from None
        except Refusal as refusal:
            self.session.undo(UNLOCK)
            if not self.done and not self.steps:
                raise
            raise MigrationFailed(  # a refusal says that nothing was changed
                refusal.message,
                progress=self._progress(),
                hint=refusal.hint,
                where=refusal.where,
                details=refusal.details,
            ) from None

    def _turns(self) -> Iterator[Event]:
        """Plan and apply, again and again, until nothing is pending."""
        state, told = None, False
        for _ in range(TURNS):
            self.stop.admit()  # a signal may have come while a transaction was open
            yield from self.session.open(self.settings.wait / 1000)
            try:
                plan, state = self.make_plan()
                if not plan.pending:
                    yield from self._close_again(state)
                    yield from self._mirrored(state)
                    return
                if not told:
                    told = True
                    names = tuple(item.migration.name for item in plan.pending)
                    yield Planned(names, plan.findings)
                if self.before is not None:
                    self.before(plan)
                    self.before = None
                yield from self._turn(plan, state)
                with suppress(ConnectionLost):  # all is applied: nothing is in doubt
                    yield from self._close_again(self.make_plan()[1])
            except Occupied:
                yield from self._wait()
            except HistoryChanged:
                continue
            except ConnectionLost as loss:
                yield from self._after(loss, state)
            else:
                return
        raise Refusal("The history kept changing under this run.", hint="Run ajour again.")

    def _turn(self, plan: Plan, state: State) -> Iterator[Event]:
        # Only where something is pending: a third of the time that ajour itself takes to start.
        from ajour.db.apply import Run
        from ajour.db.pooler import mode
        from ajour.db.segment import Composer, Limits

        check_writable(state)
        backend = state.server.backend
        how = mode(self.session, backend.pid)
        self.direct = how == "direct"
        if how == "transaction":
            _check_pooled(plan)
        sql = Statements(self.settings.table)
        limits = Limits(f"{self.settings.lock_timeout}ms", f"{self.settings.statement_timeout}ms")
        self.run = Run(
            self.session,
            Composer(
                sql,
                limits,
                own_session=how != "transaction",
                direct=self.direct,
                closed_to=state.closed_to,
                lazy=self.settings.window > 1,
                mirror=self.settings.mirror is not None,
                reload=self.settings.profile.reload,
            ),
            plan,
            wait=self.settings.wait / 1000,
            stop=self.stop,
            earlier=tuple(self.done),
            show_detail=self.settings.show_detail,
            window=self.settings.window,
            budget=self.budget,
        )
        yield from self._prepared(state)
        for event in self.run.events():
            if isinstance(event, Done):
                self.done.append(event.name)
            elif isinstance(event, StepDone):
                self.steps[event.name] = event.step
            yield event

    def _prepared(self, state: State) -> Iterator[Event]:
        """See to it that the history is there as it must be. Raises HistoryChanged."""
        from ajour.db import mirror

        pgconn, table = self.session.pgconn, self.settings.table
        try:
            prepared = prepare(pgconn, table, state)
            mirrored = self.settings.mirror and mirror.prepare(pgconn, table)
        except ServerError as error:
            if "ajour:locked" not in error.message:
                raise
            yield from self._wait()
            raise HistoryChanged("Another process had the lock.") from None
        if prepared:
            yield prepared
        if mirrored:
            yield Recovered(None, mirrored)

    def _wait(self) -> Iterator[Event]:
        patience = self.settings.wait / 1000
        yield from wait_until_free(self.session.pgconn, Statements(self.settings.table), patience)

    def _mirrored(self, state: State) -> Iterator[Event]:
        """Bring the other history up to date where nothing is pending."""
        if self.settings.mirror and state.complete and state.server.writable:
            yield from self._prepared(state)

    def _close_again(self, state: State) -> Iterator[Event]:
        """Close the history where a migration, or a person, has opened it to others."""
        if state.open and state.complete and state.server.writable:
            yield from self._prepared(state)

    def _after(self, loss: ConnectionLost, state: State | None) -> Iterator[Event]:
        """Find out what became of what was under way; a second loss at the same place is final."""
        if self.run is None or state is None:
            raise loss
        from ajour.db.flight import Flight
        from ajour.db.reconnect import come_back

        flight, said = self.run.flight, " ".join("; ".join(loss.details).split())
        if self.stop.requested and not flight.in_doubt:
            raise KeyboardInterrupt
        yield Recovered(None, f"the connection was lost ({said}): reconnecting")
        try:
            history = yield from come_back(
                self.session,
                state.server.backend if self.direct else Backend(0, ""),
                flight,
                max(LEAST_PATIENCE, self.settings.wait / 1000),
                lambda: read(self.session.pgconn, self.settings.table).history,
            )
        except ConnectionFailed as failure:
            raise self._unknown(failure.message, failure.details) from None
        yield from self._found(flight, history)
        self.run.flight = Flight()
        place = (*self.done, *((row.name, row.steps_done) for row in history.unfinished))
        if self.lost_at == place:
            raise MigrationFailed(
                "The connection was lost twice at the same place.",
                progress=self._progress(),
                details=(said,),
                hint="Look into the server's log for what ends it, then run ajour again.",
            )
        self.lost_at = place

    def _found(self, flight: "Flight", history: History) -> Iterator[Event]:
        """Take note of what took effect although its answer was lost."""
        for row in history.unfinished:
            if row.name in flight.names and row.steps_done:
                self.steps[row.name] = row.steps_done
        rows = {row.name: row for row in history.applied}
        for name in flight.names:
            if name in rows and name not in self.done:
                self.done.append(name)
                yield Done(name, rows[name].duration_ms or 0)

    def _unknown(self, why: str, details: tuple[str, ...] = ()) -> Stopped:
        """Return the error for a lost connection that did not come back."""
        in_doubt = self.run.flight.in_doubt if self.run else ()
        if not in_doubt:
            return MigrationFailed(
                "The connection was lost, and the server cannot be asked. What was under way had"
                " not been committed: the server rolls it back.",
                progress=self._progress(),
                details=(why, *details),
                hint=_LOOK,
            )
        return InDoubt(
            "The connection was lost before the answer to COMMIT came, and the server cannot be"
            " asked what became of it.",
            progress=self._progress(in_doubt),
            details=(why, *details),
            hint="When the server is back: ajour status. What it lists as applied took effect"
            " whole, what it lists as pending not at all; then run this again, and it goes on.",
        )

    def _progress(self, in_doubt: tuple[str, ...] = ()) -> Progress:
        """Return what is in the database, as far as it is known here."""
        if self.run is None:
            return Progress(applied=tuple(self.done))
        left = [item for item in self.run.plan.pending if item.migration.name not in self.done]
        first = left[0] if left else None
        done = self.steps.get(first.migration.name, first.first_step) if first else 0
        begun = first.migration.name if first and done else None
        told = {begun, *in_doubt}
        names = [item.migration.name for item in left]
        return Progress(
            applied=tuple(self.done),
            failed=None if begun in in_doubt else begun,
            steps_done=done,
            steps=len(first.script.steps) if first else 1,
            in_doubt=in_doubt,
            not_run=tuple(name for name in names if name not in told),
        )


_LOOK = "ajour status, then run it again: it goes on with what is pending."


def _check_pooled(plan: Plan) -> None:
    for item in plan.pending:
        if item.script.in_steps:
            raise Refusal(
                f"{item.migration.name} does not run in one transaction: it needs a session of its"
                " own, which a transaction pooler does not give.",
                hint="Use the session pooler or the direct connection: port 5432, not 6543.",
            )


def check_writable(state: State) -> None:
    """Raise Refusal when the server takes no writes."""
    if state.server.in_recovery:
        raise Refusal(
            "This server is a read replica: nothing can be written to it.",
            hint="Use the URL of the primary.",
        )
    if state.server.read_only:
        raise Refusal(
            "The database is in read-only mode.",
            hint="On Supabase that means that the disk is 95 % full: free room first. Elsewhere "
            "look at default_transaction_read_only.",
        )
    if not state.may_write:
        raise Refusal(
            f"The role {state.server.user} may read the history, but not write to it.",
            hint="Connect as the owner of the history table (on Supabase that is postgres).",
        )
