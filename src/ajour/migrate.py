"""Applies what is pending, whatever comes in between: other deployers, lost connections, Ctrl-C.

Each turn reads the history and plans from it. Whatever interrupts a turn, the next one begins
with the truth, so that nothing runs twice and nothing is reported that is not known.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ajour.db.apply import Run
from ajour.db.history import State, prepare, read
from ajour.db.lock import wait_until_free
from ajour.db.pooler import mode
from ajour.db.reconnect import come_back
from ajour.db.rows import ServerError
from ajour.db.segment import Composer, Limits
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
    Refusal,
    Stopped,
)
from ajour.events import Done, Event, Planned, Recovered
from ajour.model import Plan, Progress
from ajour.settings import Settings

TURNS = 1000
"""How often a run plans again because another process was faster: once a migration at worst."""

PATIENCE = 60.0
"""Seconds to come back after the connection was lost."""


@dataclass
class Migrate:
    """One call of `ajour migrate` or `ajour deploy`, from the first connection to the last row."""

    settings: Settings
    session: Session
    make_plan: Callable[[], tuple[Plan, State]]
    """Reads the history and plans. Raises Refusal."""
    stop: Stop = field(default_factory=Stop)
    done: list[str] = field(default_factory=list)
    run: Run | None = None
    direct: bool = True
    """Nothing stands between us and the server."""
    lost_at: tuple[str, ...] | None = None
    """What was applied when the connection was lost last."""

    def events(self) -> Iterator[Event]:
        """Apply what is pending, one event for each thing that became true.

        Raises Refusal before anything ran; Stopped (MigrationFailed, Interrupted, InDoubt) after.
        """
        try:
            for turn in range(TURNS):
                yield from self.session.open(self.settings.wait / 1000)
                try:
                    plan, state = self.make_plan()
                    if not plan.pending:
                        return
                    if turn == 0:
                        names = tuple(item.migration.name for item in plan.pending)
                        yield Planned(names, plan.findings)
                    yield from self._turn(plan, state)
                except HistoryChanged:
                    continue
                except ConnectionLost as loss:
                    yield from self._after(loss, state)
                else:
                    return
        except KeyboardInterrupt:
            raise Interrupted("Stopped.", progress=self._progress(), hint=_LOOK) from None
        except Refusal as refusal:
            if not self.done:
                raise
            raise MigrationFailed(  # a refusal says that nothing was changed
                refusal.message,
                progress=self._progress(),
                hint=refusal.hint,
                where=refusal.where,
                details=refusal.details,
            ) from None
        raise Refusal("The history kept changing under this run.", hint="Run ajour again.")

    def _turn(self, plan: Plan, state: State) -> Iterator[Event]:
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
            Composer(sql, limits, state.server.version, own_session=how != "transaction"),
            plan,
            wait=self.settings.wait / 1000,
            stop=self.stop,
            earlier=tuple(self.done),
            show_detail=self.settings.show_detail,
            window=self.settings.window,
        )
        try:
            prepared = prepare(self.session.pgconn, self.settings.table, state)
        except ServerError as error:
            if "ajour:locked" not in error.message:
                raise
            yield from wait_until_free(self.session.pgconn, sql, self.run.wait)
            raise HistoryChanged("Another process had the lock.") from None
        if prepared:
            yield prepared
        for event in self.run.events():
            if isinstance(event, Done):
                self.done.append(event.name)
            yield event

    def _after(self, loss: ConnectionLost, state: State) -> Iterator[Event]:
        """Find out what became of what was under way; a second loss at the same place is final."""
        if self.run is None:
            raise loss
        flight, before = self.run.flight, tuple(self.done)
        yield Recovered(None, f"the connection was lost ({'; '.join(loss.details)}): reconnecting")
        try:
            yield from come_back(
                self.session, state.server.backend, flight, PATIENCE, direct=self.direct
            )
            history = read(self.session.pgconn, self.settings.table).history
        except (ConnectionFailed, KeyboardInterrupt) as failure:
            raise self._unknown(failure) from None
        rows = {row.name: row for row in history.applied}
        for name in flight.names:
            if name in rows and name not in before:
                self.done.append(name)
                yield Done(name, rows[name].duration_ms or 0)
        if self.lost_at == tuple(self.done):
            raise MigrationFailed(
                "The connection was lost twice at the same place.",
                progress=self._progress(),
                details=loss.details,
                hint="Look into the server's log for what ends it, then run ajour again.",
            )
        self.lost_at = tuple(self.done)

    def _unknown(self, failure: BaseException) -> Stopped:
        """Return the error for a lost connection that did not come back."""
        flight = self.run.flight if self.run else None
        said = (failure.message,) if isinstance(failure, ConnectionFailed) else ()
        if flight is None or not flight.undecided:
            return MigrationFailed(
                "The connection was lost, and the server cannot be reached again. What was under"
                " way had not been committed: the server rolls it back.",
                progress=self._progress(),
                details=said,
                hint=_LOOK,
            )
        return InDoubt(
            "The connection was lost at COMMIT, and the server cannot be reached again.",
            progress=self._progress(flight.names),
            details=said,
            hint="When the server is back: ajour status. What it lists as applied took effect"
            " whole, what it lists as pending not at all; then ajour migrate goes on.",
        )

    def _progress(self, in_doubt: tuple[str, ...] = ()) -> Progress:
        if self.run is None:
            return Progress(applied=tuple(self.done))
        left = [item.migration.name for item in self.run.plan.pending]
        known = {*self.done, *in_doubt}
        return Progress(
            applied=tuple(self.done),
            in_doubt=in_doubt,
            not_run=tuple(name for name in left if name not in known),
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
