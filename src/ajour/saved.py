"""The values that backups flow as: what was saved, and what was brought back. They do nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from ajour.model import Relation

Kind = Literal["pg_dump", "copy"]


@dataclass(frozen=True, slots=True)
class SavedTable:
    """A table in a backup."""

    schema: str
    name: str
    kind: str
    """As pg_class has it: r, p or m."""
    bytes: int
    """In the database, with its indexes."""
    rows: int
    """The server's estimate; of a copy, how many there are."""
    columns: tuple[tuple[str, str], ...]
    """Names and types of the columns that rows were saved of."""
    key: tuple[str, ...]
    indexes: tuple[str, ...]
    sequences: tuple[str, ...]
    parent: tuple[str, str] | None

    @property
    def relation(self) -> Relation:
        """Its schema and name."""
        return Relation(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, read back in full when it was made."""

    kind: Kind
    path: Path
    made_at: datetime
    database: str
    """Its name."""
    place: str
    """Host and port, without a password."""
    server_version: int
    """As server_version_num."""
    made_with: str
    """The version of ajour."""
    dump_major: int | None
    """The major version of the pg_dump; None for a copy."""
    whole: bool
    """All of the project's schemas, not single tables."""
    bytes: int
    sha256: str
    tables: tuple[SavedTable, ...]
    history: tuple[str, ...]
    """The migrations that the database had."""
    precedes: tuple[str, ...]
    """The migrations that were about to run."""
    reasons: tuple[str, ...]
    """What in them asked for it."""

    @property
    def id(self) -> str:
        """A short name for people; of two with the same content, each has its own."""
        return hashlib.sha256(f"{self.path.name} {self.sha256}".encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a table that was asked for."""

    relation: Relation
    into: Relation
    """Where its rows are now: another table where the table itself is in use."""
    how: Literal["created", "filled", "replaced", "beside"]
    lost: tuple[tuple[str, str], ...] = ()
    """Columns, with their types, that were saved and that the table does not have any more."""
    key: tuple[str, ...] = ()
    """The primary key that was saved, where the table still has those columns."""
