"""The effects of one statement, gathered relation by relation."""

from collections.abc import Iterable

from ajour.effects import LOCKS, Effect, Lock
from ajour.model import Relation
from ajour.sql.schema import Schema
from ajour.sql.tables import Table

AX: Lock = "ACCESS EXCLUSIVE"
SRX: Lock = "SHARE ROW EXCLUSIVE"
SUX: Lock = "SHARE UPDATE EXCLUSIVE"
AS: Lock = "ACCESS SHARE"

Below = tuple[Relation, ...]
"""The partitions and inheritors of the table that a command names, unless it says ONLY."""

_WITHOUT_ROWS = {"partitioned table", "view", "sequence"}
_SYSTEM = {"pg_catalog", "information_schema", "pg_toast"}


class Gathered:
    """What a statement does, as far as it is said yet; one effect for each relation."""

    def __init__(self, schema: Schema, major: int) -> None:
        self.schema = schema
        self.major = major
        self._effects: dict[Relation | None, Effect] = {}

    def add(
        self,
        relation: Relation | None,
        lock: Lock,
        why: str,
        *,
        rewrites: bool = False,
        scans: bool = False,
        builds: bool = False,
        certain: bool = True,
    ) -> None:
        """Say that the statement does this to a relation, beside what was said before."""
        if relation is not None and relation.schema in _SYSTEM:
            return
        table = self.schema.tables.get(relation) if relation else None
        if table is not None and table.kind in _WITHOUT_ROWS:
            rewrites = scans = builds = False
        new = Effect(relation, lock, rewrites, scans, builds, why, certain)
        old = self._effects.get(relation)
        self._effects[relation] = old.beside(new) if old else new

    def rewrite(self, relation: Relation, why: str, *, certain: bool = True) -> None:
        """Say that a table is written anew, which builds all its indexes as well."""
        self.add(
            relation,
            AX,
            why,
            rewrites=True,
            scans=True,
            builds=self.has_indexes(relation),
            certain=certain,
        )

    def each(self, relations: Iterable[Relation], lock: Lock, why: str) -> None:
        """Say that the statement takes a lock on each of them and does no more."""
        for relation in relations:
            self.add(relation, lock, why)

    def table(self, relation: Relation) -> Table:
        """Return what is known of a relation; of an unknown one, that it is not known."""
        return self.schema.tables.get(relation) or Table(relation)

    def has_indexes(self, relation: Relation) -> bool:
        """Return whether a table has indexes, or may have: not all of it is known."""
        table = self.table(relation)
        may_have = table.kind in {None, "table", "materialized view"} and not table.file
        return bool(self.schema.indexes_of(relation)) or may_have

    def all(self) -> tuple[Effect, ...]:
        """Return the effects, the strongest lock first."""
        return tuple(sorted(self._effects.values(), key=lambda each: -LOCKS.index(each.lock)))
