"""Backups without pg_dump: a zip of each table's rows, as COPY gives them, and of what makes it.

    definitions.json        for each table the statements before its rows, and those after them
    schema.json             of a whole database: the statements that make all of it, and remove it
    rows/<n>                the rows of the n-th table, in COPY's text format

All rows are of one moment: one transaction reads them.
"""

import json
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ajour.backup.definitions import Definitions
from ajour.backup.pieces import Rows
from ajour.db.copies import Table, copy_out, definition, positions, transaction
from ajour.db.session import Session
from ajour.errors import Refusal
from ajour.model import Relation
from ajour.sql.names import quote

DEFINITIONS, SCHEMA = "definitions.json", "schema.json"
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Copied:
    """What such a file is read as."""

    before: list[str]
    """Statements before the rows."""
    rows: Iterator[Rows]
    after: list[str]
    drops: list[str]
    """What removes what they make, as far as it is there; nothing for single tables."""


def write(
    session: Session, tables: Sequence[Table], path: Path, whole: Definitions | None
) -> dict[str, int]:
    """Write the tables to `path`; return how many rows each has, by schema.table.

    `whole`: what makes all of the database, where all of it is saved. Materialized views have no
    copy: what they are made from is in the tables.
    """
    stored = _parents_first([each for each in tables if each.kind != "m"])
    counts: dict[str, int] = {}
    entries = []
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive,
        transaction(session.pgconn, "isolation level repeatable read read only"),
    ):
        for number, table in enumerate(stored):
            before, after = definition(session.pgconn, table)
            names = [name for name, _ in table.columns]
            entries.append(
                {
                    "schema": table.relation.schema,
                    "name": table.relation.name,
                    "columns": names,
                    "before": before,
                    "after": after,
                    "rows": f"rows/{number}" if table.kind == "r" else None,
                }
            )
            if table.kind == "r":
                with archive.open(f"rows/{number}", "w", force_zip64=True) as out:
                    counts[str(table.relation)] = _copy(session, table, out)
        archive.writestr(DEFINITIONS, json.dumps(entries))
        if whole is not None:
            made = {
                "before": whole.before,
                "after": (*whole.after, *positions(session.pgconn, whole.sequences)),
                "drops": whole.drops,
            }
            archive.writestr(SCHEMA, json.dumps(made))
    return counts


def _copy(session: Session, table: Table, out: IO[bytes]) -> int:
    count = 0
    for row in copy_out(session.pgconn, table):
        out.write(row)
        count += 1
    return count


def _parents_first(tables: list[Table]) -> list[Table]:
    """Return the tables, each partition behind what it is a partition of."""
    parents = {each.relation: each.parent for each in tables}

    def depth(relation: Relation | None) -> int:
        return 0 if relation is None else 1 + depth(parents.get(relation))

    return sorted(tables, key=lambda each: depth(each.relation))


def verify(path: Path, counts: dict[str, int]) -> None:
    """Read all of it back, and count the rows. Raises Refusal."""
    for rows in read(path, None).rows:
        counted = sum(some.count(b"\n") for some in rows.data)
        if counted != counts[str(rows.relation)]:
            raise Refusal(f"{path.name} has {counted} rows of {rows.relation}, not all.")


def read(path: Path, only: Collection[Relation] | None) -> Copied:
    """Return what is in the file of some tables, or of all. Raises Refusal."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = json.loads(archive.read(DEFINITIONS))
            whole: dict[str, Any] = {}
            if only is None and SCHEMA in archive.namelist():
                whole = json.loads(archive.read(SCHEMA))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise _broken(path, error) from None
    if whole:
        return Copied(whole["before"], _rows(path, entries), whole["after"], whole["drops"])
    wanted = [
        each for each in entries if only is None or Relation(each["schema"], each["name"]) in only
    ]
    before = sorted(  # who inherits may be made before its parent, and joins it afterwards
        (sql for each in wanted for sql in each["before"]),
        key=lambda sql: sql.startswith("alter table "),
    )
    after = sorted(
        (sql for each in wanted for sql in each["after"]),
        key=lambda sql: " foreign key " in sql.lower(),
    )
    return Copied(before, _rows(path, wanted), after, [])


def _rows(path: Path, entries: Sequence[dict[str, object]]) -> Iterator[Rows]:
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            if entry["rows"] is None:
                continue
            names = entry["columns"]
            assert isinstance(names, list), "our own file"
            yield Rows(
                Relation(str(entry["schema"]), str(entry["name"])),
                ", ".join(map(quote, names)),
                _chunks(path, archive, str(entry["rows"])),
            )


def _chunks(path: Path, archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as file:
            while some := file.read(CHUNK):
                yield some
    except (OSError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise _broken(path, error) from None


def _broken(path: Path, error: Exception) -> Refusal:
    return Refusal(
        f"{path.name} cannot be read in full: it is cut short, or broken.", details=(str(error),)
    )
