"""The DDL that turns one schema into another, in an order in which a server takes it.

First goes what is in the way, dependants before what they need; then objects are made and changed,
each behind those that it needs; at last goes what was still needed until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ajour.catalog.objects import Catalog, Identity, Object
from ajour.inverse.alter import released
from ajour.inverse.columns import retyped
from ajour.inverse.create import create
from ajour.inverse.drop import drop
from ajour.inverse.order import ordered
from ajour.inverse.reach import TYPES, Reach, by_parent, parts_of
from ajour.inverse.rights import commented, default_privileges, finished, regranted
from ajour.inverse.tables import is_bare, named_not_null
from ajour.inverse.words import Change, holder, name, named, text, texts

LAST = ("extension", "schema")
"""Kinds that are dropped at the end: it is not known of each object that it needs one."""

_WITH_TABLE = frozenset({"index", "constraint", "statistics"})
"""Kinds that go with a column of theirs."""

BODIES = "set local check_function_bodies = off"
"""A body may name what is made after it."""


@dataclass(frozen=True, slots=True)
class Transformation:
    """How one schema becomes another."""

    changes: tuple[Change, ...]
    made: frozenset[Identity]
    """What was not there, or is made anew: rows in it are not those of before."""
    dropped: frozenset[Identity]
    """What goes with all that is in it."""
    unknown: tuple[Identity, ...]
    """What is wanted and cannot be made from what a catalog says of it."""


def transform(now: Catalog, wanted: Catalog) -> Transformation:
    """Return the statements that turn the schema `now` into `wanted`; none where they are equal.

    The order of columns does not count. An object that has another name in the two is dropped and
    made anew: rename it first.
    """
    return _Work(now, wanted).done()


class _Work:
    """One transformation, phase by phase."""

    def __init__(self, now: Catalog, wanted: Catalog) -> None:
        self.present, self.wanted = now, wanted
        self.parts = parts_of(wanted)
        self.now_parts = parts_of(now)
        self.reach = Reach(now, wanted, self.now_parts, self.parts)
        gone = self.reach.dropped
        self.made = {
            each
            for each in wanted.objects
            if each not in now.objects or each in gone or each in self.reach.aside
        }
        self.made -= {each for each in self.made if each.kind == "default privileges"}
        self.with_parent = by_parent(gone, now)
        self.late = {each for each in gone if each.kind in TYPES and self._is_used(each)}
        self.names_aside = {each: self._free_name(each) for each in self.reach.aside}
        self.joins = {
            each
            for each, attributes in self.reach.differing.items()
            if each.kind == "table" and attributes & {"partition_of", "bound", "inherits"}
        }
        """Tables that become part of others, or of others than now."""
        self.unknown: list[Identity] = []

    def done(self) -> Transformation:
        changes = (
            *self._early(),
            *self._drops(),
            *self._asides(),
            *self._makes(),
            *self._attaches(),
            *self._late(),
            *self._default_privileges(),
        )
        bodies = next(
            (each for each in changes if each.sql.lower().startswith("create or replace")), None
        )
        start = (Change(BODIES, bodies.about),) if bodies else ()
        return Transformation(
            (*start, *changes),
            frozenset(self.made),
            frozenset(self.reach.dropped),
            tuple(self.unknown),
        )

    def _is_used(self, identity: Identity) -> bool:
        """Tell whether something that stays has the type until it is changed."""
        dependents = self.reach.dependents.get(identity, ())
        return any(each.identity not in self.reach.dropped for each in dependents)

    def _free_name(self, identity: Identity) -> str:
        found = f"{identity.name[:50]}__old"
        taken = {each.name for each in self.present.objects if each.schema == identity.schema}
        while found in taken:
            found += "_"
        return found

    def _early(self) -> Iterator[Change]:
        """Yield what lets go of what is to be dropped."""
        for identity in sorted(self.reach.altered.keys() - self.reach.dropped):
            old, new = self.present.objects[identity], self.wanted.objects[identity]
            if identity.kind == "table":
                yield from (Change(sql, identity) for sql in released(old, new))
            if identity.kind == "sequence" and self._owner_goes(old):
                yield Change(f"alter sequence {named(identity)} owned by none", identity)
        for identity in sorted(self.reach.released - self.reach.dropped):
            column = f"alter column {name(identity.name)}"
            yield Change(f"alter table {holder(identity)} {column} drop default", identity)

    def _owner_goes(self, sequence: Object) -> bool:
        """Tell whether the column that a sequence belongs to is dropped: both go."""
        owner = text(sequence, "owned_by")
        return bool(owner) and owner in {
            named(each) for each in self.reach.dropped if each.kind == "column"
        }

    def _drops(self) -> Iterator[Change]:
        alone = [
            each
            for each in self.reach.dropped
            if each not in self.with_parent
            and each not in self.late
            and each.kind not in (*LAST, "default privileges")
        ]
        with_column = {
            each: column
            for each in alone
            if (column := self._goes_with_column(self.present.objects[each])) is not None
        }
        order = [
            each
            for each in ordered(alone, self.present.objects, {**self.with_parent, **with_column})
            if each not in with_column
        ][::-1]
        yield from self._circles(order)
        for identity in order:
            each = self.present.objects[identity]
            sql = None if self._goes_by_itself(each) else drop(each)
            if sql is not None:
                yield Change(self._renamed_not_null(each) or sql, identity)
            elif identity.kind == "column" and identity not in self.wanted.objects:
                yield from self._stripped(each)

    def _asides(self) -> Iterator[Change]:
        for identity, aside in self.names_aside.items():
            kind = "domain" if identity.kind == "domain" else "type"
            yield Change(f"alter {kind} {named(identity)} rename to {name(aside)}", identity)

    def _circles(self, order: list[Identity]) -> Iterator[Change]:
        """Yield what drops foreign keys to tables that go before the one that has the key."""
        places = {each: place for place, each in enumerate(order)}
        for identity, parent in sorted(self.with_parent.items()):
            each = self.present.objects[identity]
            if text(each, "type") == "foreign key" and each.kind == "constraint":
                others = (need for need in each.depends_on if need.kind != "column")
                tables = [self.with_parent.get(need, need) for need in others]
                if any(places.get(one, -1) < places.get(parent, -1) for one in tables):
                    found = drop(each)
                    if found is not None and any(one in places for one in tables):
                        yield Change(found, identity)

    def _goes_by_itself(self, each: Object) -> bool:
        """Tell whether the server drops an object together with another one that is dropped."""
        gone = self.reach.dropped
        if each.kind == "sequence":
            return self._owner_goes(each)
        if text(each, "type") == "not null" and each.parent in self.joins:
            return True  # it is merged with the constraint of the table above
        if each.kind == "security label":
            return any(need in gone for need in each.depends_on)
        if each.kind == "publication table":
            return any(need.kind == "table" and need in gone for need in each.depends_on)
        if each.kind == "index" and text(each, "partition_of"):
            return any(need.kind == "index" and need in gone for need in each.depends_on)
        return False

    def _goes_with_column(self, each: Object) -> Identity | None:
        """Return the dropped column that an object of its table is dropped with."""
        found = (
            need
            for need in each.depends_on
            if need.kind == "column"
            and need in self.reach.dropped
            and (need.table == each.identity.table or each.kind == "statistics")
        )
        return next(found, None) if each.kind in _WITH_TABLE else None

    def _renamed_not_null(self, each: Object) -> str | None:
        """Return what gives a NOT NULL that stays the name that it is wanted to have."""
        column = _not_null_of(each)
        if column is None or column in self.made:
            return None
        old, new = self.present.objects.get(column), self.wanted.objects.get(column)
        if not (old and new and text(old, "not_null") and text(new, "not_null")):
            return None
        usual = f"{column.table}_{column.name}_not_null"
        names = [
            constraint.identity.name if constraint else usual
            for constraint in (named_not_null(old, self.now_parts), named_not_null(new, self.parts))
        ]
        target = f"alter table {holder(column)} rename constraint"
        return f"{target} {name(names[0])} to {name(names[1])}"

    def _stripped(self, each: Object) -> Iterator[Change]:
        """Yield what takes comment and rights from a column of a view that stays."""
        bare = Object(each.identity)
        if each.parent in self.reach.dropped:
            return
        if each.comment is not None:
            yield Change(commented(bare), each.identity)
        for sql in regranted(each, bare, self.present.version):
            yield Change(sql, each.identity)

    def _makes(self) -> Iterator[Change]:
        """Yield what makes and changes objects, each behind those that it needs."""
        merged = {
            identity: parent
            for identity in self.made
            if identity.kind == "column"
            and (parent := self.wanted.objects[identity].parent) in self.made
            and parent is not None
            and "view" not in parent.kind
        }
        changed = self.reach.altered.keys() | self.reach.retyped | self.reach.released
        nodes = (self.made | {each for each in changed if each in self.wanted.objects}) - set(
            merged
        )
        for identity in ordered(nodes, self.wanted.objects, merged):
            each = self.wanted.objects[identity]
            if identity not in self.made:
                yield from (Change(sql, identity) for sql in self._changed(identity))
                continue
            yield from self._made(each)
            for one in self.parts.get(identity, ()):
                if one.identity in merged:
                    rest = finished(one, self.present)
                    yield from (Change(sql, one.identity) for sql in rest)

    def _made(self, each: Object) -> Iterator[Change]:
        inherited = bool(text(each, "inherited"))
        comes = self._comes_with_column(each) or (inherited and each.parent not in self.made)
        made = [] if comes else [*create(each, self.parts)]
        renamed = self._renamed_not_null(each)
        if renamed is not None:  # by its old name it was dropped already, where it had one
            column = _not_null_of(each)
            old = self.present.objects[column] if column else None
            has = old and (text(old, "inherited") or named_not_null(old, self.now_parts))
            made, comes = ([], True) if has else ([renamed], comes)
        silent = comes or inherited or each.kind == "column" or text(each, "identity")
        if not made and not silent:
            self.unknown.append(each.identity)
            return
        yield from (Change(sql, each.identity) for sql in made)
        if not inherited or each.parent in self.made:
            yield from (Change(sql, each.identity) for sql in finished(each, self.present))

    def _comes_with_column(self, each: Object) -> bool:
        """Tell whether a constraint NOT NULL stands in the line that makes its column."""
        column = _not_null_of(each)
        if column is None or column not in self.made or text(each, "not_valid"):
            return False
        return each.parent in self.made or not is_bare(self.wanted.objects[column])

    def _changed(self, identity: Identity) -> Iterator[str]:
        found = list(self.reach.altered.get(identity, ()))
        old, new = self.present.objects[identity], self.wanted.objects[identity]
        differs = self.reach.differing.get(identity, set())
        if identity in self.reach.retyped and not differs & {"type", "collation"}:
            target = f"alter table {holder(identity)} alter column {name(identity.name)}"
            resets = "default" not in differs
            found = [*retyped(old, new, target, resets=resets, renamed=True), *found]
        elif identity in self.reach.released and "default" not in differs and text(new, "default"):
            column = f"alter table {holder(identity)} alter column {name(identity.name)}"
            found.append(f"{column} set default {text(new, 'default')}")
        yield from found

    def _attaches(self) -> Iterator[Change]:
        """Yield what makes partitions of tables, and gives sequences the column they belong to."""
        for identity in sorted(self.made | self.reach.altered.keys()):
            each = self.wanted.objects[identity]
            differs = self.reach.differing.get(identity, set())
            anew = identity in self.made
            parent = text(each, "partition_of")
            if each.kind == "table" and parent and (anew or differs & {"partition_of", "bound"}):
                bound = text(each, "bound")
                said = f"alter table {parent} attach partition {named(identity)} {bound}"
                yield Change(said, identity)
            joined = each.parent in self.made or each.parent in self.joins
            attaches = anew or "partition_of" in differs
            if each.kind == "index" and parent and attaches and not joined:
                yield Change(f"alter index {parent} attach partition {named(identity)}", identity)
            if each.kind == "sequence" and not text(each, "identity"):
                owner = text(each, "owned_by")
                if (anew and owner) or "owned_by" in differs:
                    owned = f"alter sequence {named(identity)} owned by {owner or 'none'}"
                    yield Change(owned, identity)

    def _late(self) -> Iterator[Change]:
        for identity in ordered(self.late, self.present.objects, {})[::-1]:
            sql = drop(self.present.objects[identity])
            if sql is not None:
                yield Change(sql, identity)
        for identity, aside in self.names_aside.items():
            kind = "domain" if identity.kind == "domain" else "type"
            yield Change(f"drop {kind} {name(identity.schema)}.{name(aside)}", identity)
        for kind in LAST:
            for identity in sorted(each for each in self.reach.dropped if each.kind == kind):
                yield Change(f"drop {kind} {named(identity)}", identity)

    def _default_privileges(self) -> Iterator[Change]:
        every = {*self.present.objects, *self.wanted.objects}
        gone = {each.name for each in self.reach.dropped if each.kind == "schema"}
        for identity in sorted(each for each in every if each.kind == "default privileges"):
            old, new = self.present.objects.get(identity), self.wanted.objects.get(identity)
            if old != new and identity.schema not in gone:
                for sql in default_privileges(old, new, self.present.user):
                    yield Change(sql, identity)


def _not_null_of(each: Object) -> Identity | None:
    """Return the column of a constraint NOT NULL; None for other objects."""
    if each.kind != "constraint" or text(each, "type") != "not null" or each.parent is None:
        return None
    return Identity("column", each.parent.schema, texts(each, "columns")[0], each.parent.name)
