"""Runs seed files as migrations run, in the same steps, but under no lock and in no history."""

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ajour.db.failure import Failed, migration_failed
from ajour.db.rows import BEGIN, ServerError, failed, fetch, undo
from ajour.db.segment import Segment, commands_of
from ajour.db.session import Session
from ajour.db.wire import Command, Query, Reply, Sync, stream
from ajour.errors import Interrupted
from ajour.events import Notice, Seeded
from ajour.model import Pending, Progress

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

_AGAIN = "Mend the file; then `ajour db reset` begins anew and runs it again."


def sow(
    session: Session, items: tuple[Pending, ...], applied: tuple[str, ...], *, detail: bool
) -> Iterator[Notice | Seeded]:
    """Run seed files in their order, each in a clean session.

    `applied` are the migrations of this run; `detail` is whether the server's DETAIL is shown.
    Raises MigrationFailed, whose progress names the file; Interrupted.
    """
    for number, item in enumerate(items):
        began = time.monotonic()
        fetch(session.pgconn, "discard all")
        rest = tuple(each.migration.name for each in items[number + 1 :])
        for step in range(len(item.script.steps)):
            progress = _progress(item, step, applied, rest)
            try:
                yield from _step(session.pgconn, item, step)
            except Failed as failure:
                error = migration_failed(failure, progress, detail=detail)
                error.hint = _AGAIN
                raise error from None
            except KeyboardInterrupt:
                session.cancel()
                session.close()
                raise Interrupted("Stopped.", progress=progress, hint=_AGAIN) from None
        yield Seeded(item.migration.name, round((time.monotonic() - began) * 1000))


def _progress(
    item: Pending, step: int, applied: tuple[str, ...], rest: tuple[str, ...]
) -> Progress:
    steps = item.script.steps
    return Progress(
        applied=applied,
        failed=item.migration.name,
        steps_done=step,
        steps=len(steps),
        rolled_back=steps[step].transactional,
        not_run=rest,
    )


def _step(pgconn: "PGconn", item: Pending, step: int) -> Iterator[Notice]:
    """Run one step, yielding what the server says. Raises Failed at the first error."""
    said: deque[Notice] = deque()
    problem: Failed | None = None

    def hear(result: "PGresult") -> None:
        notice = ServerError(result)
        severity = notice.field("SEVERITY_NONLOCALIZED") or "NOTICE"
        said.append(Notice(item.migration.name, severity, notice.message))

    pgconn.notice_handler = hear
    segment = _segment(item, step)
    for reply in stream(pgconn, iter(segment.commands)):
        while said:
            yield said.popleft()
        if isinstance(reply, Reply) and failed(reply.result) and problem is None:
            assert reply.result is not None, "failed() has seen it"
            problem = Failed(segment, reply.command, ServerError(reply.result))
    if problem is not None:
        undo(pgconn, "rollback")
        raise problem


def _segment(item: Pending, step: int) -> Segment:
    work = item.script.steps[step]
    statements = commands_of(work.statements)
    commands: tuple[Command, ...] = (*statements, Sync())
    if work.transactional:
        commands = (Query(BEGIN), *statements, Query("commit"), Sync())
    return Segment(item, step, commands, statements)
