"""Sends commands without waiting for their answers: libpq's pipeline, with COPY let through.

Everything goes through the extended protocol, one statement a message, so that the server
itself refuses text that holds two statements. Nothing here knows what the commands mean.
"""

import select
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ajour.errors import ConnectionLost
from ajour.model import Statement

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

WINDOW = 1 << 20
"""How many bytes may be under way before their answers are waited for."""

TICK = 0.5
"""Seconds without an answer after which a Tick is given."""

_COPY_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One statement, with its parameters as text."""

    sql: str
    params: tuple[str | None, ...] = ()
    prepared: str = ""
    """The name of a Prepare that was sent before: then only that goes over the line."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepare:
    """Has the server keep a statement, and soon its plan, under a name."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """A statement of the user's file: what is sent is cut out of the file when it is sent."""

    statement: Statement
    prepared = ""
    params = ()

    @property
    def sql(self) -> str:
        """What is sent."""
        sent = self.statement.sent
        return self.statement.text if sent is None else sent


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A COPY statement of the file, with the data that follows it, or with data from the server."""

    statement: Statement


class Sync:
    """The end of a segment: after an error the server skips everything up to here."""


class Flush:
    """Asks the server for the answers that it has; it gives no answer of its own."""


Command = Query | Own | Prepare | Copy | Sync | Flush


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command; None stands for a COPY that was not sent after an error."""

    command: Command
    result: "PGresult | None"


class Tick:
    """Nothing came back for a while: the server is at work, or waits."""


def stream(
    pgconn: "PGconn",
    commands: Iterator[Command],
    window: int = WINDOW,
    tick: float = TICK,
    *,
    in_turn: bool = False,
) -> Iterator[Reply | Tick]:
    """Send `commands` and yield their replies in order, with a Tick every `tick` idle seconds.

    At most about `window` bytes are under way; `in_turn`, nothing is sent behind a Sync before its
    answer came. A pooler of transactions needs that: at the first answer it may give the server
    process to somebody else, and later answers are lost (seen with PgBouncer 1.18).
    Raises ConnectionLost when the connection breaks. Leaves the connection out of pipeline mode
    unless it broke.
    """
    from psycopg.errors import OperationalError

    try:
        pipeline = _Pipeline(pgconn, in_turn=in_turn)
    except OperationalError:  # it was broken already
        raise _lost(pgconn) from None
    try:
        while True:
            copy = pipeline.send(commands, window)
            while pipeline.sent:
                ready = pipeline.wait(tick)
                if not ready:
                    yield Tick()
                    continue
                # After an error libpq itself answers for what is skipped, without the server:
                # so answers are looked for again after each sending.
                while True:
                    yield from pipeline.replies()
                    if copy is not None or pipeline.under_way >= window:
                        break
                    before = len(pipeline.sent)
                    copy = pipeline.send(commands, window)
                    if len(pipeline.sent) == before:
                        break
            if copy is None:
                break
            pipeline.leave()
            yield Reply(copy, (yield from _copy(pgconn, copy, tick)))
            pipeline.enter()
        pipeline.leave()
    except OperationalError:
        raise _lost(pgconn) from None


def _lost(pgconn: "PGconn") -> ConnectionLost:
    # libpq knows why the line broke; psycopg's own text for it is less exact.
    said = pgconn.get_error_message().strip()
    return ConnectionLost(
        "The connection to the database was lost.",
        details=(said,) if said else (),
        hint="Run ajour again.",
    )


class _Pipeline:
    """A connection in pipeline mode, and the commands that wait for their answers."""

    def __init__(self, pgconn: "PGconn", *, in_turn: bool) -> None:
        self.pgconn = pgconn
        self.in_turn = in_turn
        self.sent: deque[Command] = deque()
        self.sizes: deque[int] = deque()
        self.under_way = 0
        self.answer: PGresult | None = None
        self.enter()

    def enter(self) -> None:
        self.pgconn.nonblocking = 1
        self.pgconn.enter_pipeline_mode()
        self.poll = select.poll()

    def leave(self) -> None:
        self.pgconn.exit_pipeline_mode()
        self.pgconn.nonblocking = 0

    def send(self, commands: Iterator[Command], window: int) -> Copy | None:
        """Send until the window is full; a COPY stops it and is returned."""
        while self.under_way < window:
            if self.in_turn and self.sent and isinstance(self.sent[-1], Sync):
                return None
            command = next(commands, None)
            if command is None:
                return None
            if isinstance(command, Copy):
                # COPY cannot be part of a pipeline: end it here, inside the transaction.
                self._sync(Sync())
                return command
            if isinstance(command, Flush):
                self.pgconn.send_flush_request()
            elif isinstance(command, Sync):
                self._sync(command)
            elif isinstance(command, Prepare):
                self.pgconn.send_prepare(command.name.encode(), command.sql.encode())
                self._note(command, len(command.sql))
            else:
                self._query(command)
        if self.sent and not isinstance(self.sent[-1], Sync):
            # The server answers at a Sync, which is not due yet: ask for what it has.
            self.pgconn.send_flush_request()
        return None

    def _sync(self, command: Sync) -> None:
        self.pgconn.pipeline_sync()
        self._note(command, 5)

    def _query(self, command: Query | Own) -> None:
        sql = (command.prepared or command.sql).encode()
        params = [None if value is None else value.encode() for value in command.params]
        if command.prepared:
            self.pgconn.send_query_prepared(sql, params or None)
        else:
            self.pgconn.send_query_params(sql, params or None)
        self._note(command, len(sql) + sum(len(value) for value in params if value))

    def _note(self, command: Command, size: int) -> None:
        self.sent.append(command)
        self.sizes.append(size)
        self.under_way += size

    def wait(self, seconds: float) -> bool:
        """Wait for the socket; False when nothing happened in `seconds`."""
        events = select.POLLIN | (select.POLLOUT if self.pgconn.flush() else 0)
        self.poll.register(self.pgconn.socket, events)
        if not self.poll.poll(seconds * 1000):
            return False
        self.pgconn.consume_input()
        return True

    def replies(self) -> Iterator[Reply]:
        """Yield what has come back whole."""
        from psycopg.pq import ExecStatus

        while self.sent and not self.pgconn.is_busy():
            result = self.pgconn.get_result()
            if result is None:
                if self.answer is None:
                    return
                yield self._pair(self.answer)
                self.answer = None
            elif result.status == ExecStatus.PIPELINE_SYNC:
                yield self._pair(result)
            else:
                self.answer = result

    def _pair(self, result: "PGresult") -> Reply:
        self.under_way -= self.sizes.popleft()
        return Reply(self.sent.popleft(), result)


def _copy(pgconn: "PGconn", copy: Copy, tick: float) -> "Generator[Tick, None, PGresult | None]":
    """Run one COPY inside the open transaction; None when that transaction has failed.

    It waits in Python, never in libpq, so that a signal is heard meanwhile.
    """
    from psycopg.pq import ExecStatus, TransactionStatus

    if pgconn.transaction_status != TransactionStatus.INTRANS:
        return None
    pgconn.nonblocking = 1
    pgconn.send_query_params(copy.statement.text.encode(), None)
    last = result = yield from _result(pgconn, tick)
    if result is not None and result.status == ExecStatus.COPY_IN:
        start, end = copy.statement.data or (0, 0)
        for at in range(start, end, _COPY_CHUNK):
            pgconn.put_copy_data(copy.statement.whole[at : min(at + _COPY_CHUNK, end)].encode())
            yield from _flush(pgconn, tick)
        pgconn.put_copy_end(None if copy.statement.data else b"no data follows this COPY")
    elif result is not None and result.status == ExecStatus.COPY_OUT:
        # What it prints goes nowhere, as in any run that nobody watches.
        while (size := pgconn.get_copy_data(1)[0]) >= 0:
            if size == 0:
                yield from _ready(pgconn, select.POLLIN, tick)
                pgconn.consume_input()
    while (more := (yield from _result(pgconn, tick))) is not None:
        last = more
    pgconn.nonblocking = 0
    return last


def _result(pgconn: "PGconn", tick: float) -> "Generator[Tick, None, PGresult | None]":
    """Return the next result of what was sent, None after the last."""
    yield from _flush(pgconn, tick)
    while pgconn.is_busy():
        yield from _ready(pgconn, select.POLLIN, tick)
        pgconn.consume_input()
    return pgconn.get_result()


def _flush(pgconn: "PGconn", tick: float) -> Iterator[Tick]:
    """Send what waits to be sent, and take in what the server says meanwhile."""
    while pgconn.flush():
        if (yield from _ready(pgconn, select.POLLIN | select.POLLOUT, tick)) & select.POLLIN:
            pgconn.consume_input()


def _ready(pgconn: "PGconn", events: int, tick: float) -> Generator[Tick, None, int]:
    """Wait for one of `events` on the socket and return which came."""
    poll = select.poll()
    poll.register(pgconn.socket, events)
    while not (found := poll.poll(tick * 1000)):
        yield Tick()
    return found[0][1]
