"""What only ajour does: no peer stands beside it in the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from check import many_files

from rehearse import many_rows, many_tables

Row = dict[str, float | str]
"""The cells of a line, by the heads of their columns."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A thing to measure."""

    name: str
    title: str
    measure: Callable[[int], Iterator[Row]]
    """Takes the number of runs."""


ALONE = {
    each.name: each
    for each in (
        Alone("check", "ajour check, without a database", many_files),
        Alone("rehearse-tables", "ajour rehearse on many tables", many_tables),
        Alone("rehearse-rows", "ajour rehearse on a part of many rows", many_rows),
    )
}
