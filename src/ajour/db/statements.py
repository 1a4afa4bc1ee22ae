"""Reads ajour's own SQL from the files beside it and puts the names of the two tables in."""

from functools import cache
from pathlib import Path

from ajour.model import Relation
from ajour.sql.names import qualified, quote


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
            text = _templates()[name]
            for part in ("hold", "changes", "limits", "notices", "held"):
                text = text.replace(f"{{{part}}}", _templates()[part])
            text = text.replace("{history}", self.history).replace("{progress}", self.progress)
            text = text.replace("{schema}", quote(self.table.schema))
            self._ready[name] = text
        return self._ready[name]
