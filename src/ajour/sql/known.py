"""What is known of a database, and how it is looked up by name. See schema.py."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ajour.model import Relation
from ajour.sql.guard import Routine
from ajour.sql.parse import Node
from ajour.sql.tables import Constraint, Index, Table
from ajour.sql.types import Type, read_type

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


class Indexes(MutableMapping[Relation, Index]):
    """Indexes by name. It also tells those of one table, however many there are."""

    def __init__(self) -> None:
        self._all: dict[Relation, Index] = {}
        self._of: dict[Relation, tuple[Index, ...]] = {}

    def copy(self) -> "Indexes":
        """Return a copy that can be changed on its own."""
        copy = Indexes()
        copy._all, copy._of = dict(self._all), dict(self._of)
        return copy

    def of(self, table: Relation) -> tuple[Index, ...]:
        """Return the indexes of a table."""
        return self._of.get(table, ())

    def __getitem__(self, name: Relation) -> Index:
        return self._all[name]

    def __setitem__(self, name: Relation, index: Index) -> None:
        if name in self._all:
            del self[name]
        self._all[name] = index
        self._of[index.table] = (*self.of(index.table), index)

    def __delitem__(self, name: Relation) -> None:
        gone = self._all.pop(name)
        kept = tuple(each for each in self.of(gone.table) if each is not gone)
        if kept:
            self._of[gone.table] = kept
        else:
            del self._of[gone.table]

    def __iter__(self) -> Iterator[Relation]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, name: object) -> bool:
        return name in self._all


@dataclass(frozen=True, slots=True)
class Known:
    """What is known, and how it is looked up. Schema makes it grow."""

    usual_path: tuple[str, ...]
    path: tuple[str, ...]
    """search_path as the statements so far set it; a new file begins with the usual one."""
    file: str = ""
    """The file that the last statement stood in."""
    tables: dict[Relation, Table] = field(default_factory=dict)
    indexes: Indexes = field(default_factory=Indexes)
    domains: dict[Relation, Domain] = field(default_factory=dict)
    types: dict[Relation, str] = field(default_factory=dict)
    """Types that the files create, and what they are: enum, composite, range, base."""
    functions: dict[Relation, frozenset[Volatility]] = field(default_factory=dict)
    """Functions by name; one name may have several, each with its volatility."""
    routines: dict[Relation, tuple[Routine, ...]] = field(default_factory=dict)
    """The functions and procedures of a name, told apart by their arguments."""
    closed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """By kind and schema ("" for all): whom what is made later is closed to."""

    def closed_to(self, kind: str, schema: str) -> frozenset[str]:
        """Return whom a table or function is closed to that is made in a schema."""
        none: frozenset[str] = frozenset()
        return self.closed.get((kind, schema), none) | self.closed.get((kind, ""), none)

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

    def find_type(self, parts: tuple[Node, ...]) -> Relation:
        """Return the type, domain or function that the parts of a name mean, see `find`."""
        *schema, name = (part.text("sval") for part in parts)
        if schema:
            return Relation(schema[-1], name)
        places = (Relation(each, name) for each in self.path)
        known = (self.domains, self.types, self.functions, self.routines)
        found = (each for each in places if any(each in names for names in known))
        return next(found, Relation(self.here, name))

    def type_of(self, written: Type) -> Relation:
        """Return the type or domain that a column's type names, see `find`."""
        if written.schema:
            return Relation(written.schema, written.name)
        places = (Relation(each, written.name) for each in self.path)
        found = (each for each in places if each in self.domains or each in self.types)
        return next(found, Relation(self.here, written.name))

    def read_type(self, node: Node) -> Type:
        """Return the type that a TypeName names, its schema filled in where it is known."""
        written = read_type(node)
        found = self.type_of(written)
        known = found in self.domains or found in self.types
        return replace(written, schema=found.schema) if known else written

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
        return self.indexes.of(relation)

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

    def columns_of_type(self, relation: Relation) -> tuple[tuple[Relation, str], ...]:
        """Return the known columns that have a type or domain, each with its table."""
        return tuple(
            (table.relation, each.name)
            for table in self.tables.values()
            for each in table.columns
            if each.type is not None
            and each.type.name == relation.name
            and self.type_of(each.type) == relation
        )

    def read_by(self, query: Node) -> tuple[Relation, ...]:
        """Return the relations that a query names, each once; names of its own (WITH) are none."""
        nodes = tuple(query.walk())
        own = {each.text("ctename") for each in nodes if each.kind == "CommonTableExpr"}
        made = [each.child("rel") for each in nodes if each.kind == "IntoClause"]
        return tuple(
            dict.fromkeys(
                self.resolve(each)
                for each in nodes
                if each.kind == "RangeVar"
                and each not in made
                and (each.text("schemaname") or each.text("relname") not in own)
            )
        )
