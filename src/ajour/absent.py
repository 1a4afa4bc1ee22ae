"""What a migration misses that no file of the folder creates: it was made by hand elsewhere.

A third of real projects begin from tables that somebody made in a dashboard.
"""

import re
from collections.abc import Iterable

from ajour.errors import MigrationFailed
from ajour.model import Migration

_MISSED = {
    "42P01": re.compile(r'relation "(.+)" does not exist'),
    "42703": re.compile(r'column ".+" of relation "(.+)" does not exist'),
    "42704": re.compile(r'type "(.+)" does not exist'),
    "42883": re.compile(r"function ([^(]+)\(.*\) does not exist"),
    "3F000": re.compile(r'schema "(.+)" does not exist'),
}
"""By SQLSTATE, the message of a server that speaks English; ours does."""


def missed(error: MigrationFailed, files: Iterable[Migration]) -> str | None:
    """Return the name that the server does not know and no file creates; None for other errors."""
    pattern = _MISSED.get(error.sqlstate or "")
    found = pattern.search(error.message) if pattern else None
    if not found:
        return None
    name = found[1].rpartition(".")[2].strip('"')
    creates = re.compile(
        r"\bcreate\b[^;(]*?\b(?:table|view|type|domain|sequence|schema|function|procedure)\s+"
        rf'(?:if\s+not\s+exists\s+)?(?:"?[\w$]+"?\s*\.\s*)?"?{re.escape(name)}"?(?![\w$])'
        rf'|\brename\s+to\s+"?{re.escape(name)}"?(?![\w$])',
        re.IGNORECASE,
    )
    return None if any(creates.search(file.text) for file in files) else name
