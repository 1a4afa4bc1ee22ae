"""Runs a plan: steps are streamed to the server, events come back as they become true.

After a failure the migrations whose Done event was seen are applied, the failed one is rolled
back to its last done step, and nothing of those after it was executed: each segment's guard
demands, on the server, that the one before it is in the history.
"""

import random
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import chain, takewhile
from typing import TYPE_CHECKING

from ajour.db import lock
from ajour.db.durable import bring_to_disk, bring_to_disk_beside
from ajour.db.failure import Failed, guard_in_the_way, migration_failed
from ajour.db.flight import Flight
from ajour.db.recover import Look, look, note, noted
from ajour.db.retry import NEVER_AGAIN, RETRIED, Budget, Tries
from ajour.db.rows import ServerError, failed, fetch, rows, undo
from ajour.db.segment import Composer, Segment
from ajour.db.session import Session
from ajour.db.stop import Stop
from ajour.db.watch import Seen, watch
from ajour.db.wire import WINDOW, Command, Flush, Reply, stream
from ajour.errors import ConnectionLost, HistoryChanged, Interrupted, Refusal
from ajour.events import (
    Done,
    Event,
    Notice,
    Recovered,
    Retrying,
    Running,
    Started,
    StepDone,
    Waiting,
)
from ajour.model import Pending, Plan, Progress, Statement, Where
from ajour.sql.position import place_of

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

NOT_PREPARED = "26000"
TICK = 0.25
LOOK_AFTER = 1.0
"""Seconds without an answer before the onlooker asks what the server is at."""


@dataclass
class Run:
    """One run of a plan on one connection. What it reached can be read when it broke off."""

    session: Session
    composer: Composer
    plan: Plan
    wait: float
    """Seconds to wait for another deployer before giving up."""
    stop: Stop = field(default_factory=Stop)
    earlier: tuple[str, ...] = ()
    """What this run applied already, by an earlier plan."""
    show_detail: bool = True
    window: int = WINDOW
    budget: Budget = field(default_factory=Budget)
    applied: list[str] = field(default_factory=list)
    steps_done: dict[str, int] = field(default_factory=dict)
    flight: Flight = field(default_factory=Flight)
    seen: Seen | None = None
    """What the onlooker saw last."""
    duration_ms: int = 0
    """What the server measured for the migration that is about to be committed."""

    def events(self) -> Iterator[Event]:
        """Apply what is pending.

        Raises MigrationFailed, Interrupted, HistoryChanged (plan again: nothing is lost), Refusal
        when the lock is not to be had, ConnectionLost.
        """
        tries, began = Tries(), 0.0
        while len(self.applied) < len(self.plan.pending):
            reached = (len(self.applied), dict(self.steps_done))
            try:
                with self.stop.defer():
                    yield from self._attempt()
                self._heed()
            except Failed as failure:
                if self.stop.requested:
                    self._heed(failure)
                if reached != (len(self.applied), self.steps_done):
                    tries = Tries()
                if not tries.count:
                    began = time.monotonic()
                tries = Tries(tries.count + 1, time.monotonic() - began)
                yield from self._again_or_raise(failure, tries)

    def progress(self, stopped_at: str | None = None) -> Progress:
        """Return what is in the database now."""
        rest = self.plan.pending[len(self.applied) :]
        names = [item.migration.name for item in rest]
        steps = rest[0].script.steps if rest else ()
        step = self._next_step(rest[0]) if rest else 0
        return Progress(
            applied=(*self.earlier, *self.applied),
            failed=stopped_at,
            steps_done=step,
            steps=len(steps) or 1,
            rolled_back=not steps or steps[min(step, len(steps) - 1)].transactional,
            not_run=tuple(names[1:] if stopped_at else names),
        )

    def _attempt(self) -> Iterator[Event]:
        """Go on from the first migration that is not done."""
        remaining = self.plan.pending[len(self.applied) :]
        if remaining[0].script.in_steps:
            yield from self._in_steps(remaining[0])
        else:
            whole = tuple(takewhile(lambda item: not item.script.in_steps, remaining))
            count, previous = len(self.applied), self.applied[-1] if self.applied else ""
            segments = self.composer.files(whole, self.plan.applied + count, previous)
            yield from self._stream(segments, release=True)

    def _in_steps(self, item: Pending) -> Iterator[Event]:
        """Run a migration of several steps, with the lock held by the session throughout."""
        pgconn = self.session.pgconn
        fetch(pgconn, "discard all")
        if not lock.take_session(pgconn, self.composer.sql):
            yield from self._wait_for_lock()
        try:
            count = self.plan.applied + len(self.applied)
            self._check_still_so(item, count)
            for step in range(self._next_step(item), len(item.script.steps)):
                if self.stop.requested:
                    return
                if item.script.steps[step].transactional:
                    yield from self._stream(iter([self.composer.step(item, step, count)]))
                else:
                    yield from self._alone(item, step, count)
        finally:
            if pgconn.status == 0 and not pgconn.pipeline_status:  # else the lock goes with it
                undo(pgconn, "rollback")
                undo(pgconn, "discard all")  # gives the lock back

    def _check_still_so(self, item: Pending, count: int) -> None:
        """See, under the lock, that the plan still holds. Raises HistoryChanged."""
        step = self._next_step(item)
        before = item.before if step == item.first_step else None
        planned = (item.migration.name, str(count), str(step), before)
        if fetch(self.session.pgconn, self.composer.sql["still_so"], planned)[0][0] != "true":
            raise HistoryChanged("Another process applied something meanwhile.")

    def _next_step(self, item: Pending) -> int:
        return self.steps_done.get(item.migration.name, item.first_step)

    def _alone(self, item: Pending, step: int, count: int) -> Iterator[Event]:
        """Run a statement outside a transaction, or take it up where it was broken off."""
        name = item.migration.name
        pgconn, statement = self.session.pgconn, item.script.steps[step].statements[0]
        before = noted(statement, item.before) if step == item.first_step else None
        yield from self._stream(iter([self.composer.carried(item, step)]))
        found = yield from self._look(statement, before)
        if self.stop.requested:
            return
        if found.done:
            yield Recovered(name, f"an earlier run brought it about: {found.state}")
        else:
            known = found.there if before is None else before
            written = self.composer.before_alone(item, step, count, note(statement, known))
            yield from self._stream(iter([written]))
            yield from self._stream(iter([self.composer.carried(item, step)]))
            yield from self._stream(iter([self.composer.enter_alone(item, step)]))
            for each in found.clear:
                yield Recovered(name, f"an earlier run was broken off ({found.state}): {each}")
                yield from self._stream(iter([self.composer.alone(item, step, each)]))
            try:
                yield from self._stream(iter([self.composer.alone(item, step, found.instead)]))
            except Failed as failure:
                if pgconn.status == 0:
                    failure.note = yield from self._clear_up(item, step, known)
                raise
        yield from self._stream(iter([self.composer.after_alone(item, step, count)]))

    def _look(self, statement: Statement, before: str | None) -> Generator[Event, None, Look]:
        """Look what is there, once no other session works on it."""
        began = time.monotonic()
        said = began - lock.SAY_EVERY / 2
        while (found := look(self.session.pgconn, statement, before)).busy:
            now = time.monotonic()
            if self.stop.requested:
                return found
            if now - began > self.wait:
                raise Refusal(
                    f"Another session is at what this run is to do, and has not ended in the "
                    f"{self.wait:.0f} s of --wait.",
                    details=(found.busy,),
                    hint="Run ajour again when it has ended.",
                )
            if now - said > lock.SAY_EVERY:
                said = now
                yield Waiting(found.busy, now - began)
            time.sleep(TICK)
        return found

    def _clear_up(self, item: Pending, step: int, before: str) -> Generator[Event, None, str]:
        """After a failure, take away what the statement left behind; return a sentence about it.

        An INVALID unique index would go on refusing rows although nobody could use it.
        """
        found = look(self.session.pgconn, item.script.steps[step].statements[0], before)
        if self.stop.requested:
            return f"In the database now: {found.state}." if found.state else ""
        for each in found.clear:
            try:
                yield from self._stream(iter([self.composer.alone(item, step, each)]))
            except Failed as error:
                return f"What it left behind could not be dropped ({error}); the next run tries."
        return "The INVALID index that it left behind was dropped." if found.clear else ""

    def _stream(self, segments: Iterator[Segment], *, release: bool = False) -> Iterator[Event]:
        """Send segments and turn their answers into events; raise Failed at the first error.

        With `release` the session's lock is given back behind them.
        """
        self.flight, self.seen = Flight(pid=self.flight.pid), None
        problems: list[Failed] = []
        last = self.composer.release if release else ()
        try:
            yield from self._answers(chain(self._sent(segments, problems), last), problems)
        except ConnectionLost:
            if not problems:
                raise
        for problem in problems[:1]:
            lost = self.session.pgconn.status != 0
            if lost and (problem.error.sqlstate not in NEVER_AGAIN or self.flight.untold):
                self.flight.segments[problem.command] = problem.segment  # if COMMIT, in doubt
                raise ConnectionLost("The server ended the connection.", details=(str(problem),))
            if not lost:
                # In the transaction that had failed, what was to give the lock back was not run.
                unlock = f"; {lock.UNLOCK}" if last else ""
                undo(self.session.pgconn, self.composer.undo + unlock)
                yield from self._told()
            raise problem
        yield from self._told()

    def _answers(self, commands: Iterator[Command], problems: list[Failed]) -> Iterator[Event]:
        """Yield what the answers mean up to the first error, which is put into `problems`."""
        flight = self.flight
        notices = self._notices()
        answered = looked = cancelled = time.monotonic()
        in_turn = not self.composer.own_session
        for reply in stream(self.session.pgconn, commands, self.window, TICK, in_turn=in_turn):
            now = time.monotonic()
            if self.stop.requested and now - cancelled > TICK:
                cancelled = now
                self.session.cancel()  # again and again: it may come between two statements
            if not isinstance(reply, Reply):
                if now - answered > LOOK_AFTER and now - looked > LOOK_AFTER:
                    looked = now
                    yield from self._running(now - answered)
                continue
            answered = now
            segment = flight.segments.pop(reply.command, None)
            while notices:
                flight.untold.append(Notice(segment.name if segment else None, *notices.popleft()))
            if segment is not None and not problems:
                if failed(reply.result):
                    error = ServerError(_some(reply.result))
                    problems.append(Failed(segment, reply.command, error))
                else:
                    flight.untold += self._became_true(segment, reply)
            if flight.on_disk:
                yield from self._told()

    def _told(self) -> Iterator[Event]:
        """Yield what came true, once it is on disk."""
        if not self.flight.on_disk:
            bring_to_disk(self.session.pgconn)
            self.flight.on_disk = True
        while self.flight.untold:
            event = self.flight.untold.popleft()
            if isinstance(event, Done):
                self.applied.append(event.name)
            yield event

    def _sent(self, segments: Iterator[Segment], problems: list[Failed]) -> Iterator[Command]:
        """Yield the commands to send, and note them as under way."""
        for segment in segments:
            if self.stop.requested or problems:
                return
            for command in segment.commands:
                if not isinstance(command, Flush):
                    self.flight.segments[command] = segment
                yield command

    def _notices(self) -> deque[tuple[str, str]]:
        """Return what the server's notices are put into, as severity and message."""
        said: deque[tuple[str, str]] = deque()

        def hear(result: "PGresult") -> None:
            notice = ServerError(result)
            said.append((notice.field("SEVERITY_NONLOCALIZED") or "NOTICE", notice.message))

        self.session.pgconn.notice_handler = hear
        return said

    def _became_true(self, segment: Segment, reply: Reply) -> Iterator[Event]:
        steps = len(segment.pending.script.steps)
        if reply.command is segment.enter:
            self.flight.pid = int(_first(reply) or 0)
            if segment.guard:
                yield Started(segment.name, segment.step + 1, steps)
        elif reply.command is segment.guard:
            self.flight.xid = _first(reply)
        elif reply.command is segment.record and segment.last_step:
            duration, lazy, *_ = rows(_some(reply.result))[0]
            self.duration_ms, self.flight.lazy = int(duration or 0), lazy is not None
        elif reply.command is segment.commit:
            self.flight.on_disk, self.flight.lazy = not self.flight.lazy, False
            if segment.last_step:
                yield Done(segment.name, self.duration_ms)
            else:
                self.steps_done[segment.name] = segment.step + 1
                yield StepDone(segment.name, segment.step + 1, steps)

    def _running(self, silent: float) -> Iterator[Event]:
        """Say what the server is at; what it shows of the statement finds the place in the file."""
        if not self.flight.on_disk and bring_to_disk_beside(self.session):
            self.flight.on_disk = True
            yield from self._told()
        segment = next(iter(self.flight.segments.values()), None)
        self.seen = watch(self.session, self.flight.pid, detail=self.show_detail)
        if segment is None or (self.seen and self.seen.seconds < LOOK_AFTER):
            return
        migration = segment.pending.migration
        where = Where(migration.path)
        query = self.seen.query.rstrip() if self.seen else ""
        for statement in segment.statements.values():
            if query and statement.text.startswith(query):
                where = place_of(migration, statement)
                break
        blocked = self.seen and self.seen.waits_for and f"it waits for {self.seen.waits_for}"
        detail = blocked or (self.seen.progress if self.seen else None)
        yield Running(segment.name, where, self.seen.seconds if self.seen else silent, detail)

    def _again_or_raise(self, failure: Failed, tries: Tries) -> Iterator[Event]:
        if failure.word == "ajour:locked":
            yield from self._wait_for_lock()
        if failure.word == "ajour:history-changed":
            raise HistoryChanged("Another process applied something meanwhile.")
        name, sqlstate = failure.segment.name, failure.error.sqlstate
        if self._makes_way(failure):
            return
        blocker = self.seen.waits_for if self.seen and sqlstate in RETRIED else None
        if not tries.again(sqlstate, self.budget) or failure.segment.commit is None:
            failure.note = failure.note or (f"it waited for {blocker}" if blocker else "")
            raise migration_failed(failure, self.progress(name), detail=self.show_detail)
        reason = RETRIED[sqlstate] + (f", behind {blocker}" if blocker else "")
        delay = tries.delay(random.random())  # noqa: S311 - jitter, not a secret
        yield Retrying(name, reason, tries.count, delay)
        time.sleep(delay)

    def _makes_way(self, failure: Failed) -> bool:
        """Tell whether a migration only failed over what is ours, and goes another way now."""
        name, others = failure.segment.name, None
        if guard_in_the_way(failure.error):
            others = self.composer.apart
        elif failure.error.sqlstate == NOT_PREPARED and failure.ours:
            others = self.composer.forgetful
        if others is None or name in others:
            return failure.word == "ajour:unclean"
        others.add(name)
        return True

    def _wait_for_lock(self) -> Iterator[Event]:
        self.stop.admit()
        yield from lock.wait_until_free(self.session.pgconn, self.composer.sql, self.wait)
        raise HistoryChanged("Another process had the lock.")

    def _heed(self, failure: Failed | None = None) -> None:
        """End the run when the user asked for it. Raises Interrupted."""
        if self.stop.requested and len(self.applied) < len(self.plan.pending):
            name = failure.segment.name if failure else None
            raise Interrupted(
                "Stopped.",
                progress=self.progress(name),
                details=(failure.note,) if failure and failure.note else (),
                hint="ajour status, then run it again: it goes on with what is pending.",
            )


def _first(reply: Reply) -> str | None:
    return rows(_some(reply.result))[0][0]


def _some(value: "PGresult | None") -> "PGresult":
    """Return a result that is there: an answered Query always has one."""
    if value is None:
        raise RuntimeError("an answer without a result")
    return value
