"""A migration that makes what a database has and its migrations do not make, as a draft.

What is not mechanical stands as a comment at its place.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ajour.catalog.diff import ORDER
from ajour.catalog.objects import HIDDEN, Catalog, Difference, Identity, Object
from ajour.catalog.view import without
from ajour.inverse.reach import parts_of
from ajour.inverse.schema import Transformation, transform
from ajour.inverse.undo import spaced
from ajour.inverse.words import Change, Parts, comment, holder, name, named, text

_DROPS = re.compile(r"(?:drop table|alter table .* drop column) ")


def wanted(made: Catalog, live: Catalog, differences: Iterable[Difference]) -> Catalog:
    """Return what the migrations make, with the differences as the database has them.

    Two versions of PostgreSQL say the same thing in other words: what is no difference stays as
    it was made.
    """
    named = [each for each in differences if each.attribute != ORDER]
    whole = [each for each in named if each.attribute is None]
    gone = {each.identity for each in whole if each.after is None}
    added = {each.identity for each in whole if each.before is None}
    changed = {each.identity for each in named} - gone
    kept = without(made, lambda each: each.identity in gone)
    taken = {
        identity: each
        for identity, each in live.objects.items()
        if identity in changed or _is_part(each, added, live)
    }
    return replace(kept, objects={**kept.objects, **taken})


def _is_part(each: Object, of: set[Identity], catalog: Catalog) -> bool:
    parent = each.parent
    while parent is not None:
        if parent in of:
            return True
        parent = catalog.objects[parent].parent if parent in catalog.objects else None
    return False


def body(made: Catalog, live: Catalog, differences: Iterable[Difference]) -> str:
    """Return the SQL that makes what `live` has, where `made` is; ordered so that it runs."""
    differences = tuple(differences)
    target = wanted(made, live, differences)
    work = transform(made, target)
    notes = _Notes(work, made, target)
    parts: list[str] = []
    for change in work.changes:
        parts += (*map(comment, notes.of(change)), f"{change.sql};")
    left = [f"{each} cannot be made from the catalog." for each in work.unknown]
    left += (
        f"the columns of {each.identity} stand in another order."
        for each in differences
        if each.attribute == ORDER
    )
    parts += (comment(f"Left to you: {each}") for each in left)
    return "\n".join(spaced(parts)) + "\n"


class _Notes:
    """What a person has to look at."""

    def __init__(self, work: Transformation, made: Catalog, target: Catalog) -> None:
        self.work, self.made, self.target = work, made, target
        self.now_parts, self.parts = parts_of(made), parts_of(target)
        self.new = [target.objects[each] for each in sorted(work.made) if each not in made.objects]

    def of(self, change: Change) -> Iterator[str]:
        """Yield the comments that stand above a statement."""
        identity = change.about
        new = self.target.objects.get(identity)
        if new is not None and text(new, HIDDEN) and "'hidden'" in change.sql:
            yield f"Left to you: values of {identity} that are secret; they stand as 'hidden'."
        if identity in self.work.dropped and _DROPS.match(change.sql):
            what = "values" if identity.kind == "column" else "rows"
            yield f"Where this runs, the {what} of {identity} are lost."
            renamed = self._renamed(self.made.objects[identity])
            if renamed is not None:
                yield f"Was it renamed? Then this in its place, and {renamed[0]} is not made:"
                yield f"{renamed[1]};"

    def _renamed(self, old: Object) -> tuple[Identity, str] | None:
        """Return what is like a dropped object but for its name, and the renaming."""
        if old.identity in self.work.made:
            return None
        alike = [each for each in self.new if self._is_like(old, each)]
        if len(alike) != 1:
            return None
        new = alike[0].identity
        if old.kind == "column":
            column = f"rename column {name(old.identity.name)} to {name(new.name)}"
            return new, f"alter table {holder(old.identity)} {column}"
        return new, f"alter table {named(old.identity)} rename to {name(new.name)}"

    def _is_like(self, old: Object, new: Object) -> bool:
        if (old.kind, old.identity.schema) != (new.kind, new.identity.schema):
            return False
        if old.kind == "column":
            return old.parent == new.parent and text(old, "type") == text(new, "type")
        return _columns(old, self.now_parts) == _columns(new, self.parts)


def _columns(table: Object, parts: Parts) -> list[tuple[str, str]]:
    columns = (each for each in parts.get(table.identity, ()) if each.kind == "column")
    return [(each.identity.name, text(each, "type")) for each in columns]
