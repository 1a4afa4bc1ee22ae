"""What cannot come back when a schema does: rows, values, what lies outside, as values."""

from collections.abc import Iterator
from dataclasses import dataclass

from ajour.catalog.objects import HIDDEN, Catalog, Identity, Object
from ajour.inverse.schema import Transformation
from ajour.inverse.words import text, texts
from ajour.model import Relation
from ajour.sql.lossy import lost
from ajour.sql.parse import parse
from ajour.sql.types import Type, read_type


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the inverse of a migration does not bring back, or may fail at."""

    what: str
    """A sentence."""
    about: Identity | None = None
    """The object that it is about; None for rows that the file itself wrote or deleted."""
    line: int | None = None
    """Of the migration, where a statement of it is the reason."""
    stops: bool = True
    """A person has to decide before the inverse may run; False for what is only worth knowing."""
    relation: Relation | None = None
    """The table whose rows a backup may have."""


def losses(work: Transformation, now: Catalog, wanted: Catalog) -> Iterator[Loss]:
    """Yield what the transformation loses, or what was lost on the way to `now`."""
    for identity in sorted(work.made):
        each = wanted.objects[identity]
        loss = _made(each, work) if identity not in now.objects or _holds_rows(each) else None
        if loss is not None:
            yield loss
    for identity in sorted(work.dropped - work.made):
        if identity.kind == "table" and identity not in wanted.objects:
            said = f"Rows that were written to {identity} since then go with it."
            yield Loss(said, identity, stops=False)
    for identity, new in wanted.objects.items():
        old = now.objects.get(identity)
        if old is None or old == new:
            continue
        if text(old, HIDDEN) != text(new, HIDDEN) and text(new, HIDDEN):
            yield _secret(new)
        if identity.kind == "column":
            yield from _retyped(old, new)
        if identity.kind == "enum":
            gone = [each for each in texts(old, "labels") if each not in texts(new, "labels")]
            if gone:
                values = ", ".join(map(repr, gone))
                said = f"{identity}: this fails while a row has the value {values}."
                yield Loss(said, identity, stops=False)


def _holds_rows(each: Object) -> bool:
    return each.kind == "table" or (each.kind == "column" and not text(each, "generated"))


def _made(each: Object, work: Transformation) -> Loss | None:
    """Return what is lost of an object that is made anew."""
    identity = each.identity
    match each.kind:
        case "table" if not text(each, "partition_key"):
            relation = Relation(identity.schema, identity.name)
            return Loss(f"The rows of {identity} are gone.", identity, relation=relation)
        case "column" if _holds_rows(each) and each.parent and each.parent.kind == "table":
            relation = Relation(identity.schema, identity.table)
            if each.parent in work.made or text(each, "inherited"):
                return None
            return Loss(f"The values of {identity} are gone.", identity, relation=relation)
        case "extension":
            return Loss(f"What {identity} kept of its own is gone.", identity)
        case _ if text(each, HIDDEN):
            return _secret(each)
        case "sequence" if not text(each, "identity"):
            said = f"{identity} begins anew: the number that it had come to is gone."
            return Loss(said, identity, stops=False)
    return None


def _secret(each: Object) -> Loss:
    """Return the loss of values that are not read."""
    said = f"Values of {each.identity} are secret and not known: they stand here as 'hidden'."
    return Loss(said, each.identity)


def _retyped(old: Object, new: Object) -> Iterator[Loss]:
    """Yield what a change of type has lost, and what the change back may lose."""
    was, has = _type(text(new, "type")), _type(text(old, "type"))
    if was is None or has is None or was == has:
        return
    identity = new.identity
    there = lost(was, has)
    if there is not None and not there.startswith("fails"):  # then nothing was lost on the way
        relation = Relation(identity.schema, identity.table)
        said = f"From {was} to {has}, a value of {identity} {there}: the old ones are gone."
        yield Loss(said, identity, relation=relation)
    back = lost(has, was)
    if back is not None:
        said = f"From {has} back to {was}, a value of {identity} {back}."
        yield Loss(said, identity, stops=False)


def _type(written: str) -> Type | None:
    """Return the type that a catalog names; None where the parser does not know it."""
    for node in parse(f"select null::{written}") or ():
        for one in node.walk():
            if one.kind == "TypeName":
                return read_type(one)
    return None
