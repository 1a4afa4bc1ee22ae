"""What is known of a database after some statements, from their text alone.

`begin(profile).after(node, file).after(…)` for each statement in order gives the picture. It holds
what the statements tell and nothing else: a table that no file creates stays unknown, and a DO
block, or a text that the parser cannot read, tells nothing. Ask `table()` and be ready for None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ajour.model import Relation
from ajour.profiles import Profile
from ajour.sql.parse import Node
from ajour.sql.tables import Constraint, Index, Table
from ajour.sql.types import Type

Volatility = Literal["immutable", "stable", "volatile"]


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain: a type with rules of its own."""

    base: Type
    not_null: bool = False
    constraints: tuple[Constraint, ...] = ()

    @property
    def constrained(self) -> bool:
        """Whether a value may be refused by it."""
        return self.not_null or bool(self.constraints)


@dataclass(frozen=True, slots=True)
class Schema:
    """An immutable picture of what is known of the database."""

    usual_path: tuple[str, ...]
    path: tuple[str, ...]
    """search_path as the statements so far set it; a new file begins with the usual one."""
    file: str = ""
    """The file that the last statement stood in."""
    tables: Mapping[Relation, Table] = field(default_factory=dict)
    indexes: Mapping[Relation, Index] = field(default_factory=dict)
    domains: Mapping[Relation, Domain] = field(default_factory=dict)
    types: Mapping[Relation, str] = field(default_factory=dict)
    """Types that the files create, and what they are: enum, composite, range, base."""
    functions: Mapping[Relation, frozenset[Volatility]] = field(default_factory=dict)
    """Functions by name; one name may have several, each with its volatility."""

    def after(self, node: Node, file: str = "") -> "Schema":
        """Return what is known after the statement `node` of `file`."""
        raise NotImplementedError

    def table(self, node: Node) -> Table | None:
        """Return what is known of the relation that a RangeVar names; None for nothing."""
        return self.tables.get(self.resolve(node))

    def resolve(self, node: Node) -> Relation:
        """Return the relation that a RangeVar names: the first that is known along search_path.

        Where none is known, it is taken to be where CREATE would make it.
        """
        return self.find(node.text("relname"), node.text("schemaname"))

    def find(self, name: str, schema: str = "") -> Relation:
        """Return the relation or index of this name, see `resolve`; `schema` as written."""
        if schema:
            return Relation(schema, name)
        places = (Relation(each, name) for each in self.path)
        known = (each for each in places if each in self.tables or each in self.indexes)
        return next(known, Relation(self.here, name))

    @property
    def here(self) -> str:
        """The schema in which CREATE makes what is named without one."""
        return next((each for each in self.path if each != "$user"), "public")

    def created_in(self, relation: Relation, *files: str) -> bool:
        """Tell whether one of these files created the relation, so that nobody else uses it yet.

        Of an index: whether one of them created its table. Named with the files of a whole
        pending set, it answers for the set.
        """
        index = self.indexes.get(relation)
        table = self.tables.get(index.table if index else relation)
        return table is not None and table.file != "" and table.file in files

    def indexes_of(self, relation: Relation) -> tuple[Index, ...]:
        """Return the indexes of a table that are known."""
        return tuple(each for each in self.indexes.values() if each.table == relation)

    def partitions_of(self, relation: Relation) -> tuple[Relation, ...]:
        """Return the known partitions and inheritors of a table, those below them as well."""
        found: list[Relation] = []
        for each in self.tables.values():
            if relation in each.parents:
                found += [each.relation, *self.partitions_of(each.relation)]
        return tuple(found)

    def foreign_keys_to(self, relation: Relation) -> tuple[tuple[Relation, Constraint], ...]:
        """Return the known foreign keys that point to a table, each with the table it is on."""
        return tuple(
            (table.relation, each)
            for table in self.tables.values()
            for each in table.constraints
            if each.references == relation
        )


def begin(profile: Profile) -> Schema:
    """Return the picture before any statement: with the search_path that the profile has."""
    return Schema(profile.search_path, profile.search_path)
