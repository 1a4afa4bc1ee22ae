"""Rows out of the database and into it by COPY, and what a backup has to know of its tables."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ajour.db.rows import ServerError, fetch, undo
from ajour.db.statements import ours
from ajour.errors import ConnectionLost
from ajour.model import Relation
from ajour.sql.names import qualified, quote

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

COPY_OUT, COPY_IN = 3, 4
"""Of libpq's ExecStatusType."""

_SETTINGS = (
    "set local search_path = pg_catalog",
    "set local client_encoding = 'UTF8'",
    "set local datestyle = 'ISO'",
    "set local intervalstyle = 'postgres'",
    "set local extra_float_digits = 3",
    "set local statement_timeout = 0",
    "set local lock_timeout = '30s'",
    "set local idle_in_transaction_session_timeout = 0",
)
"""As pg_dump has them: what is written does not hang on who reads it back."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, a partitioned one or a materialized view."""

    relation: Relation
    kind: str
    """As pg_class has it: r, p or m."""
    bytes: int
    """With its indexes and what is stored beside it."""
    rows: int
    """The server's estimate."""
    filtered: bool
    """Row level security would hide rows from us."""
    readable: bool
    columns: tuple[tuple[str, str], ...]
    """Names and types; columns worked out from others are left out."""
    key: tuple[str, ...]
    """The columns of the primary key."""
    indexes: tuple[str, ...]
    sequences: tuple[str, ...]
    """Those of its columns, by name; they are in the table's schema."""
    parent: Relation | None
    """What it is a partition of."""


@dataclass(frozen=True, slots=True)
class There:
    """A table as it is now, for rows that are to come back."""

    exists: bool
    columns: tuple[str, ...]
    cascades: str
    """Tables whose foreign keys would pass a deletion on, with commas between."""
    filled: bool


@dataclass(frozen=True, slots=True)
class LargeObjects:
    """The large objects of a database."""

    count: int
    bytes: int
    """With their indexes; more than nothing also where there is none."""


@contextmanager
def transaction(pgconn: "PGconn", *modes: str) -> Iterator[None]:
    """Run the block in one transaction, on a search path of nothing but PostgreSQL's own.

    It is rolled back where the block ends with an error.
    """
    fetch(pgconn, " ".join(("begin", *modes)))
    try:
        for sql in _SETTINGS:
            fetch(pgconn, sql)
        yield
        fetch(pgconn, "commit")
    except BaseException:
        undo(pgconn, "rollback")
        raise


def tables(pgconn: "PGconn", leave_out: Iterable[str]) -> tuple[Table, ...]:
    """Return the tables outside the schemas `leave_out`, by schema and name."""
    with transaction(pgconn, "read only"):
        found = fetch(pgconn, ours("copies_tables"), (",".join(sorted(leave_out)),))
    return tuple(_table(row) for row in found)


def _table(row: tuple[str | None, ...]) -> Table:
    schema, name, kind, size, estimate, filtered, readable, *lists = (each or "" for each in row)
    columns, key, indexes, sequences = map(json.loads, lists[:4])
    return Table(
        Relation(schema, name),
        kind,
        int(size),
        int(estimate),
        filtered == "true",
        readable == "true",
        tuple((each[0], each[1]) for each in columns),
        tuple(key),
        tuple(indexes),
        tuple(sequences),
        Relation(*json.loads(lists[4])) if lists[4] else None,
    )


def definition(pgconn: "PGconn", table: Table) -> tuple[list[str], list[str]]:
    """Return the statements that make a table: before its rows, and after them.

    Inside a `transaction`, so that every name has its schema.
    """
    name = (qualified(table.relation),)
    before = [*fetch(pgconn, ours("copies_sequences"), name)]
    before += fetch(pgconn, ours("copies_table"), name)
    before += fetch(pgconn, ours("copies_inherits"), name)
    after = fetch(pgconn, ours("copies_after"), name)
    return [row[0] or "" for row in before], [row[0] or "" for row in after]


def positions(pgconn: "PGconn", sequences: Iterable[Relation]) -> list[str]:
    """Return the statements that bring sequences to where they are now."""
    names = [qualified(each) for each in sequences]
    found = fetch(pgconn, ours("copies_positions"), (json.dumps(names),))
    return [row[0] or "" for row in found]


def large_objects(pgconn: "PGconn") -> LargeObjects:
    """Return how many large objects there are, and their size."""
    count, size = fetch(pgconn, ours("copies_large_objects"))[0]
    return LargeObjects(int(count or 0), int(size or 0))


def there(pgconn: "PGconn", relation: Relation) -> There:
    """Return what is there of a table now."""
    exists, columns, cascades = fetch(pgconn, ours("copies_there"), (qualified(relation),))[0]
    filled = False
    if exists == "true":
        filled = bool(fetch(pgconn, f"select from {qualified(relation)} limit 1"))
    return There(exists == "true", tuple(json.loads(columns or "[]")), cascades or "", filled)


def references(pgconn: "PGconn", relations: Iterable[Relation]) -> list[tuple[Relation, Relation]]:
    """Return for each foreign key between two of the tables where it is, and what it refers to."""
    names = {qualified(each): each for each in relations}
    found = fetch(pgconn, ours("copies_references"), (json.dumps([*names]),))
    return [(names[first or ""], names[second or ""]) for first, second in found]


def defaults(pgconn: "PGconn") -> list[tuple[str, str, str]]:
    """Return what new objects of ours give to others: schema, how to end it, how to begin again.

    The schema is "" for what holds in all of them.
    """
    found = fetch(pgconn, ours("copies_defaults"))
    return [(row[0] or "", row[1] or "", row[2] or "") for row in found]


def triggers(pgconn: "PGconn", relation: Relation) -> list[tuple[str, str]]:
    """Return the statements that switch each trigger of ours off, and on again as it was."""
    found = fetch(pgconn, ours("copies_triggers"), (qualified(relation),))
    return [(row[0] or "", row[1] or "") for row in found]


def type_exists(pgconn: "PGconn", name: str) -> bool:
    """Tell whether the server knows a type."""
    return fetch(pgconn, ours("copies_type"), (name,))[0][0] == "true"


def count_on(pgconn: "PGconn", relation: Relation) -> None:
    """Bring the sequences of the columns behind the greatest number that the rows have."""
    name = qualified(relation)
    for sequence, column, increment in fetch(pgconn, ours("copies_counters"), (name,)):
        if int(increment or 1) > 0:
            sql = f"select max({column})::bigint::text from {name}"  # noqa: S608 - both are quoted
            last = fetch(pgconn, sql)[0][0]
            if last is not None:
                fetch(pgconn, ours("copies_count_on"), (sequence, last))


def copy_out(pgconn: "PGconn", table: Table) -> Iterator[bytes]:
    """Yield the rows of a table in COPY's text format, as UTF-8, row by row."""
    from psycopg.errors import OperationalError

    columns = ", ".join(quote(name) for name, _ in table.columns)
    listed = f" ({columns})" if columns else ""
    try:
        _begin(pgconn, f"copy {qualified(table.relation)}{listed} to stdout", COPY_OUT)
        while True:
            count, data = pgconn.get_copy_data(0)
            if count < 0:
                break
            yield bytes(data)
        _end(pgconn)
    except OperationalError as error:
        raise ConnectionLost("The connection was lost.", details=(str(error),)) from None


def copy_in(pgconn: "PGconn", sql: str, data: Iterable[bytes]) -> None:
    """Run a COPY … FROM STDIN with these data. Raises ServerError."""
    from psycopg.errors import OperationalError

    try:
        _begin(pgconn, sql, COPY_IN)
        try:
            for some in data:
                pgconn.put_copy_data(some)
        except BaseException:
            pgconn.put_copy_end(b"the data ended before their time")
            while pgconn.get_result() is not None:
                continue
            raise
        pgconn.put_copy_end()
        _end(pgconn)
    except OperationalError as error:
        raise ConnectionLost("The connection was lost.", details=(str(error),)) from None


def _begin(pgconn: "PGconn", sql: str, status: int) -> None:
    result = pgconn.exec_(sql.encode())
    if result.status != status:
        raise ServerError(result)


def _end(pgconn: "PGconn") -> None:
    """Read the answers to the end. Raises ServerError for the first error."""
    error = None
    while (result := pgconn.get_result()) is not None:
        if result.status != 1 and error is None:  # PGRES_COMMAND_OK
            error = ServerError(result)
    if error is not None:
        raise error
