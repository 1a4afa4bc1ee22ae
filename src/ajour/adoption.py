"""What `ajour adopt` finds: the history that another tool keeps, beside the folder.

Values, as those of model.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ajour.model import Migration, Relation


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """One row of a history that another tool keeps."""

    version: str
    """Digits, or what else the tool tells its migrations apart by."""
    name: str | None = None
    """A title or a file name."""
    executed_at: datetime | None = None
    dirty: bool = False
    """It was begun and did not come to its end."""
    up_to: bool = False
    """It stands for every migration up to this version."""
    text: str | None = None
    """What was run, where the tool keeps that."""


@dataclass(frozen=True, slots=True)
class ForeignHistory:
    """The history that another tool keeps in the database."""

    tool: str
    table: Relation | None
    """None where it was not read from one."""
    rows: tuple[ForeignRow, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A row of another tool's history, and the file that it means."""

    row: ForeignRow
    file: Migration
    how: Literal["name", "content", "version", "title", "up to"]
    """What tells it: `content` and `title` are those of a file with another version."""
    differs: bool = False
    """What was run is known, and it is not what is on disk."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """Another tool's history beside the folder, and what of it can be taken over."""

    source: ForeignHistory
    matches: tuple[Match, ...]
    """In the order of their files; files that ajour's own history lists already are left out."""
    known: tuple[str, ...]
    """Files with a row that ajour's own history lists already."""
    rows_left: tuple[ForeignRow, ...]
    """Rows that no file can be found for."""
    pending: tuple[str, ...]
    """Files without a row."""
    unclear: tuple[str, ...]
    """Of these, the ones whose version has a row, which may mean another file."""
    others: tuple[ForeignHistory, ...] = ()
    """Histories that were found as well, without a row or not chosen."""
    applied: int = 0
    """How many rows ajour's own history had when this was concluded."""
