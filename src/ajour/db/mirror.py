"""Keeps the Supabase CLI's history beside ours, so that it agrees about what was run.

Its rows are written in the transaction of the migration, or of the repair, that they tell of.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ajour.db.history import entering
from ajour.db.rows import ServerError, ask, transact
from ajour.db.statements import Statements, ours
from ajour.db.wire import Query
from ajour.errors import Refusal
from ajour.model import Migration, Relation, Repair, Script
from ajour.sql.split import split
from ajour.supabase import cli_version

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

TABLE = "supabase_migrations.schema_migrations"


def prepare(pgconn: "PGconn", table: Relation) -> str | None:
    """Make the table where it is missing, and add what our history lists and it does not.

    Our own table must be there. Returns what was done, None when there was nothing to do. Raises
    ServerError: "ajour:locked" when another process has the lock.
    """
    sql = Statements(table)
    facts, lacks = ask(pgconn, Query(ours("mirror_incomplete")), Query(sql["mirror_lacks"]))
    if isinstance(facts, ServerError):
        raise facts
    incomplete = facts[0][0] == "true"
    if isinstance(lacks, ServerError) and not incomplete:
        raise lacks
    if not incomplete and lacks == [("0",)]:
        return None
    making = ("mirror_schema", "mirror_table", "mirror_columns") if incomplete else ()
    quiet = Query("set local client_min_messages = warning")
    queries = (Query(sql[name]) for name in (*making, "mirror_all"))
    added = len(transact(pgconn, quiet, entering(sql), *queries)[-1])
    noun = "row" if added == 1 else "rows"
    return f"added {added} {noun} to {TABLE}" if added else f"made {TABLE}"


def record(migration: Migration, script: Script) -> Iterator[Query]:
    """Yield what records a migration there; nothing where the CLI would skip its name."""
    statements = [each.text for step in script.steps for each in step.statements]
    yield from _about("mirror_record", migration.name, statements)


def follow(repairs: tuple[Repair, ...]) -> Iterator[Query]:
    """Yield what changes that history as the repairs change ours."""
    for each in repairs:
        statements = _statements(each.file)
        if each.kind in {"forget", "rename"}:
            yield from _about("mirror_forget", each.name)
        if each.kind == "rename" and each.file:
            yield from _about("mirror_record", each.file.name, statements)
        elif each.kind == "mark-applied":
            yield from _about("mirror_record", each.name, statements)
        elif each.kind == "accept":
            yield from _about("mirror_accept", each.name, statements)


def _about(statement: str, name: str, statements: list[str] | None = None) -> Iterator[Query]:
    version = cli_version(name)
    if version:
        values = () if statements is None else (_array(statements),)
        yield Query(ours(statement), (*version, *values))


def _statements(file: Migration | None) -> list[str]:
    """Return the statements of a file; the whole text where it cannot be cut into any."""
    if file is None:
        return []
    try:
        return [each.text for each in split(file.text)]
    except Refusal:
        return [file.text]


def _array(texts: list[str]) -> str:
    """Return texts as PostgreSQL writes an array of them."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"
