"""Changes a column in place."""

import re

from ajour.catalog.objects import Object
from ajour.inverse.tables import (
    column_settings,
    foreign_changes,
    identity_clause,
    named_not_null,
)
from ajour.inverse.words import Parts, holder, name, text, texts

_TEXTS = {"text", "character varying", "character", "name", '"char"'}
_NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}
_TIMES = {"date", "timestamp without time zone", "timestamp with time zone"}
_DOCUMENTS = {"json", "jsonb"}


def alter_column(old: Object, new: Object, own: set[str], parts: Parts) -> list[str] | None:
    """Return the statements that change a column; None where it has to be made anew."""
    if new.parent is not None and new.parent.kind == "type":
        return [_attribute(new)] if own <= {"type", "collation"} else None
    if new.parent is not None and "view" in new.parent.kind:
        return _of_view(new, own)
    if text(old, "inherited") and text(new, "inherited"):
        own = own - {"type", "collation", "not_null", "generated", "identity"}
    if "generated" in own or (text(new, "generated") and own & {"type", "collation"}):
        return None  # its values are made anew all the same
    target = f"alter table {holder(new.identity)} alter column {name(new.identity.name)}"
    found = []
    if text(new, "generated") and "default" in own:
        found.append(f"{target} set expression as ({text(new, 'default')})")
        own = own - {"default"}
    if own & {"type", "collation"}:
        found += retyped(old, new, target, resets="default" not in own)
    found += _identity(old, new, own, target, parts)
    default = text(new, "default")
    gets_identity = "identity" in own and bool(text(new, "identity"))
    if "default" in own and not gets_identity:
        found.append(f"{target} {f'set default {default}' if default else 'drop default'}")
    if "not_null" in own and not gets_identity and not named_not_null(new, parts):
        found.append(f"{target} {'set' if text(new, 'not_null') else 'drop'} not null")
    found += column_settings(new, old)
    if "fdw_options" in own:
        said = foreign_changes(texts(old, "fdw_options"), texts(new, "fdw_options"))
        found.append(f"{target} options ({said})")
    return found


def _attribute(new: Object) -> str:
    collation = text(new, "collation")
    return (
        f"alter type {holder(new.identity)} alter attribute {name(new.identity.name)}"
        f" type {text(new, 'type')}" + (f" collate {collation}" if collation else "")
    )


def _of_view(new: Object, own: set[str]) -> list[str] | None:
    if own != {"default"}:
        return None
    default = text(new, "default")
    target = f"alter view {holder(new.identity)} alter column {name(new.identity.name)}"
    return [f"{target} {f'set default {default}' if default else 'drop default'}"]


def retyped(
    old: Object, new: Object, target: str, *, resets: bool, renamed: bool = False
) -> list[str]:
    """Return what gives a column its type; `target`: ALTER TABLE … ALTER COLUMN ….

    resets: the default is to be there again afterwards. renamed: the old type has only the same
    name, so that values go by their text.
    """
    kind, default = text(new, "type"), text(old, "default")
    own = name(new.identity.name)
    collation = f" collate {text(new, 'collation')}" if text(new, "collation") else ""
    if renamed:
        using = f" using {own}::text::{kind}"
    else:
        using = "" if _by_assignment(text(old, "type"), kind) else f" using {own}::{kind}"
    found = [f"{target} drop default"] if default else []
    found.append(f"{target} type {kind}{collation}{using}")
    if default and resets:
        found.append(f"{target} set default {text(new, 'default')}")
    return found


def _by_assignment(old: str, new: str) -> bool:
    """Tell whether values go over without USING, which would cut a text that is too long."""
    before, after = (re.sub(r"\([0-9, ]+\)", "", each) for each in (old, new))
    if before == after or after in _TEXTS:
        return True
    return any({before, after} <= kinds for kinds in (_NUMBERS, _TIMES, _DOCUMENTS))


def _identity(old: Object, new: Object, own: set[str], target: str, parts: Parts) -> list[str]:
    if "identity" not in own:
        return []
    if text(old, "identity") and text(new, "identity"):
        return [f"{target} set generated {text(new, 'identity')}"]
    if text(new, "identity"):
        needs_it = [f"{target} set not null"] if "not_null" in own else []
        dropped = [f"{target} drop default"] if text(old, "default") else []
        return [*needs_it, *dropped, f"{target} add {identity_clause(new, parts)}"]
    return [f"{target} drop identity"]
