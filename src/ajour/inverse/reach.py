"""What must be dropped, made anew or let go, so that one schema can become another."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ajour.catalog.diff import diff
from ajour.catalog.objects import Catalog, Identity, Object
from ajour.inverse.alter import alter
from ajour.inverse.words import Parts, text

TYPES = frozenset({"enum", "domain", "type", "collation"})
"""Kinds that columns are made of."""

_ASIDE = frozenset({"enum", "domain", "type"})
"""Kinds that are renamed away while columns go over to the new one of their name."""

_BY_THEMSELVES = frozenset({"index", "constraint", "statistics"})
"""Kinds that the server makes anew when a column of theirs gets another type."""

_STAY = frozenset(
    {"sequence", "schema", "extension", "default privileges", "foreign table", "domain", "type"}
)
"""Kinds that hold data, or other objects: they are never dropped because something else is."""


@dataclass
class Reach:
    """How far the differences of two catalogs reach; filled when it is made."""

    present: Catalog
    wanted: Catalog
    now_parts: Parts
    wanted_parts: Parts
    differing: dict[Identity, set[str]] = field(default_factory=dict)
    """What differs of the objects that both have."""
    altered: dict[Identity, list[str]] = field(default_factory=dict)
    """Statements that change an object in place."""
    dropped: set[Identity] = field(default_factory=set)
    """Objects of `present` that go; those that `wanted` has as well are made anew."""
    aside: set[Identity] = field(default_factory=set)
    """Types that are renamed away, made anew, and dropped when no column has them any more."""
    released: set[Identity] = field(default_factory=set)
    """Columns whose default goes before what it needs is dropped."""
    retyped: set[Identity] = field(default_factory=set)
    """Columns that go over from a type that was renamed away."""

    def __post_init__(self) -> None:
        self.dependents: dict[Identity, list[Object]] = {}
        for each in self.present.objects.values():
            for need in each.depends_on:
                self.dependents.setdefault(need, []).append(each)
        self.queue = [each for each in self.present.objects if each not in self.wanted.objects]
        self.dropped.update(self.queue)
        self._differences()
        while self.queue:
            self._spread(self.queue.pop())

    def _differences(self) -> None:
        for each in diff(self.present, self.wanted, column_order=False):
            if each.attribute is not None:
                self.differing.setdefault(each.identity, set()).add(each.attribute)
        for identity, attributes in self.differing.items():
            if identity.kind == "default privileges":
                continue
            old, new = self.present.objects[identity], self.wanted.objects[identity]
            found = alter(old, new, attributes, self.present.version, self.wanted_parts)
            if found is not None and not (
                identity.kind == "enum" and self._is_used_at_once(old, new)
            ):
                self.altered[identity] = found
                if identity.kind == "column" and attributes & {"type", "collation"}:
                    self._becomes_another(identity)
            elif identity.kind in _ASIDE:
                self.aside.add(identity)
                self.queue.append(identity)
            else:
                self._goes(identity)

    def _is_used_at_once(self, old: Object, new: Object) -> bool:
        """Tell whether what is made may need a value that an enum gets: the server refuses that.

        A value that was added can be used when the transaction is over; those of a new type can
        at once.
        """
        if text(old, "labels") == text(new, "labels"):
            return False
        users = {new.identity}
        for _ in range(2):  # the columns of that type, and what is about them
            users |= {
                each.identity
                for each in self.wanted.objects.values()
                if users & set(each.depends_on)
            }
        return any(
            each not in self.present.objects or each in self.differing
            for each in users - {new.identity}
        )

    def _goes(self, identity: Identity) -> None:
        if identity not in self.dropped:
            self.dropped.add(identity)
            self.queue.append(identity)

    def _spread(self, identity: Identity) -> None:
        for each in self.dependents.get(identity, ()):
            if each.identity not in self.dropped:
                self._meets(each, identity)
        if identity in self.dropped:
            for each in self.now_parts.get(identity, ()):
                self._goes(each.identity)

    def _meets(self, each: Object, gone: Identity) -> None:
        """Decide what becomes of an object that needs one that goes."""
        identity = each.identity
        if each.kind == "column":
            self._column_meets(each, gone)
        elif each.kind == "table":
            new = self.wanted.objects.get(identity)
            parent = text(each, "partition_of")
            if new is not None and parent and parent == text(new, "partition_of"):
                self._goes(identity)
        elif each.kind not in _STAY:
            self._goes(identity)

    def _column_meets(self, each: Object, gone: Identity) -> None:
        identity = each.identity
        if gone.kind in TYPES:
            if gone in self.aside and identity in self.wanted.objects:
                self.retyped.add(identity)
                self._becomes_another(identity)
        elif text(each, "generated"):
            self._goes(identity)
        elif text(each, "default"):
            self.released.add(identity)

    def _becomes_another(self, column: Identity) -> None:
        """Let go what stands in the way of another type for a column."""
        for each in self.dependents.get(column, ()):
            foreign = text(each, "type") == "foreign key" and each.kind == "constraint"
            if each.kind not in _STAY and (foreign or each.kind not in _BY_THEMSELVES):
                self._goes(each.identity)


def parts_of(catalog: Catalog) -> Parts:
    """Return the objects of a catalog by what they are part of, columns in their order."""
    found: dict[Identity, list[Object]] = {}
    for each in catalog.objects.values():
        if each.parent is not None:
            found.setdefault(each.parent, []).append(each)
    for listed in found.values():
        listed.sort(key=_place)
    return found


def _place(each: Object) -> int:
    position = each.attributes.get("position")
    return position if isinstance(position, int) else 0


def by_parent(identities: Iterable[Identity], catalog: Catalog) -> dict[Identity, Identity]:
    """Return for each part of one of the given objects the outermost of them."""
    chosen = set(identities)
    found: dict[Identity, Identity] = {}
    for identity, each in catalog.objects.items():
        parent = each.parent
        while parent is not None:
            if parent in chosen:
                found[identity] = parent
            parent = catalog.objects[parent].parent if parent in catalog.objects else None
    return found
