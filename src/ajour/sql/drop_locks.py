"""What DROP and TRUNCATE do to relations, and to those that go with them."""

from collections.abc import Iterator

from ajour.model import Relation
from ajour.sql.constraint_locks import drop_foreign_key
from ajour.sql.gather import AX, SUX, Gathered
from ajour.sql.learn_names import RELATIONS
from ajour.sql.parse import Node
from ajour.sql.partition_locks import default_partition
from ajour.sql.tables import Constraint, Table

ON_TABLES = {"OBJECT_TRIGGER": "a trigger", "OBJECT_POLICY": "a policy", "OBJECT_RULE": "a rule"}
_TYPES = {"OBJECT_TYPE", "OBJECT_DOMAIN"}
_CARRY = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}


def drop(gathered: Gathered, node: Node) -> None:
    """Gather what DROP does."""
    kind = node.text("remove_type")
    cascades = node.text("behavior") == "DROP_CASCADE"
    for each in node.children("objects"):
        if kind in RELATIONS:
            relation = _named(gathered, each)
            if kind == "OBJECT_INDEX":
                _drop_index(gathered, relation, concurrent=node.flag("concurrent"))
            else:
                _drop_relation(gathered, relation, cascades=cascades)
        elif kind in ON_TABLES:
            gathered.add(_named(gathered, each, 1), AX, f"loses {ON_TABLES[kind]}")
        elif kind == "OBJECT_SCHEMA" and cascades:
            _drop_schema(gathered, each.text("sval"))
        elif kind in _TYPES and cascades:
            _drop_type(gathered, each)
    if kind == "OBJECT_EXTENSION" or (kind in _CARRY and cascades):
        gathered.add(None, AX, "belongs to it, or needs it", certain=False)


def _named(gathered: Gathered, each: Node, after: int = 0) -> Relation:
    """Return the relation that a dotted name means, without the `after` last parts of it."""
    parts = [part.text("sval") for part in each.children("items")]
    *schema, name = parts[: len(parts) - after]
    return gathered.schema.find(name, "".join(schema[-1:]))


def _drop_index(gathered: Gathered, relation: Relation, *, concurrent: bool) -> None:
    index = gathered.schema.indexes.get(relation)
    lock, why = SUX if concurrent else AX, f"loses the index {relation.name}"
    if index is None:
        gathered.add(None, lock, f"{why}: the table of it is not known", certain=False)
        return
    gathered.add(index.table, lock, why)
    for each in gathered.schema.partitions_of(index.table):
        if gathered.table(index.table).kind == "partitioned table":
            gathered.add(each, lock, why)


def _drop_relation(gathered: Gathered, relation: Relation, *, cascades: bool) -> None:
    table = gathered.table(relation)
    gathered.add(relation, AX, "is dropped")
    for column in table.columns:
        if column.sequence is not None:
            gathered.add(column.sequence, AX, "is dropped with its column")
    for each in table.constraints:
        if each.references not in {None, relation} and not _inherited(gathered, table, each):
            drop_foreign_key(gathered, relation, each)
    if table.bound:
        _leave(gathered, table.parents, relation)
    for other in tuple(gathered.schema.tables.values()):
        child = relation in other.parents and (other.bound or cascades)
        if child or (relation in other.reads and cascades):
            _drop_relation(gathered, other.relation, cascades=cascades)
    if not table.whole and table.kind in {None, "table"} and not table.file:
        why = "if it has a foreign key: the table that this points to"
        gathered.add(None, AX, why, certain=False)
    for pointing, each in gathered.schema.foreign_keys_to(relation) if cascades else ():
        gathered.add(pointing, AX, f"loses the foreign key {each.name}")


def _inherited(gathered: Gathered, table: Table, constraint: Constraint) -> bool:
    """Tell whether a partition has a constraint from its parent, which keeps the triggers."""
    parents = [gathered.table(each) for each in table.parents] if table.bound else []
    return any(constraint in parent.constraints for parent in parents)


def _leave(gathered: Gathered, parents: tuple[Relation, ...], child: Relation) -> None:
    for parent in parents:
        gathered.add(parent, AX, f"loses the partition {child.name}")
        default = default_partition(gathered, parent)
        if default is not None:
            gathered.add(default, AX, "its bounds change")


def _drop_schema(gathered: Gathered, schema: str) -> None:
    for relation in tuple(gathered.schema.tables):
        if relation.schema == schema:
            _drop_relation(gathered, relation, cascades=True)
    for relation in (*gathered.schema.domains, *gathered.schema.types):
        if relation.schema == schema:
            for table, name in gathered.schema.columns_of_type(relation):
                gathered.add(table, AX, f"loses the column {name}")
    gathered.add(None, AX, "is dropped, if it is in the schema or needs what is", certain=False)


def _drop_type(gathered: Gathered, each: Node) -> None:
    relation = gathered.schema.find_type(each.children("names"))
    for table, name in gathered.schema.columns_of_type(relation):
        gathered.add(table, AX, f"loses the column {name}")
    if relation not in gathered.schema.types and relation not in gathered.schema.domains:
        gathered.add(None, AX, "loses its columns of the type", certain=False)


def truncate(gathered: Gathered, node: Node) -> None:
    """Gather what TRUNCATE does."""
    named = [
        (gathered.schema.resolve(each), each.flag("inh")) for each in node.children("relations")
    ]
    cascades = node.text("behavior") == "DROP_CASCADE"
    emptied: dict[Relation, None] = {}
    for relation, whole in named:
        emptied.update(dict.fromkeys(_with(gathered, relation, whole=whole, cascades=cascades)))
    for relation in emptied:
        builds = gathered.has_indexes(relation)
        gathered.add(relation, AX, "is emptied", rewrites=True, builds=builds)
        for column in gathered.table(relation).columns if node.flag("restart_seqs") else ():
            if column.sequence is not None:
                gathered.add(column.sequence, AX, "begins anew")
    unknown = any(relation not in gathered.schema.tables for relation in emptied)
    if cascades and unknown:
        gathered.add(None, AX, "is emptied if it points to one", rewrites=True, certain=False)


def _with(
    gathered: Gathered, relation: Relation, *, whole: bool, cascades: bool
) -> Iterator[Relation]:
    """Give a table with its partitions and, where it cascades, the tables that point to it."""
    seen = [relation, *(gathered.schema.partitions_of(relation) if whole else ())]
    for each in seen:
        yield each
        for other, _ in gathered.schema.foreign_keys_to(each) if cascades else ():
            if other not in seen:
                seen += [other, *gathered.schema.partitions_of(other)]
