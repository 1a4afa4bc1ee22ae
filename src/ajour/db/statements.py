"""Reads ajour's own SQL from the files beside it and puts the names of the two tables in."""

from functools import cache
from pathlib import Path

from ajour.model import Relation


def quote(identifier: str) -> str:
    """Return `identifier` as SQL writes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(relation: Relation) -> str:
    """Return schema and name, quoted."""
    return f"{quote(relation.schema)}.{quote(relation.name)}"


@cache
def _templates() -> dict[str, str]:
    templates = {}
    for path in Path(__file__).parent.glob("*.sql"):
        for block in path.read_text("utf-8").split("-- name: ")[1:]:
            name, _, body = block.partition("\n")
            lines = (line for line in body.splitlines() if not line.startswith("--"))
            templates[name.strip()] = "\n".join(lines).strip()
    return templates


def ours(name: str) -> str:
    """Return a statement of ours that names no table of the history."""
    return _templates()[name]


class Statements:
    """Our statements for one history table: `statements["applied"]` is text to send."""

    def __init__(self, table: Relation) -> None:
        self.table = table
        self.history = qualified(table)
        self.progress = qualified(Relation(table.schema, f"{table.name}_in_progress"))
        self._ready: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._ready:
            template = _templates()[name]
            self._ready[name] = template.replace("{history}", self.history).replace(
                "{progress}", self.progress
            )
        return self._ready[name]
