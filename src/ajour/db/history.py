"""Reads and keeps the history: the table that says which migrations were run."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from ajour.db import lock
from ajour.db.rows import Row, ServerError, ask, fetch, transact
from ajour.db.statements import Statements
from ajour.db.watch import describe
from ajour.db.wire import Query
from ajour.errors import HistoryRefused, Refusal
from ajour.events import HistoryPrepared, Recovered
from ajour.model import Applied, History, Relation, Unfinished
from ajour.sql.names import qualified, quote

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

INSUFFICIENT_PRIVILEGE = "42501"
LOCK_NOT_AVAILABLE = "55P03"

HISTORY, HIDDEN = 7, 8
"""The places in the row of the statement "server" that say which table is the history, and whether
rows of it are hidden from us."""

READING = "5s"
"""How long a lock on the history is waited for before it is said who has it."""

COLUMNS = {
    "name": 'text collate "C"',
    "executed_at": "timestamptz not null default clock_timestamp()",
    "checksum": "text",
    "duration_ms": "integer",
    "applied_by": "text",
    "sql": "text",
}

TYPES = {
    "name": ("text", "character varying"),
    "executed_at": ("timestamp",),
    "checksum": ("text", "character varying"),
    "duration_ms": ("integer", "bigint"),
    "applied_by": ("text", "character varying"),
    "sql": ("text",),
}
"""What the types of an older table's columns may begin with."""

_OTHER_TOOLS = (
    ("Laravel", {"migration", "batch"}),
    ("CodeIgniter", {"version", "class", "namespace", "batch"}),
    ("postgres-migrations", {"id", "name", "hash", "executed_at"}),
    ("TypeORM", {"timestamp", "name"}),
    ("db-migrate", {"name", "run_on"}),
    ("Doctrine", {"version", "executed_at"}),
)


class Backend(NamedTuple):
    """A server process. Ids are used again, so that the time belongs to it."""

    pid: int
    since: str


@dataclass(frozen=True, slots=True)
class Server:
    """What is true of the server and of our session on it."""

    version: int
    """As server_version_num: 180006 is 18.6."""
    backend: Backend
    user: str
    in_recovery: bool
    read_only: bool
    busy: bool = False
    """Another run has the lock."""

    @property
    def writable(self) -> bool:
        """Whether it takes writes at all."""
        return not self.in_recovery and not self.read_only


@dataclass(frozen=True, slots=True)
class State:
    """All that a run starts from, read in two round trips."""

    server: Server
    history: History
    columns: frozenset[str]
    """The history table's columns; empty when there is no table."""
    closed_to: tuple[str, ...]
    """Of the roles that the table is to be closed to, those that exist here."""
    complete: bool = False
    """Both tables are there."""
    may_write: bool = True
    """Our role may keep the history."""
    unprotected: bool = False
    """Row level security is off on a table of ours."""
    granted: bool = False
    """Someone whom a table of ours is to be closed to has a right on it."""

    @property
    def open(self) -> bool:
        """Whether the history is to be closed again."""
        return self.unprotected or self.granted


def read(pgconn: "PGconn", table: Relation, close_to: tuple[str, ...] = ()) -> State:
    """Read server and history. Changes nothing.

    Raises HistoryRefused when the table is another tool's, or its rows are hidden from us.
    """
    sql = Statements(table)
    tables = (qualified(table), qualified(Relation(table.schema, f"{table.name}_in_progress")))
    facts, columns, applied, unfinished = ask(
        pgconn,
        Query(sql["server"], (lock.key(table), *tables, ",".join(close_to))),
        Query(sql["columns"], tables[:1]),
        Query(sql["applied_full"]),
        Query(sql["unfinished"]),
        limit=Query(sql["limit"], (READING,)),
        in_vain=lambda answer: answer[0][HISTORY] is None,
    )
    if isinstance(facts, ServerError):
        raise facts
    if isinstance(columns, ServerError):
        raise columns
    state = _state(facts[0])
    if not state.history.exists:
        return state
    if isinstance(applied, ServerError) and applied.sqlstate == INSUFFICIENT_PRIVILEGE:
        raise HistoryRefused(
            f"The role {state.server.user} may not read {table}.",
            hint=f"Connect as the owner of {table}, or grant the role select on it.",
        )
    if facts[0][HIDDEN] == "true":
        raise HistoryRefused(
            f"Row level security hides the rows of {table} from the role {state.server.user}.",
            hint=f"Connect as the owner of {table}: a history that looks empty would run "
            "every migration again.",
        )
    names = _judge(table, columns)
    for answer in (applied, unfinished):
        if isinstance(answer, ServerError) and answer.sqlstate == LOCK_NOT_AVAILABLE:
            raise _locked(pgconn, sql)
    if isinstance(applied, ServerError):  # an older table, without some of our columns
        applied = fetch(pgconn, sql["applied"])
    started = [] if isinstance(unfinished, ServerError) else unfinished
    return replace(state, history=_history(applied, started), columns=names)


def _state(facts: Row) -> State:
    """Return what the statement "server" says; the history is still to be read."""
    version, pid, since, user, recovery, read_only, busy, exists, *rest = facts
    _, complete, write, roles, *lax = rest
    return State(
        Server(
            version=int(version or 0),
            backend=Backend(int(pid or 0), since or ""),
            user=user or "",
            in_recovery=recovery == "true",
            read_only=read_only == "on",
            busy=busy == "true",
        ),
        History(exists=exists is not None),
        frozenset(),
        closed_to=tuple(filter(None, (roles or "").split(","))),
        complete=exists is not None and complete is not None,
        may_write=write == "true",
        unprotected=lax[0] == "true",
        granted=lax[1] == "true",
    )


def _locked(pgconn: "PGconn", sql: Statements) -> Refusal:
    """Return the refusal for a history that another session lets nobody read."""
    who = fetch(pgconn, sql["lockers"], [sql.history, sql.progress])
    return Refusal(
        f"Another session has locked {sql.table}, so that it cannot be read.",
        details=tuple(map(describe, who)),
        hint="End that session's transaction, then run ajour again.",
    )


def _judge(table: Relation, columns: list[Row]) -> frozenset[str]:
    """Return the column names of a history table of ours, or of an older one we can take over."""
    names = frozenset(str(column[0]) for column in columns)
    types = {column[0]: column[1] or "" for column in columns}
    foreign = [name for name, _, needed, _ in columns if needed == "true" and name not in COLUMNS]
    fits = {"name", "executed_at"} <= names and all(
        types[name].startswith(kinds) for name, kinds in TYPES.items() if name in names
    )
    if fits and not foreign:
        if any(column[0] == "name" and column[3] == "true" for column in columns):
            return names
        raise HistoryRefused(
            f"{table} has no unique index on its column “name”, so that two processes could "
            "record the same migration twice.",
            hint=f"Run `create unique index on {qualified(table)} (name);`, then ajour again.",
        )
    tool = next((tool for tool, shape in _OTHER_TOOLS if shape <= names), None)
    raise HistoryRefused(
        f"The table {table} belongs to {tool}."
        if tool
        else f"The table {table} is not a history of migrations that ajour can take over.",
        details=(f"its columns: {', '.join(sorted(names))}",),
        hint='Choose another table: table = "ajour.migrations" in ajour.toml or under '
        "[tool.ajour], or --table ajour.migrations.",
    )


def _history(applied: list[Row], unfinished: list[Row]) -> History:
    return History(
        applied=tuple(
            Applied(str(name), _time(at), checksum, int(ms) if ms else None, by)
            for name, at, checksum, ms, by in applied
        ),
        unfinished=tuple(
            Unfinished(str(name), int(done or 0), checksum, _time(at), before)
            for name, done, checksum, at, before in unfinished
        ),
    )


def _time(seconds: str | None) -> datetime:
    return datetime.fromtimestamp(float(seconds or 0), UTC)


def ran(pgconn: "PGconn", table: Relation, name: str) -> str | None:
    """Return the text that was run under `name`, or None when it was not kept."""
    try:
        found = fetch(pgconn, Statements(table)["ran"], [name])
    except ServerError as error:
        if error.sqlstate == "42703":  # an older table without the column
            return None
        raise
    return found[0][0] if found else None


def prepare(pgconn: "PGconn", table: Relation, state: State) -> HistoryPrepared | Recovered | None:
    """Make what is missing of the two tables, and close them where they are open; under the lock.

    Returns what was done, None when there was nothing to do. Raises Refusal when the role may not
    do it; ServerError, whose message begins with "ajour:locked" when another process has the lock.
    """
    missing = tuple(name for name in COLUMNS if name not in state.columns)
    done = state.complete and not missing
    if done and not state.open:
        return None
    try:
        _, _, there, *_ = transact(pgconn, *_making(table, state, missing))
    except ServerError as error:
        if error.sqlstate != INSUFFICIENT_PRIVILEGE:
            raise
        raise Refusal(
            f"The role {state.server.user} may not make the history table {table}.",
            details=(error.message, *error.details),
            hint="Connect as the owner of the schema (on Supabase that is postgres), or have it"
            " grant the role what is missing.",
        ) from None
    if done:
        return Recovered(None, f"{table} was open to others, and is closed again")
    created = there[0][0] is None
    if not created and not state.history.exists:
        return None  # another process made it meanwhile
    return HistoryPrepared(str(table), created, added=missing if state.columns else ())


def entering(sql: Statements) -> Query:
    """Return what begins a transaction of our own on the two tables: limits, and the lock."""
    return Query(sql["enter"], ("5s", "0", "60s", "ajour", lock.key(sql.table)))


def _making(table: Relation, state: State, missing: tuple[str, ...]) -> list[Query]:
    sql = Statements(table)
    queries = [
        Query("set local client_min_messages = warning"),
        entering(sql),
        Query("select to_regclass($1)::text", (sql.history,)),
    ]
    if not state.history.exists:
        if table.schema != "public":
            queries.append(Query(f"create schema if not exists {quote(table.schema)}"))
        queries.append(Query(sql["create_history"]))
    else:
        queries += [
            Query(f"alter table {sql.history} add column if not exists {name} {COLUMNS[name]}")
            for name in missing
        ]
    if "sql" in missing:
        # To compress the text of a large file takes longer than to write it to disk.
        queries.append(Query(f"alter table {sql.history} alter column sql set storage external"))
    queries.append(Query(sql["create_progress"]))
    for relation in (sql.history, sql.progress):
        # RLS alone would let TRUNCATE pass, REVOKE alone would be undone by a later GRANT ALL.
        if state.unprotected or not state.complete:
            queries.append(Query(f"alter table {relation} enable row level security"))
        queries.append(Query(revoking(relation, state.closed_to)))
    return queries


def revoking(relation: str, roles: tuple[str, ...]) -> str:
    """Return the statement that takes a table from the internet; both names come quoted."""
    return f"revoke all on table {relation} from {', '.join(['public', *map(quote, roles)])}"
