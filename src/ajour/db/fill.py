"""Fills the tables of a scratch database with made-up rows that satisfy their constraints."""

import itertools
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ajour.db.rows import Row, ServerError, fetch, transact
from ajour.db.statements import ours
from ajour.db.wire import Query
from ajour.model import Relation
from ajour.rehearsal import Filled
from ajour.sql.generate import Column, candidates, mentions, value
from ajour.sql.names import qualified, quote

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

TRIES = 300
"""How many combinations of values are tried for one check."""

SAMPLE = 8
"""On how many rows each is tried."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A foreign key: its columns, and the table and columns that they lead to."""

    columns: tuple[str, ...]
    table: str
    others: tuple[str, ...]


@dataclass
class _Table:
    """A table to fill."""

    relation: Relation
    oid: str
    checks: tuple[str, ...]
    columns: list[Column] = field(default_factory=list)
    keys: list[_Key] = field(default_factory=list)


def fill(
    pgconn: "PGconn", leave_out: frozenset[str], wanted: Callable[[Relation], int]
) -> tuple[Filled, ...]:
    """Put `wanted` rows into each empty table; what others refer to comes first.

    Tables of the schemas `leave_out` are filled where a foreign key leads to them. Identity
    columns, generated ones and serials are the server's to fill. A table that cannot be filled is
    told of, and left empty. Raises ConnectionLost.
    """
    tables = _tables(pgconn)
    chosen = _chosen(tables, leave_out)
    quiet = fetch(pgconn, "select rolsuper::text from pg_roles where rolname = current_user")
    filled: list[Filled] = []
    counts: dict[str, int] = {}
    for table in _parents_first(chosen):
        rows = wanted(table.relation)
        filled.append(_filled(pgconn, table, rows, counts, quiet=quiet == [("true",)]))
        counts[table.oid] = filled[-1].rows
    fetch(pgconn, "analyze")
    return tuple(filled)


def refresh(pgconn: "PGconn", leave: Collection[Relation]) -> tuple[tuple[Relation, str], ...]:
    """Fill the materialized views that were never filled, but for those of `leave`.

    Those that were made first come first: others may read them. Return those that stay empty, each
    with the server's reason. Raises ConnectionLost.
    """
    empty: list[tuple[Relation, str]] = []
    for schema, name in fetch(pgconn, ours("fill_views")):
        relation = Relation(str(schema), str(name))
        if relation in leave:
            continue
        written = qualified(relation)
        try:
            transact(pgconn, Query(f"refresh materialized view {written}"))
            fetch(pgconn, f"analyze {written}")
        except ServerError as error:  # on rows that were made up it may divide by zero, and so on
            empty.append((relation, error.message))
    return tuple(empty)


def _tables(pgconn: "PGconn") -> dict[str, _Table]:
    tables = {
        str(oid): _Table(
            Relation(str(schema), str(name)), str(oid), tuple(json.loads(each or "[]"))
        )
        for schema, name, oid, each in fetch(pgconn, ours("fill_tables"))
    }
    oids = [f"{{{','.join(tables)}}}"]
    for oid, *rest in fetch(pgconn, ours("fill_columns"), oids):
        tables[str(oid)].columns.append(_column(tuple(rest)))
    for oid, other, columns, others in fetch(pgconn, ours("fill_keys"), oids):
        key = _Key(
            tuple(json.loads(columns or "[]")), str(other), tuple(json.loads(others or "[]"))
        )
        tables[str(oid)].keys.append(key)
    return tables


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))


def _column(row: Row) -> Column:
    name, type_, base, kind, length, not_null, checks = row
    return Column(
        str(name),
        str(type_),
        str(base),
        str(kind),
        int(length) if length is not None else None,
        not_null == "true",
        checks or "",
    )


def _chosen(tables: dict[str, _Table], leave_out: frozenset[str]) -> dict[str, _Table]:
    """Return the tables of the project, and those that their foreign keys lead to."""
    left = [oid for oid, each in tables.items() if each.relation.schema not in leave_out]
    chosen: dict[str, _Table] = {}
    while left:
        oid = left.pop()
        if oid in tables and oid not in chosen:
            chosen[oid] = tables[oid]
            left += [key.table for key in tables[oid].keys]
    return {oid: each for oid, each in tables.items() if oid in chosen}


def _parents_first(tables: dict[str, _Table]) -> Iterator[_Table]:
    """Yield the tables in the order of their foreign keys; of a circle, in any order."""
    done: set[str] = set()

    def walk(oid: str) -> Iterator[_Table]:
        if oid in done or oid not in tables:
            return
        done.add(oid)
        for key in tables[oid].keys:
            yield from walk(key.table)
        yield tables[oid]

    for oid in tables:
        yield from walk(oid)


def _filled(
    pgconn: "PGconn", table: _Table, wanted: int, counts: dict[str, int], *, quiet: bool
) -> Filled:
    """Fill one table. `quiet`: triggers do not fire, and foreign keys are not looked at."""
    name = qualified(table.relation)
    there = _count(pgconn, name)
    if there or not wanted:
        return Filled(table.relation, there, there)
    keyed: dict[str, str] = {}
    joins: list[str] = []
    every = 1
    for number, key in enumerate(table.keys):
        count = counts.get(key.table, 0)
        if key.table == table.oid or not count or set(key.columns) & keyed.keys():
            keyed |= {column: "null" for column in key.columns if column not in keyed}
            continue
        keyed |= {
            column: f"f{number}.{quote(other)}"
            for column, other in zip(key.columns, key.others, strict=True)
        }
        joins.append(_join(pgconn, key, number, count, every))
        every *= count
    free = [each for each in table.columns if each.name not in keyed]
    made, unmet = _choose(pgconn, free, table.checks)
    missing = [each.name for each in free if made.get(each.name) is None]
    if missing:
        return Filled(table.relation, 0, wanted, f"no value is known for {', '.join(missing)}")
    columns = {each.name: made.get(each.name) or keyed[each.name] for each in table.columns}
    sql = _insert(name, columns, joins, table.checks, wanted)
    roles = "select set_config('session_replication_role', 'replica', true)"
    try:
        transact(pgconn, *([Query(roles)] if quiet else []), Query(sql))
    except ServerError as error:
        return Filled(table.relation, 0, wanted, error.message)
    rows, why = _count(pgconn, name), None
    if rows < wanted:
        why = f"not satisfied: {unmet}" if unmet else "its keys allow no more"
    return Filled(table.relation, rows, wanted, why)


def _count(pgconn: "PGconn", name: str) -> int:
    [[rows]] = fetch(pgconn, f"select count(*)::text from {name}")  # noqa: S608 - quoted
    return int(rows or 0)


def _join(pgconn: "PGconn", key: _Key, number: int, count: int, every: int) -> str:
    """Return the join with the rows that a foreign key leads to: each in its turn."""
    [[parent]] = fetch(pgconn, f"select {key.table}::regclass::text")
    others = ", ".join(map(quote, key.others))
    return (
        f" join (select {others}, row_number() over () - 1 as k"  # noqa: S608 - names are quoted
        f" from {parent}) f{number}"
        f" on f{number}.k = (g / {every}) % {count}"
    )


def _insert(
    name: str, columns: dict[str, str], joins: Sequence[str], checks: Sequence[str], wanted: int
) -> str:
    """Return the INSERT. What breaks a key or a check is passed over, row by row."""
    if not columns:
        series = f"generate_series(1, {wanted})"
        return f"insert into {name} select from {series} on conflict do nothing"
    listed = ", ".join(map(quote, columns))
    typed = ", ".join(f"{expression} as {quote(each)}" for each, expression in columns.items())
    met = " and ".join(f"({check}) is not false" for check in checks) if checks else "true"
    named = all(expression != "null" for expression in columns.values())
    # Identity columns are not in the inner query, so a check on one is left to the server.
    series = f"generate_series(1::bigint, {wanted}) g{''.join(joins)}"
    rows = f"select {typed} from {series}"  # noqa: S608 - names are quoted, values are ours
    inner = rows
    if checks and named:
        inner = f"select * from ({rows}) t where {met}"  # noqa: S608 - the server's own text
    return f"insert into {name} ({listed}) {inner} on conflict do nothing"


def _choose(
    pgconn: "PGconn", columns: Sequence[Column], checks: Sequence[str]
) -> tuple[dict[str, str | None], str | None]:
    """Return an expression for each column, and a check that none was found for."""
    made: dict[str, str | None] = {each.name: value(each) for each in columns}
    settled: set[str] = set()
    unmet = None
    for each in columns:
        if each.checks:
            for one in candidates(each, ""):
                if _holds(
                    pgconn, {each.name: one}, f"coalesce({quote(each.name)}::text, '') is not null"
                ):
                    made[each.name] = one
                    break
    for check in checks:
        named = [each for each in columns if mentions(check, each)]
        lists = [
            [made[each.name]]
            if each.name in settled
            else [*candidates(each, check), *_beside(each, named, made)]
            for each in named
        ]
        for found in itertools.islice(itertools.product(*lists), TRIES):
            tried = {each.name: str(one) for each, one in zip(named, found, strict=True)}
            if _holds(pgconn, tried, check):
                made |= tried
                break
        else:
            unmet = check
        settled |= {each.name for each in named}
    return made, unmet


def _beside(column: Column, named: Sequence[Column], made: dict[str, str | None]) -> Iterator[str]:
    """Yield what is a little more or less than another column of the same check."""
    for other in named:
        if other is not column and made[other.name]:
            for change in ("", "+ 1", "- 1", "+ interval '1 day'", "- interval '1 day'"):
                yield f"({made[other.name]} {change})::{column.type}"


def _holds(pgconn: "PGconn", columns: dict[str, str], check: str) -> bool:
    """Tell whether a check holds on a few rows of these columns."""
    typed = ", ".join(f"{one} as {quote(name)}" for name, one in columns.items()) or "g as g"
    series = f"generate_series(1::bigint, {SAMPLE}) g"
    rows = f"select {typed} from {series}"  # noqa: S608 - names are quoted, values are ours
    sql = f"select bool_and(({check}) is not false)::text from ({rows}) t"  # noqa: S608 - as above
    try:
        return fetch(pgconn, sql) == [("true",)]
    except ServerError:  # another column of the table is in it, or the value is not of the type
        return False
