"""Drops one object of any kind; never with CASCADE."""

from ajour.catalog.objects import Object
from ajour.inverse.rare import labelled, without_setting
from ajour.inverse.words import holder, name, named, text, word

_ON_TABLE = frozenset({"trigger", "rule", "policy"})


def drop(each: Object) -> str | None:
    """Return the statement that drops an object; None where it goes with what it belongs to."""
    identity = each.identity
    own = name(identity.name)
    if text(each, "inherited"):
        return None
    match each.kind:
        case "column" if each.parent is not None and each.parent.kind == "type":
            return f"alter type {holder(identity)} drop attribute {own}"
        case "column" if each.parent is not None and "table" in each.parent.kind:
            return f"alter table {holder(identity)} drop column {own}"
        case "column":  # of a view: what it had of its own is taken away
            default = text(each, "default")
            target = f"alter view {holder(identity)} alter column {own}"
            return f"{target} drop default" if default else None
        case "constraint":
            return f"alter table {holder(identity)} drop constraint {own}"
        case "domain constraint":
            return f"alter domain {holder(identity)} drop constraint {own}"
        case kind if kind in _ON_TABLE:
            return f"drop {kind} {own} on {holder(identity)}"
        case "publication table":
            return f"alter publication {own} drop table {holder(identity)}"
        case "publication schema":
            return f"alter publication {own} drop tables in schema {name(identity.schema)}"
        case "user mapping":
            return f"drop user mapping for {own} server {name(identity.table)}"
        case "security label":
            return labelled(each, gone=True)
        case "role setting" | "database setting":
            return without_setting(each)
        case "sequence" if text(each, "identity"):
            return None
        case kind:
            return f"drop {word(kind)} {named(identity)}"
