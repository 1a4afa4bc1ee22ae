"""Runs a plan: steps are streamed to the server, events come back as they become true.

After a failure the migrations whose Done event was seen are applied, the failed one is rolled
back to its last done step, and nothing of those after it was executed: each segment's guard
demands, on the server, that the one before it is in the history.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ajour.db import lock
from ajour.db.failure import migration_failed
from ajour.db.rows import ServerError, failed, rows
from ajour.db.segment import Composer, Segment
from ajour.db.wire import WINDOW, Command, Reply, stream
from ajour.errors import HistoryChanged, Refusal
from ajour.events import Done, Event, Retrying, Running, Started, StepDone, Waiting
from ajour.model import Pending, Plan, Progress
from ajour.sql.position import place

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

RETRIED = {"55P03": "lock timeout", "40P01": "deadlock", "40001": "serialization failure"}
"""What a whole new try can cure, by SQLSTATE."""

TRIES = 10

LOOK_AFTER = 2.0
"""Seconds a statement runs before the onlooker asks the server about it."""


@dataclass
class Run:
    """One run of a plan on one connection."""

    pgconn: "PGconn"
    composer: Composer
    plan: Plan
    wait: float
    """Seconds to wait for another deployer before giving up."""
    earlier: tuple[str, ...] = ()
    """What this run applied already, by an earlier plan."""
    look: Callable[[int], str | None] = lambda _pid: None
    """Says of a server process whom it waits for, or how far it is."""
    window: int = WINDOW
    applied: list[str] = field(default_factory=list)
    tries: int = 0
    duration_ms: int = 0
    """What the server measured for the migration that is about to be committed."""
    pid: int = 0
    """The server process that does the work: behind a pooler, another one each time."""

    def events(self) -> Iterator[Event]:
        """Apply what is pending.

        Raises MigrationFailed, HistoryChanged (plan again: nothing is lost), Refusal when the
        lock is not to be had, psycopg.OperationalError when the connection breaks.
        """
        while len(self.applied) < len(self.plan.pending):
            try:
                yield from self._attempt()
            except _Failed as failure:
                self.pgconn.exec_(b"rollback")
                yield from self._again_or_raise(failure)

    def _attempt(self) -> Iterator[Event]:
        """Go on from the first migration that is not done."""
        remaining = self.plan.pending[len(self.applied) :]
        if len(remaining[0].script.steps) > 1 or not remaining[0].script.steps[0].transactional:
            yield from self._in_steps(remaining[0])
            return
        several = next(
            (
                index
                for index, item in enumerate(remaining)
                if len(item.script.steps) > 1 or not item.script.steps[0].transactional
            ),
            len(remaining),
        )
        yield from self._stream(self._segments(remaining[:several]))

    def _segments(self, batch: tuple[Pending, ...]) -> Iterator[Segment]:
        count = self.plan.applied + len(self.applied)
        previous = self.applied[-1] if self.applied else ""
        for item in batch:
            yield self.composer.transactional(item, 0, count, previous)
            count, previous = count + 1, item.migration.name

    def _in_steps(self, item: Pending) -> Iterator[Event]:
        """Run a migration of several steps, with the lock held by the session throughout."""
        if not self.composer.own_session:
            raise Refusal(
                f"{item.migration.name} has steps of its own and needs a session, which a "
                "transaction pooler does not give.",
                hint="Use the session pooler or the direct connection (port 5432).",
            )
        if not lock.take_session(self.pgconn, self.composer.sql):
            raise _Failed(None, None, "ajour:locked")
        try:
            count = self.plan.applied + len(self.applied)
            for step in range(item.first_step, len(item.script.steps)):
                yield from self._stream(iter(self._of_step(item, step, count)))
        finally:
            if self.pgconn.status == 0:
                self.pgconn.exec_(b"rollback")
                lock.give_session(self.pgconn, self.composer.sql)

    def _of_step(self, item: Pending, step: int, count: int) -> list[Segment]:
        if item.script.steps[step].transactional:
            return [self.composer.transactional(item, step, count, "")]
        return [
            self.composer.alone_before(item, step, count),
            self.composer.alone(item, step),
            self.composer.alone_after(item, step, count),
        ]

    def _stream(self, segments: Iterator[Segment]) -> Iterator[Event]:
        """Send segments and turn their answers into events; raise _Failed at the first error."""
        known: dict[Command, Segment] = {}

        def commands() -> Iterator[Command]:
            for segment in segments:
                known.update(dict.fromkeys(segment.commands, segment))
                yield from segment.commands

        current: Command | None = None
        since = time.monotonic()
        problem: _Failed | None = None
        for reply in stream(self.pgconn, commands(), window=self.window):
            if not isinstance(reply, Reply):
                yield from self._running(known, current, time.monotonic() - since)
                continue
            since = time.monotonic()
            segment = known.pop(reply.command, None)
            if segment is None or problem is not None:
                continue
            if failed(reply.result):
                problem = _Failed(segment, reply.command, ServerError(_some(reply.result)))
                continue
            index = segment.commands.index(reply.command)
            current = next(iter(segment.commands[index + 1 : index + 2]), None)
            yield from self._became_true(segment, reply)
        if problem is not None:
            raise problem

    def _became_true(self, segment: Segment, reply: Reply) -> Iterator[Event]:
        name = segment.pending.migration.name
        steps = len(segment.pending.script.steps)
        if reply.command is segment.commands[0]:
            yield Started(name, segment.step + 1, steps)
        if reply.command is segment.enter:
            self.pid = int(rows(_some(reply.result))[0][0] or 0)
        elif reply.command is segment.record and segment.records:
            self.duration_ms = int(rows(_some(reply.result))[0][0] or 0) if segment.last_step else 0
        elif reply.command is segment.commit and segment.records:
            if segment.last_step:
                self.applied.append(name)
                self.tries = 0
                yield Done(name, self.duration_ms)
            else:
                yield StepDone(name, segment.step + 1, steps)

    def _running(
        self, known: dict[Command, Segment], command: Command | None, seconds: float
    ) -> Iterator[Event]:
        segment = known.get(command) if command is not None else None
        if segment is None or command not in segment.statements:
            return
        statement = segment.statements[command]
        migration = segment.pending.migration
        where = place(migration.text, statement.offset, str(migration.path))
        detail = self.look(self.pid) if seconds > LOOK_AFTER else None
        yield Running(migration.name, where, seconds, detail)

    def _again_or_raise(self, failure: "_Failed") -> Iterator[Event]:
        if failure.word == "ajour:locked":
            yield from self.wait_for_lock()
            raise HistoryChanged("Another process had the lock.")
        if failure.word == "ajour:history-changed":
            raise HistoryChanged("Another process applied something meanwhile.")
        segment, error = failure.segment, failure.error
        if segment is None or error is None:
            raise failure
        self.tries += 1
        name = segment.pending.migration.name
        if error.sqlstate in RETRIED and self.tries < TRIES and segment.records:
            delay = min(30.0, 2.0**self.tries / 2) * random.uniform(0.5, 1.0)  # noqa: S311 — jitter
            yield Retrying(name, RETRIED[error.sqlstate], self.tries, delay)
            time.sleep(delay)
            return
        raise migration_failed(segment, failure.command, error, self._progress(segment))

    def _progress(self, segment: Segment) -> Progress:
        names = [item.migration.name for item in self.plan.pending]
        at = names.index(segment.pending.migration.name)
        return Progress(
            applied=(*self.earlier, *self.applied),
            failed=names[at],
            steps_done=segment.step,
            steps=len(segment.pending.script.steps),
            not_run=tuple(names[at + 1 :]),
        )

    def wait_for_lock(self) -> Iterator[Event]:
        """Poll until the lock was free for a moment; raises Refusal after `wait` seconds."""
        start = said = time.monotonic()
        sql = self.composer.sql
        while not lock.is_free(self.pgconn, sql):
            waited = time.monotonic() - start
            if waited > self.wait:
                raise Refusal(
                    f"Another process has held the lock for the {self.wait:.0f} s of --wait.",
                    details=(lock.holder(self.pgconn, sql),),
                    hint="Run ajour again when it has ended; nothing was changed by this run.",
                )
            if time.monotonic() - said > 2:
                said = time.monotonic()
                yield Waiting(lock.holder(self.pgconn, sql), waited)
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 — jitter, not a secret


class _Failed(Exception):
    """The first error of a stream: whose it is, and our own word when a guard raised it."""

    def __init__(
        self, segment: Segment | None, command: Command | None, error: ServerError | str
    ) -> None:
        super().__init__(str(error))
        self.segment = segment
        self.command = command
        self.error = error if isinstance(error, ServerError) else None
        text = error.message if isinstance(error, ServerError) else error
        found = text.find("ajour:")
        ours = segment is None or command not in segment.statements
        self.word = text[found:].split()[0] if found >= 0 and ours else ""


def _some(value: "PGresult | None") -> "PGresult":
    """Return a result that is there: an answered Query always has one."""
    if value is None:
        raise RuntimeError("an answer without a result")
    return value
