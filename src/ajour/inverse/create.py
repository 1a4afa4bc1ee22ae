"""Makes one object of any kind but tables, as it is in a catalog, without rights and comment."""

from collections.abc import Callable, Iterator

from ajour.catalog.objects import Object
from ajour.inverse.rare import MAKERS
from ajour.inverse.tables import add_column, add_constraint, marks, table
from ajour.inverse.tables import sequence_options as _sequence_options
from ajour.inverse.words import Parts, holder, literal, name, named, options, text, texts


def create(each: Object, parts: Parts) -> Iterator[str]:
    """Yield the statements that make an object; what is part of a table comes with it or after it.

    Yields nothing for what comes by itself with another object, and for kinds that are not known.
    """
    if text(each, "inherited") and not _is_made_for_partition(each):
        return
    yield from _MAKERS.get(each.kind, _nothing)(each, parts)


def _nothing(_: Object, __: Parts) -> Iterator[str]:
    """Yield nothing: the kind cannot be made from what is known of it."""
    return iter(())


def _is_made_for_partition(each: Object) -> bool:
    """Tell whether a new partition must have it before it is attached."""
    return each.kind == "constraint" and text(each, "type") != "foreign key"


def _defined(each: Object, _: Parts) -> Iterator[str]:
    yield (each.definition or "").rstrip().removesuffix(";")


def _schema(each: Object, _: Parts) -> Iterator[str]:
    yield f"create schema {named(each.identity)}"


def _extension(each: Object, _: Parts) -> Iterator[str]:
    yield f"create extension {named(each.identity)} schema {name(text(each, 'schema'))}"


def _aggregate(each: Object, _: Parts) -> Iterator[str]:
    yield f"create aggregate {named(each.identity)} ({', '.join(texts(each, 'options'))})"


def _enum(each: Object, _: Parts) -> Iterator[str]:
    labels = ", ".join(map(literal, texts(each, "labels")))
    yield f"create type {named(each.identity)} as enum ({labels})"


def _domain(each: Object, _: Parts) -> Iterator[str]:
    collation, default = text(each, "collation"), text(each, "default")
    yield (
        f"create domain {named(each.identity)} as {text(each, 'type')}"
        + (f" collate {collation}" if collation else "")
        + (f" default {default}" if default else "")
        + (" not null" if text(each, "not_null") else "")
    )


def _domain_constraint(each: Object, _: Parts) -> Iterator[str]:
    yield (
        f"alter domain {holder(each.identity)} add constraint {name(each.identity.name)}"
        f" {each.definition}"
    )


def _type(each: Object, parts: Parts) -> Iterator[str]:
    made, listed = f"create type {named(each.identity)}", texts(each, "options")
    match text(each, "form"):
        case "composite":
            columns = parts.get(each.identity, ())
            yield f"{made} as ({', '.join(map(_attribute, columns))})"
        case "range":
            ranges = [f"subtype = {text(each, 'subtype')}", *listed]
            if text(each, "multirange"):
                ranges.append(f"multirange_type_name = {text(each, 'multirange')}")
            yield f"{made} as range ({', '.join(ranges)})"
        case "shell":
            yield made
        case _:
            yield f"{made} ({', '.join(listed)})"


def _attribute(each: Object) -> str:
    collation = text(each, "collation")
    kind = text(each, "type") + (f" collate {collation}" if collation else "")
    return f"{name(each.identity.name)} {kind}"


def _sequence(each: Object, _: Parts) -> Iterator[str]:
    if text(each, "identity"):
        return
    unlogged = "unlogged " if text(each, "unlogged") else ""
    said = " ".join(_sequence_options(each))
    yield f"create {unlogged}sequence {named(each.identity)}{f' {said}' if said else ''}"


def _table(each: Object, parts: Parts) -> Iterator[str]:
    columns = [one for one in parts.get(each.identity, ()) if one.kind == "column"]
    yield from table(each, columns, parts)


def _column(each: Object, parts: Parts) -> Iterator[str]:
    if each.parent is not None and each.parent.kind == "type":
        yield f"alter type {holder(each.identity)} add attribute {_attribute(each)}"
    elif each.parent is not None and "table" in each.parent.kind:
        yield from add_column(each, parts)
    elif text(each, "default"):  # of a view
        target = f"alter view {holder(each.identity)} alter column {name(each.identity.name)}"
        yield f"{target} set default {text(each, 'default')}"


def _constraint(each: Object, _: Parts) -> Iterator[str]:
    yield from add_constraint(each)


def _index(each: Object, _: Parts) -> Iterator[str]:
    yield str(each.definition)
    for line in texts(each, "statistics"):
        number, _colon, target = line.partition(": ")
        yield f"alter index {named(each.identity)} alter column {number} set statistics {target}"
    yield from marks(each)


def _view(each: Object, _: Parts) -> Iterator[str]:
    query = (each.definition or "").strip().removesuffix(";")
    listed = options(texts(each, "options"))
    place, method = text(each, "tablespace"), text(each, "access_method")
    yield (
        f"create {each.kind} {named(each.identity)}"
        + (f" using {name(method)}" if method else "")
        + (f" with ({listed})" if listed else "")
        + (f" tablespace {name(place)}" if place else "")
        + f" as\n{query}"
        + ("\nwith no data" if text(each, "unpopulated") else "")
    )


def _trigger(each: Object, parts: Parts) -> Iterator[str]:
    yield from _defined(each, parts)
    yield from enabled(each)


def enabled(each: Object, old: Object | None = None) -> Iterator[str]:
    """Yield what makes a trigger or a rule fire when it should, where it did as in `old`."""
    value = text(each, "enabled")
    if value != (text(old, "enabled") if old else ""):
        how = {"": "enable", "disabled": "disable"}.get(value, f"enable {value}")
        if each.kind == "event trigger":
            state = {"": "enable", "disabled": "disable"}.get(value, f"enable {value}")
            yield f"alter event trigger {named(each.identity)} {state}"
            return
        yield f"alter table {holder(each.identity)} {how} {each.kind} {name(each.identity.name)}"


def _policy(each: Object, _: Parts) -> Iterator[str]:
    using, check = text(each, "using"), text(each, "check")
    yield (
        f"create policy {name(each.identity.name)} on {holder(each.identity)}"
        + (" as restrictive" if text(each, "restrictive") else "")
        + f" for {text(each, 'command')} to {roles(each)}"
        + (f"\n  using ({using})" if using else "")
        + (f"\n  with check ({check})" if check else "")
    )


def roles(each: Object) -> str:
    """Return the roles of a policy as SQL lists them."""
    return ", ".join(role if role == "public" else name(role) for role in texts(each, "roles"))


def _event_trigger(each: Object, _: Parts) -> Iterator[str]:
    tags = ", ".join(map(literal, texts(each, "tags")))
    when = f" when tag in ({tags})" if tags else ""
    yield (
        f"create event trigger {named(each.identity)} on {text(each, 'event')}{when}"
        f" execute function {text(each, 'function')}()"
    )
    yield from enabled(each)


def _statistics(each: Object, parts: Parts) -> Iterator[str]:
    yield from _defined(each, parts)
    if text(each, "target"):
        yield f"alter statistics {named(each.identity)} set statistics {text(each, 'target')}"


def _publication(each: Object, _: Parts) -> Iterator[str]:
    every = " for all tables" if text(each, "all_tables") else ""
    yield f"create publication {named(each.identity)}{every} with ({publication_options(each)})"


def publication_options(each: Object) -> str:
    """Return what a publication publishes, as WITH and SET take it."""
    said = f"publish = '{', '.join(texts(each, 'publishes'))}'"
    if text(each, "via_root"):
        said += ", publish_via_partition_root = true"
    if text(each, "generated"):
        said += f", publish_generated_columns = {text(each, 'generated')}"
    return said


def _publication_table(each: Object, _: Parts) -> Iterator[str]:
    columns, where = ", ".join(map(name, texts(each, "columns"))), text(each, "where")
    yield (
        f"alter publication {name(each.identity.name)} add table {holder(each.identity)}"
        + (f" ({columns})" if columns else "")
        + (f" where ({where})" if where else "")
    )


def _publication_schema(each: Object, _: Parts) -> Iterator[str]:
    schema = name(each.identity.schema)
    yield f"alter publication {name(each.identity.name)} add tables in schema {schema}"


def _collation(each: Object, _: Parts) -> Iterator[str]:
    said = [f"provider = {text(each, 'provider')}"]
    if text(each, "ctype"):
        said.append(f"lc_collate = {literal(text(each, 'locale'))}")
        said.append(f"lc_ctype = {literal(text(each, 'ctype'))}")
    elif text(each, "locale"):
        said.append(f"locale = {literal(text(each, 'locale'))}")
    if text(each, "nondeterministic"):
        said.append("deterministic = false")
    if text(each, "rules"):
        said.append(f"rules = {literal(text(each, 'rules'))}")
    yield f"create collation {named(each.identity)} ({', '.join(said)})"


def _configuration(each: Object, _: Parts) -> Iterator[str]:
    target = f"text search configuration {named(each.identity)}"
    yield f"create {target} (parser = {text(each, 'parser')})"
    for line in texts(each, "mappings"):
        token, _colon, dictionaries = line.partition(": ")
        yield f"alter {target} add mapping for {token} with {dictionaries}"


def _dictionary(each: Object, _: Parts) -> Iterator[str]:
    said = f"template = {text(each, 'template')}"
    more = f", {text(each, 'options')}" if text(each, "options") else ""
    yield f"create text search dictionary {named(each.identity)} ({said}{more})"


def _rare(make: Callable[[Object], Iterator[str]]) -> Callable[[Object, Parts], Iterator[str]]:
    """Return a maker of an object that has no parts."""
    return lambda each, _: make(each)


_MAKERS: dict[str, Callable[[Object, Parts], Iterator[str]]] = {
    "schema": _schema,
    "extension": _extension,
    "function": _defined,
    "procedure": _defined,
    "aggregate": _aggregate,
    "enum": _enum,
    "domain": _domain,
    "domain constraint": _domain_constraint,
    "type": _type,
    "sequence": _sequence,
    "table": _table,
    "foreign table": _table,
    "column": _column,
    "constraint": _constraint,
    "index": _index,
    "view": _view,
    "materialized view": _view,
    "trigger": _trigger,
    "rule": _trigger,
    "policy": _policy,
    "event trigger": _event_trigger,
    "statistics": _statistics,
    "publication": _publication,
    "publication table": _publication_table,
    "publication schema": _publication_schema,
    "collation": _collation,
    "text search configuration": _configuration,
    "text search dictionary": _dictionary,
    **{kind: _rare(make) for kind, make in MAKERS.items()},
}
