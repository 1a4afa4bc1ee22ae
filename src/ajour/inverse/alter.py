"""Changes one object in place, where that is possible; it stays the same object, with its rows."""

from collections.abc import Callable, Iterable, Iterator

from ajour.catalog.objects import HIDDEN, Object
from ajour.inverse.columns import alter_column
from ajour.inverse.create import enabled, publication_options, roles
from ajour.inverse.rare import MAKERS, foreign
from ajour.inverse.rights import commented, owned, regranted
from ajour.inverse.tables import changed_options, foreign_changes, marks
from ajour.inverse.words import Parts, holder, literal, name, named, text, texts

EVERYWHERE = frozenset({"owner", "comment", "grants", "owner_lacks", "column order"})
"""Attributes that any object may have, and that are changed in the same way."""

INDEX_MARKS = frozenset({"clustered", "replica_identity"})

Found = list[str] | None
"""Statements; None where the object has to be made anew."""


def alter(old: Object, new: Object, attributes: Iterable[str], version: int, parts: Parts) -> Found:
    """Return the statements that change `old` into `new`; None where it has to be made anew.

    attributes: what differs, as `diff` names it. version: the server's. parts: those of `new`.
    """
    own = set(attributes) - EVERYWHERE
    found = _ALTERS.get(new.kind, _not_at_all)(old, new, own, parts) if own else []
    if found is None:
        return None
    return [*found, *_common(old, new, set(attributes), version)]


def _common(old: Object, new: Object, attributes: set[str], version: int) -> Iterator[str]:
    if "owner" in attributes and new.owner:
        yield owned(new)
    if "comment" in attributes:
        yield commented(new)
    if attributes & {"grants", "owner_lacks"}:
        yield from regranted(old, new, version)


def _not_at_all(_: Object, __: Object, ___: set[str], ____: Parts) -> Found:
    return None


def _function(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own & {"arguments", "returns", "window", "language"}:
        return None  # OR REPLACE takes neither another type nor other names
    del old
    return [(new.definition or "").rstrip()]


def _enum(old: Object, new: Object, _: set[str], __: Parts) -> Found:
    """Add values where none has gone."""
    has, wants = texts(old, "labels"), texts(new, "labels")
    if tuple(each for each in wants if each in has) != has:
        return None
    found, last = [], ""
    for label in wants:
        if label not in has:
            place = f"after {literal(last)}" if last else f"before {literal(has[0])}" if has else ""
            found.append(
                f"alter type {named(new.identity)} add value {literal(label)} {place}".rstrip()
            )
        last = label
    return found


def _domain(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own - {"default", "not_null"}:
        return None
    target = f"alter domain {named(new.identity)}"
    found = []
    if "default" in own:
        default = text(new, "default")
        found.append(f"{target} {f'set default {default}' if default else 'drop default'}")
    if "not_null" in own:
        found.append(f"{target} {'set' if text(new, 'not_null') else 'drop'} not null")
    del old
    return found


def _sequence(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own & {"identity"}:
        return None
    words = {
        "type": "as",
        "increment": "increment",
        "minimum": "minvalue",
        "maximum": "maxvalue",
        "start": "start",
        "cache": "cache",
    }
    said = [f"{said} {new.attributes[each]}" for each, said in words.items() if each in own]
    if "cycle" in own:
        said.append("cycle" if text(new, "cycle") else "no cycle")
    target = f"alter sequence {named(new.identity)}"
    found = [f"{target} {' '.join(said)}"] if said else []
    if "unlogged" in own:
        found.append(f"{target} set {'unlogged' if text(new, 'unlogged') else 'logged'}")
    del old
    return found  # owned_by comes at the end, see schema.py


_TABLE = frozenset(
    {
        *("unlogged", "options", "toast_options", "access_method", "tablespace", "row_security"),
        *("force_row_security", "replica_identity", "partition_of", "bound", "inherits"),
    }
)


def _table(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own - _TABLE:
        return None
    target = f"alter table {named(new.identity)}"
    found = []
    if "unlogged" in own:
        found.append(f"{target} set {'unlogged' if text(new, 'unlogged') else 'logged'}")
    for attribute, prefix in (("options", ""), ("toast_options", "toast.")):
        states = (tuple(prefix + one for one in texts(each, attribute)) for each in (old, new))
        found += changed_options(target, *states)
    for attribute, said in (("access_method", "access method"), ("tablespace", "tablespace")):
        if attribute in own:
            usual = {"access_method": "heap", "tablespace": "pg_default"}[attribute]
            found.append(f"{target} set {said} {name(text(new, attribute) or usual)}")
    if "row_security" in own:
        switch = "enable" if text(new, "row_security") else "disable"
        found.append(f"{target} {switch} row level security")
    if "force_row_security" in own:
        force = "force" if text(new, "force_row_security") else "no force"
        found.append(f"{target} {force} row level security")
    if "replica_identity" in own and text(new, "replica_identity"):
        found.append(f"{target} replica identity {text(new, 'replica_identity')}")
    elif "replica_identity" in own:
        found.append(f"{target} replica identity default")
    found += (f"{target} inherit {each}" for each in _more(new, old))
    return found


def released(old: Object, new: Object) -> Iterator[str]:
    """Yield what takes a table out of tables that it is a part of no more."""
    target = named(new.identity)
    parent = text(old, "partition_of")
    if parent and (parent, text(old, "bound")) != (text(new, "partition_of"), text(new, "bound")):
        yield f"alter table {parent} detach partition {target}"
    yield from (f"alter table {target} no inherit {each}" for each in _more(old, new))


def _more(one: Object, other: Object) -> list[str]:
    return [each for each in texts(one, "inherits") if each not in texts(other, "inherits")]


def _constraint(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    target = f"alter table {holder(new.identity)}"
    found = []
    if "definition" in own:
        if old.definition != f"{new.definition} NOT VALID":
            return None
        found.append(f"{target} validate constraint {name(new.identity.name)}")
    index = f"{name(new.identity.schema)}.{name(new.identity.name)}"
    if own - {"definition", "index_options", "index_comment", *INDEX_MARKS}:
        return None
    states = (texts(each, "index_options") for each in (old, new))
    found += changed_options(f"alter index {index}", *states)
    if "index_comment" in own:
        comment = text(new, "index_comment")
        found.append(f"comment on index {index} is {literal(comment) if comment else 'null'}")
    return [*found, *marks(new, old)]


def _index(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own - INDEX_MARKS - {"partition_of"}:
        return None
    return [*marks(new, old)]  # partition_of comes at the end, see schema.py


def _view(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own == {"unpopulated"}:
        no_data = " with no data" if text(new, "unpopulated") else ""
        return [f"refresh materialized view {named(new.identity)}{no_data}"]
    if own - {"options"}:
        return None
    target = f"alter {new.kind} {named(new.identity)}"
    return [*changed_options(target, texts(old, "options"), texts(new, "options"))]


def _trigger(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    return [*enabled(new, old)] if own == {"enabled"} else None


def _policy(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    gone = any(text(old, each) and not text(new, each) for each in ("using", "check"))
    if gone or own - {"roles", "using", "check"}:
        return None
    using, check = text(new, "using"), text(new, "check")
    return [
        f"alter policy {name(new.identity.name)} on {holder(new.identity)}"
        + (f" to {roles(new)}" if "roles" in own else "")
        + (f" using ({using})" if "using" in own else "")
        + (f" with check ({check})" if "check" in own else "")
    ]


def _publication(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if "all_tables" in own:
        return None
    said = publication_options(new)
    if text(old, "via_root") and not text(new, "via_root"):
        said += ", publish_via_partition_root = false"
    if text(old, "generated") and not text(new, "generated"):
        said += ", publish_generated_columns = none"
    return [f"alter publication {named(new.identity)} set ({said})"]


def _extension(_: Object, new: Object, own: set[str], __: Parts) -> Found:
    target = f"alter extension {named(new.identity)}"
    found = []
    if "version" in own:
        found.append(f"{target} update to {literal(text(new, 'version'))}")
    if "schema" in own:
        found.append(f"{target} set schema {name(text(new, 'schema'))}")
    return found


def _statistics(_: Object, new: Object, own: set[str], __: Parts) -> Found:
    target = text(new, "target") or "-1"
    found = f"alter statistics {named(new.identity)} set statistics {target}"
    return [found] if own == {"target"} else None


def _foreign(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    """Change the OPTIONS of something foreign, and what else of it has no rows."""
    attribute = "fdw_options" if new.kind == "foreign table" else "options"
    if own - {attribute, HIDDEN, *_FOREIGN.get(new.kind, ())}:
        return None
    words = [
        f"{each} {text(new, each)}" if text(new, each) else f"no {each}"
        for each in ("handler", "validator")
        if each in own
    ]
    if "version" in own:
        words.append(f"version {literal(text(new, 'version'))}" if text(new, "version") else "")
    states = (texts(each, attribute) for each in (old, new))
    said = foreign_changes(*states, hidden=HIDDEN in own)
    words += [f"options ({said})"] if said else []
    return None if "" in words else [f"alter {foreign(new)} {' '.join(words)}"]


_FOREIGN = {"server": ("version",), "foreign data wrapper": ("handler", "validator")}


def _operator(_: Object, new: Object, own: set[str], __: Parts) -> Found:
    if own - {"restrict", "join"}:
        return None
    said = ", ".join(f"{each} = {text(new, each) or 'none'}" for each in sorted(own))
    return [f"alter operator {named(new.identity)} set ({said})"]


def _configuration(old: Object, new: Object, own: set[str], _: Parts) -> Found:
    if own != {"mappings"}:
        return None
    has, wants = (
        dict(line.split(": ", 1) for line in texts(each, "mappings")) for each in (old, new)
    )
    target = f"alter text search configuration {named(new.identity)}"
    return [
        *(f"{target} drop mapping for {token}" for token in has if token not in wants),
        *(
            f"{target} {'alter' if token in has else 'add'} mapping for {token} with {listed}"
            for token, listed in wants.items()
            if has.get(token) != listed
        ),
    ]


def _again(_: Object, new: Object, __: set[str], ___: Parts) -> Found:
    """Say it once more: that is how it is changed."""
    return [*MAKERS[new.kind](new)]


def _dictionary(_: Object, new: Object, own: set[str], __: Parts) -> Found:
    said = text(new, "options")
    found = f"alter text search dictionary {named(new.identity)} ({said})"
    return [found] if own == {"options"} and said else None


_ALTERS: dict[str, Callable[[Object, Object, set[str], Parts], Found]] = {
    "function": _function,
    "procedure": _function,
    "enum": _enum,
    "domain": _domain,
    "sequence": _sequence,
    "table": _table,
    "foreign table": _foreign,
    "column": alter_column,
    "constraint": _constraint,
    "index": _index,
    "view": _view,
    "materialized view": _view,
    "trigger": _trigger,
    "rule": _trigger,
    "event trigger": _trigger,
    "policy": _policy,
    "publication": _publication,
    "extension": _extension,
    "statistics": _statistics,
    "server": _foreign,
    "foreign data wrapper": _foreign,
    "user mapping": _foreign,
    "operator": _operator,
    "text search configuration": _configuration,
    "role setting": _again,
    "database setting": _again,
    "security label": _again,
    "text search dictionary": _dictionary,
}
