"""Names as SQL writes them."""

from ajour.model import Relation


def quote(identifier: str) -> str:
    """Return `identifier` as SQL writes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(relation: Relation) -> str:
    """Return schema and name, quoted."""
    return f"{quote(relation.schema)}.{quote(relation.name)}"
