"""What a backup is read as, whatever it was made by: statements, and the rows of tables."""

from collections.abc import Iterator
from dataclasses import dataclass

from ajour.model import Relation


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table, in COPY's text format."""

    relation: Relation
    columns: str
    """Their columns, quoted where need be, with commas between; empty for none."""
    data: Iterator[bytes]
    """To be read to its end before the next piece is asked for."""


Piece = str | Rows
