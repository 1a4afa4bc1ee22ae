"""Watches statements run on a scratch database: locks, rewrites, scans, index builds, time.

Never on a database that is in use: a statement that is watched really takes its locks. Whoever
calls this has a server that is thrown away afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ajour.db.rows import BEGIN, ServerError, failed, fetch, rows, undo
from ajour.db.segment import commands_of
from ajour.db.statements import ours
from ajour.db.wire import Command, Query, Reply, Sync, Tick, stream
from ajour.effects import LOCKS, Lock, Observation, Observed
from ajour.model import Relation, Statement

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

LOOK_EVERY = 0.005
"""Seconds between two looks at a statement that is watched from outside."""

_DEBUG = "set {}client_min_messages = debug1"
_MODES: dict[str | None, Lock] = {
    f"{''.join(word.capitalize() for word in mode.split())}Lock": mode for mode in LOCKS
}
"""The modes by the names that pg_locks gives them, such as AccessShareLock."""

_REWRITABLE = {"r", "m"}
_Locks = dict[str, set[Lock]]
"""By the oid of a relation."""


@dataclass(frozen=True, slots=True)
class _Relation:
    """A relation at one moment."""

    relation: Relation
    kind: str
    file: str
    """Its filenode; "0" where it has none."""
    scans: int
    rows_read: int
    table: str | None
    """Of an index: the oid of its table."""


_Relations = dict[str, _Relation]
"""By oid."""


@dataclass
class _Run:
    """What came back of a statement."""

    wal_bytes: int = 0
    duration_ms: float = 0.0
    error: ServerError | None = None
    said: list[str] = field(default_factory=list)
    locks: _Locks = field(default_factory=dict)
    """Those that were seen from outside while it ran."""


def observe(
    pgconn: "PGconn", statements: tuple[Statement, ...], *, keep: bool = False
) -> tuple[Observation, ...]:
    """Run the statements in one transaction and return what each did, up to one that failed.

    The transaction is rolled back; with `keep` it is committed, unless a statement failed. Raises
    ConnectionLost, and ServerError where COMMIT fails.
    """
    observations: list[Observation] = []
    fetch(pgconn, BEGIN)
    try:
        fetch(pgconn, _DEBUG.format("local "))
        before, held = _relations(pgconn), _locks(pgconn)
        for statement in statements:
            run = _run(pgconn, statement)
            if run.error is not None:
                observations.append(_observation(statement, run, ()))
                return tuple(observations)
            after, now = _relations(pgconn), _locks(pgconn)
            seen = tuple(_seen(before, after, _new(held, now)))
            observations.append(_observation(statement, run, seen))
            before, held = after, now
        if keep:
            fetch(pgconn, "commit")
    finally:
        undo(pgconn, "rollback")
    return tuple(observations)


def observe_alone(pgconn: "PGconn", onlooker: "PGconn", statement: Statement) -> Observation:
    """Run a statement that cannot run in a transaction, watched through a second connection.

    It stays done. Raises ConnectionLost.
    """
    pid = str(pgconn.backend_pid)
    before = _relations(pgconn)
    fetch(pgconn, _DEBUG.format(""))
    try:
        run = _run(pgconn, statement, onlooker=onlooker, pid=pid)
    finally:
        undo(pgconn, "reset client_min_messages")
    # What builds an index or writes a table anew reads it; nothing counts that for us here.
    seen = tuple(
        replace(each, scanned=bool(each.built) or each.rewritten)
        for each in _seen(before, _relations(pgconn), run.locks)
    )
    return _observation(statement, run, seen, sampled=True)


def _run(
    pgconn: "PGconn",
    statement: Statement,
    *,
    onlooker: "PGconn | None" = None,
    pid: str | None = None,
) -> _Run:
    """Run one statement between two looks at the server's clock and its log."""
    run = _Run()

    def hear(result: "PGresult") -> None:
        run.said.append(ServerError(result).message)

    hearing, pgconn.notice_handler = pgconn.notice_handler, hear
    begin, end = Query(ours("observe_clock")), Query(ours("observe_clock"))
    alone: tuple[Command, ...] = (Sync(),) if onlooker is not None else ()
    work = (begin, *alone, *commands_of((statement,)), *alone, end, Sync())
    clocks: list[tuple[int, float]] = []
    try:
        for reply in stream(pgconn, iter(work), tick=LOOK_EVERY):
            if isinstance(reply, Tick):
                if onlooker is not None:
                    _add(run.locks, _locks(onlooker, pid))
            elif failed(reply.result) and run.error is None:
                run.error = _error(reply)
            elif reply.command in {begin, end} and reply.result is not None:
                clocks += [(int(a or 0), float(b or 0)) for a, b in rows(reply.result)]
    finally:
        pgconn.notice_handler = hearing
    if len(clocks) > 1:
        run.wal_bytes, run.duration_ms = (b - a for a, b in zip(*clocks, strict=True))
    return run


def _error(reply: Reply) -> ServerError:
    assert reply.result is not None, "failed() has seen it"
    return ServerError(reply.result)


def _relations(pgconn: "PGconn") -> _Relations:
    return {
        str(oid): _Relation(
            Relation(str(schema), str(name)),
            str(kind),
            str(file),
            int(scans or 0),
            int(rows_read or 0),
            table,
        )
        for oid, schema, name, kind, file, scans, rows_read, table in fetch(
            pgconn, ours("observe_relations")
        )
    }


def _locks(pgconn: "PGconn", pid: str | None = None) -> _Locks:
    locks: _Locks = {}
    for oid, mode in fetch(pgconn, ours("observe_locks"), [pid]):
        if mode in _MODES:  # SIReadLock is none that anybody waits for
            locks.setdefault(str(oid), set()).add(_MODES[mode])
    return locks


def _add(locks: _Locks, more: _Locks) -> None:
    for oid, modes in more.items():
        locks.setdefault(oid, set()).update(modes)


def _new(held: _Locks, now: _Locks) -> _Locks:
    """Return the modes that are stronger than all that was held before."""
    return {
        oid: {
            mode
            for mode in modes
            if all(LOCKS.index(mode) > LOCKS.index(old) for old in held.get(oid, ()))
        }
        for oid, modes in now.items()
    }


def _seen(before: _Relations, after: _Relations, locks: _Locks) -> Iterator[Observed]:
    """Give what happened to each relation that anything happened to."""
    files = {each.file for each in before.values() if each.kind == "i"}
    built: dict[str, list[str]] = {}
    for each in after.values():
        if each.kind == "i" and each.file not in files and each.table is not None:
            built.setdefault(each.table, []).append(each.relation.name)
    for oid in dict.fromkeys([*before, *after]):
        was, now = before.get(oid), after.get(oid)
        known = was or now
        assert known is not None, "it stands in one of them"
        modes = locks.get(oid, set())
        scans, rows_read = _read(was, now)
        observed = Observed(
            known.relation,
            known.kind,
            max(modes, key=LOCKS.index) if modes else None,
            created=was is None,
            dropped=now is None,
            rewritten=_rewritten(was, now),
            scanned=known.kind != "i" and scans > 0,
            rows_read=rows_read if known.kind != "i" else 0,
            built=tuple(built.get(oid, ())),
        )
        if observed.lock or observed.rewritten or observed.scanned or observed.built:
            yield observed


def _read(was: _Relation | None, now: _Relation | None) -> tuple[int, int]:
    """Return how often a relation was scanned since, and how many rows that gave."""
    if now is None:
        return 0, 0
    if was is None:
        return now.scans, now.rows_read
    return now.scans - was.scans, now.rows_read - was.rows_read


def _rewritten(was: _Relation | None, now: _Relation | None) -> bool:
    if was is None or now is None or was.kind not in _REWRITABLE:
        return False
    return was.file != now.file


def _observation(
    statement: Statement, run: _Run, seen: tuple[Observed, ...], *, sampled: bool = False
) -> Observation:
    error = f"{run.error.sqlstate} {run.error.message}" if run.error else None
    return Observation(
        statement, seen, run.duration_ms, run.wal_bytes, tuple(run.said), error, sampled
    )
