"""Makes tables, their columns and constraints, with all that decides what they are."""

from collections.abc import Iterable, Iterator, Sequence

from ajour.catalog.objects import Identity, Object
from ajour.inverse.words import Parts, holder, literal, name, named, options, text, texts

WHOLE = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}
"""The largest number of each type that a sequence may have."""


def table(each: Object, columns: Sequence[Object], parts: Parts) -> Iterator[str]:
    """Yield what makes a table or a foreign table with its columns, without its constraints."""
    foreign = each.kind == "foreign table"
    start = "create foreign table" if foreign else "create table"
    if text(each, "unlogged"):
        start = "create unlogged table"
    made = f"{start} {named(each.identity)}"
    if text(each, "of_type"):
        made += f" of {text(each, 'of_type')}"
    else:
        lines = [
            f"  {column_line(one, parts, above=_above(each))}"
            for one in columns
            if not text(one, "inherited") or text(each, "partition_of")
        ]
        made += " (\n" + ",\n".join(lines) + "\n)" if lines else " ()"
    if texts(each, "inherits"):
        made += f" inherits ({', '.join(texts(each, 'inherits'))})"
    if text(each, "partition_key"):
        made += f" partition by {text(each, 'partition_key')}"
    yield made + (_foreign(each) if foreign else _storage(each))
    yield from switches(each)
    for one in columns:
        yield from column_settings(one)


def _storage(each: Object) -> str:
    """Return where and how the rows are kept."""
    kept = [options(texts(each, "options")), options(texts(each, "toast_options"), "toast.")]
    listed = ", ".join(filter(None, kept))
    method, place = text(each, "access_method"), text(each, "tablespace")
    return (
        (f" using {name(method)}" if method else "")
        + (f" with ({listed})" if listed else "")
        + (f" tablespace {name(place)}" if place else "")
    )


def _foreign(each: Object) -> str:
    return f" server {name(text(each, 'server'))}{foreign_options(texts(each, 'fdw_options'))}"


def foreign_options(listed: Iterable[str]) -> str:
    """Return the OPTIONS of something foreign, with a blank before it; "" for none."""
    pairs = [each.partition("=") for each in listed]
    said = ", ".join(f"{name(key)} {literal(value)}" for key, _, value in pairs)
    return f" options ({said})" if said else ""


def foreign_changes(old: Iterable[str], new: Iterable[str], *, hidden: bool = False) -> str:
    """Return what ALTER … OPTIONS takes to come from the old options to the new ones.

    hidden: secret values differ as well; they are all set, to a word that says so.
    """
    has, wants = (dict(each.split("=", 1) for each in listed) for listed in (old, new))
    return ", ".join(
        (
            *(f"drop {name(key)}" for key in has if key not in wants),
            *(
                f"{'set' if key in has else 'add'} {name(key)} {literal(value)}"
                for key, value in wants.items()
                if has.get(key) != value or (hidden and value == "hidden")
            ),
        )
    )


def switches(each: Object) -> Iterator[str]:
    """Yield what turns on what a new table has turned off."""
    target = f"alter table {named(each.identity)}"
    if text(each, "row_security"):
        yield f"{target} enable row level security"
    if text(each, "force_row_security"):
        yield f"{target} force row level security"
    if text(each, "replica_identity"):
        yield f"{target} replica identity {text(each, 'replica_identity')}"


def _above(each: Object) -> str:
    """Return the name, without its schema, of the table that a partition is one of; else ""."""
    return text(each, "partition_of").rpartition(".")[2].strip('"')


def column_line(each: Object, parts: Parts, *, nullable: bool = False, above: str = "") -> str:
    """Return the column as it stands in CREATE TABLE and after ADD COLUMN.

    above: the partitioned table that its own is one of; its NOT NULL is named after that.
    """
    words = [name(each.identity.name), text(each, "type")]
    if text(each, "collation"):
        words.append(f"collate {text(each, 'collation')}")
    words.append(foreign_options(texts(each, "fdw_options")).strip())
    if text(each, "generated"):
        words.append(f"generated always as ({text(each, 'default')}) {text(each, 'generated')}")
    elif text(each, "identity"):
        words.append(identity_clause(each, parts))
    elif text(each, "default"):
        words.append(f"default {text(each, 'default')}")
    if text(each, "not_null") and not nullable:
        constraint = named_not_null(each, parts)
        usual = f"{above}_{each.identity.name}_not_null" if above else ""
        own = constraint.identity.name if constraint else usual
        words.append(f"constraint {name(own)} not null" if own else "not null")
    return " ".join(filter(None, words))


def identity_clause(each: Object, parts: Parts) -> str:
    """Return GENERATED … AS IDENTITY with what is special about the sequence."""
    clause = f"generated {text(each, 'identity')} as identity"
    sequence = next(iter(parts.get(each.identity, ())), None)
    if sequence is None:
        return clause
    identity = each.identity
    usual = Identity("sequence", identity.schema, f"{identity.table}_{identity.name}_seq")
    special = [*sequence_options(sequence, text(each, "type"))]
    if sequence.identity != usual:
        special.insert(0, f"sequence name {named(sequence.identity)}")
    return f"{clause} ({' '.join(special)})" if special else clause


def sequence_options(each: Object, usual_type: str = "bigint") -> Iterator[str]:
    """Yield what of a sequence is not as usual."""
    kind = text(each, "type")
    if kind != usual_type:
        yield f"as {kind}"
    increment = int(text(each, "increment"))
    up = increment > 0
    least, most = (1, WHOLE[kind]) if up else (-WHOLE[kind] - 1, -1)
    usual = {"increment": 1, "minimum": least, "maximum": most, "cache": 1}
    words = {"increment": "increment", "minimum": "minvalue", "maximum": "maxvalue"}
    for attribute, value in usual.items():
        if each.attributes[attribute] != value:
            yield f"{words.get(attribute, attribute)} {each.attributes[attribute]}"
    if each.attributes["start"] != each.attributes["minimum" if up else "maximum"]:
        yield f"start {each.attributes['start']}"
    if text(each, "cycle"):
        yield "cycle"


def named_not_null(each: Object, parts: Parts) -> Object | None:
    """Return the constraint with a name of its own that says NOT NULL for the column."""
    found = (
        one
        for one in (parts.get(each.parent, ()) if each.parent else ())
        if one.kind == "constraint" and text(one, "type") == "not null"
        if texts(one, "columns") == (each.identity.name,)
    )
    return next(found, None)


def is_bare(each: Object) -> bool:
    """Tell whether a new column has no value of its own for the rows that are there."""
    return not (text(each, "default") or text(each, "identity") or text(each, "generated"))


def column_settings(each: Object, old: Object | None = None) -> Iterator[str]:
    """Yield what sets a column's settings, as far as they differ from those of `old`."""
    target = f"alter table {holder(each.identity)} alter column {name(each.identity.name)}"
    of_type = text(old, "usual_storage") if old else ""  # before 16 there is no SET STORAGE DEFAULT
    usual = {"storage": of_type or "default", "compression": "default", "statistics": "-1"}
    for attribute, default in usual.items():
        value = text(each, attribute)
        if value != (text(old, attribute) if old else ""):
            yield f"{target} set {attribute} {value or default}"
    yield from changed_options(target, texts(old, "options") if old else (), texts(each, "options"))


def changed_options(target: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Yield SET and RESET for options such as fillfactor=70."""
    added = tuple(each for each in new if each not in old)
    kept = {each.partition("=")[0] for each in new}
    gone = [key for each in old if (key := each.partition("=")[0]) not in kept]
    if added:
        yield f"{target} set ({options(added)})"
    if gone:
        yield f"{target} reset ({', '.join(gone)})"


def add_column(each: Object, parts: Parts) -> Iterator[str]:
    """Yield what adds a column. Where rows could not get a value, NOT NULL comes by itself."""
    waits = bool(text(each, "not_null")) and is_bare(each)
    target = f"alter table {holder(each.identity)}"
    yield f"{target} add column {column_line(each, parts, nullable=waits)}"
    if waits and not named_not_null(each, parts):
        yield f"{target} alter column {name(each.identity.name)} set not null"
    yield from column_settings(each)


def add_constraint(each: Object) -> Iterator[str]:
    """Yield what adds a constraint, and marks its index."""
    target = f"alter table {holder(each.identity)}"
    yield f"{target} add constraint {name(each.identity.name)} {each.definition}"
    index = f"{name(each.identity.schema)}.{name(each.identity.name)}"
    yield from changed_options(f"alter index {index}", (), texts(each, "index_options"))
    if text(each, "tablespace"):
        yield f"alter index {index} set tablespace {name(text(each, 'tablespace'))}"
    yield from marks(each)
    if text(each, "index_comment"):
        yield f"comment on index {index} is {literal(text(each, 'index_comment'))}"


def marks(each: Object, old: Object | None = None) -> Iterator[str]:
    """Yield what makes an index that for CLUSTER or for replication; and no more, where it was."""
    target = f"alter table {holder(each.identity)}"
    for attribute, on, off in (
        ("clustered", f"cluster on {name(each.identity.name)}", "set without cluster"),
        (
            "replica_identity",
            f"replica identity using index {name(each.identity.name)}",
            "replica identity default",
        ),
    ):
        is_on, was_on = bool(text(each, attribute)), bool(old and text(old, attribute))
        if is_on != was_on:
            yield f"{target} {on if is_on else off}"
