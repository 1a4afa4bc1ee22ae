"""Reads the histories that other tools keep in the database, and writes what is taken over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ajour.adoption import ForeignHistory, ForeignRow, Match
from ajour.db.history import entering
from ajour.db.rows import Row, fetch, transact
from ajour.db.statements import Statements, ours
from ajour.db.wire import Query
from ajour.errors import Refusal
from ajour.model import Relation
from ajour.profiles import SUPABASE
from ajour.sql.names import qualified, quote

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

SUPABASE_TABLE = Relation("supabase_migrations", "schema_migrations")

TOOLS = (
    ("golang-migrate", {"version", "dirty"}),
    ("flyway", {"installed_rank", "version", "script", "success"}),
    ("goose", {"version_id", "is_applied", "tstamp"}),
    ("sqlx", {"version", "description", "installed_on", "success"}),
    ("supabase", {"version", "statements"}),
)
"""Tools by the columns of their table. What has a version alone may be dbmate's."""

NAMES = ("name", "filename", "file", "migration", "migration_name", "script", "file_name")
TIMES = (
    *("executed_at", "applied_at", "run_at", "run_on", "installed_on", "applied_on"),
    *("migrated_at", "inserted_at", "created_at", "date"),
)
"""Columns of tables that no tool of ours made, the likeliest first."""

_PASSED_OVER = ",".join(sorted(SUPABASE.managed_schemas - {SUPABASE_TABLE.schema}))
"""Supabase's own services keep histories of their own there."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: Relation
    columns: tuple[str, ...]
    times: frozenset[str]
    """Those of the columns that hold a time."""

    @property
    def tool(self) -> str:
        """The tool that made it, as far as the columns tell; "" for none that we know."""
        if self.name == SUPABASE_TABLE:
            return "supabase"
        for tool, shape in TOOLS:
            if shape <= set(self.columns):
                return tool
        return "dbmate" if self.columns == ("version",) else ""


def find(pgconn: "PGconn") -> tuple[ForeignHistory, ...]:
    """Return every history of a tool that we know by its table, empty ones too."""
    return tuple(
        _read(pgconn, table, table.tool)
        for table in _tables(pgconn, _PASSED_OVER, None, None)
        if table.tool
    )


def read(pgconn: "PGconn", table: Relation) -> ForeignHistory:
    """Return the history that a table holds, whoever made it. Raises Refusal."""
    found = next(_tables(pgconn, "", table.schema, table.name), None)
    if found is None:
        raise Refusal(
            f"There is no table {table} in this database.",
            hint="Name it as schema.table, as it stands in the database.",
        )
    return _read(pgconn, found, found.tool)


def take_over(pgconn: "PGconn", table: Relation, applied: int, matches: tuple[Match, ...]) -> None:
    """Record the files that other rows stand for, all or none, under the lock.

    `applied` is how many rows the history must have. The table must be there. Raises ServerError:
    "ajour:locked", or "ajour:history-changed" when the history is another one by now.
    """
    sql = Statements(table)
    rows = (Query(sql["adopt_row"], _values(each)) for each in matches)
    transact(pgconn, entering(sql), Query(sql["adopt_check"], (str(applied),)), *rows)


def _values(match: Match) -> tuple[str | None, ...]:
    at = match.row.executed_at
    file = match.file
    return (file.name, at.isoformat() if at else None, file.checksum, file.text)


def _tables(
    pgconn: "PGconn", passed_over: str, schema: str | None, name: str | None
) -> Iterator[_Table]:
    for row in fetch(pgconn, ours("foreign_tables"), (passed_over, schema, name)):
        columns, times = json.loads(row[2] or "[]"), json.loads(row[3] or "[]")
        yield _Table(Relation(str(row[0]), str(row[1])), tuple(columns), frozenset(times))


def _read(pgconn: "PGconn", table: _Table, tool: str) -> ForeignHistory:
    sql = ours(f"foreign_{tool.replace('-', '_')}") if tool else _sql_for(table)
    rows = fetch(pgconn, sql.replace("{table}", qualified(table.name)))
    return ForeignHistory(tool or str(table.name), table.name, tuple(map(_row, rows)))


def _sql_for(table: _Table) -> str:
    """Return the statement that reads a table of nobody's: its columns say what they are."""
    name = next((each for each in NAMES if each in table.columns), None)
    version = "version" if "version" in table.columns else name
    if version is None:
        raise Refusal(
            f"{table.name} is not a history of migrations that can be read.",
            details=(f"its columns: {', '.join(table.columns)}",),
            hint=f"A column has to name the file: version, {', '.join(NAMES)}.",
        )
    time = next((each for each in TIMES if each in table.columns and each in table.times), None)
    columns = {"{version}": version, "{name}": name, "{time}": time}
    sql = ours("foreign_other")
    for place, column in columns.items():
        sql = sql.replace(place, quote(column) if column else "null")
    return sql


def _row(values: Row) -> ForeignRow:
    version, name, at, dirty, up_to, statements = values
    parts = json.loads(statements) if statements else None
    return ForeignRow(
        version=version or "",
        name=name or None,
        executed_at=datetime.fromtimestamp(float(at), UTC) if at else None,
        dirty=dirty == "true",
        up_to=up_to == "true",
        # Each on lines of its own: a comment may end what the tool took for a statement.
        text="\n;\n".join(filter(None, parts)) if parts else None,
    )
