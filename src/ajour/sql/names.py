"""Names as SQL writes them."""

import re

from ajour.model import Relation

IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\s."(]+)'
"""A name as SQL writes it, for a pattern."""


def quote(identifier: str) -> str:
    """Return `identifier` as SQL writes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(relation: Relation) -> str:
    """Return schema and name, quoted."""
    return f"{quote(relation.schema)}.{quote(relation.name)}"


def unquoted(written: str) -> str:
    """Return the name that is written, in quotes or as it is."""
    return written[1:-1].replace('""', '"') if written.startswith('"') else written


def relation_of(text: str) -> Relation | None:
    """Return the table that `schema.table` or `table` (then in public) names; None for neither.

    Unlike in SQL, capitals count without quotes as well.
    """
    found = re.fullmatch(rf"(?:({IDENTIFIER})\.)?({IDENTIFIER})", text)
    return Relation(unquoted(found[1] or "public"), unquoted(found[2])) if found else None
