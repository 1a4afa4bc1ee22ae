"""Reads what renames, moves and drops into what is known."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ajour.model import Relation
from ajour.sql.known import Known
from ajour.sql.learn_alter import drop_column
from ajour.sql.parse import Node
from ajour.sql.tables import Table

RELATIONS = {
    "OBJECT_TABLE",
    "OBJECT_VIEW",
    "OBJECT_MATVIEW",
    "OBJECT_SEQUENCE",
    "OBJECT_FOREIGN_TABLE",
    "OBJECT_INDEX",
}
"""What RENAME, SET SCHEMA and DROP call by the name of a relation."""

_TYPES = {"OBJECT_TYPE", "OBJECT_DOMAIN"}


def drop_relation(known: Known, relation: Relation) -> None:
    """Forget a relation, and what goes with it."""
    known.indexes.pop(relation, None)
    table = known.tables.pop(relation, None)
    if table is None:
        return
    for column in table.columns:
        if column.sequence is not None:
            known.tables.pop(column.sequence, None)
    for index in known.indexes_of(relation):
        del known.indexes[index.relation]
    for other, constraint in known.foreign_keys_to(relation):
        one = known.tables[other]
        left = tuple(each for each in one.constraints if each != constraint)
        known.tables[other] = replace(one, constraints=left)
    for each in tuple(known.tables.values()):
        if (relation in each.parents and each.bound) or relation in each.reads:
            drop_relation(known, each.relation)


def _drop(known: Known, node: Node) -> None:
    kind = node.text("remove_type")
    for each in node.children("objects"):
        if kind in RELATIONS:
            *schema, name = (part.text("sval") for part in each.children("items"))
            drop_relation(known, known.find(name, "".join(schema[-1:])))
        elif kind == "OBJECT_SCHEMA":
            _drop_schema(known, each.text("sval"))
        elif kind in _TYPES:
            _drop_type(known, known.find_type(each.children("names")))
        elif kind in {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}:
            known.functions.pop(known.find_type(each.children("objname")), None)


def _drop_schema(known: Known, schema: str) -> None:
    for relation in [*known.tables, *known.indexes]:
        if relation.schema == schema:
            drop_relation(known, relation)
    for names in (known.domains, known.types, known.functions):
        for relation in [each for each in names if each.schema == schema]:
            del names[relation]


def _drop_type(known: Known, relation: Relation) -> None:
    """Forget a type; with CASCADE, the columns that have it go too."""
    for table, name in known.columns_of_type(relation):
        drop_column(known, table, name)
    known.types.pop(relation, None)
    known.domains.pop(relation, None)


def _rename(known: Known, node: Node) -> None:
    kind, new = node.text("rename_type"), node.text("newname")
    named = node.child("relation")
    if kind == "OBJECT_SCHEMA":
        _rename_schema(known, node.text("subname"), new)
    elif kind in _TYPES:
        named = node.child("object")
        old = known.find_type(named.children("items")) if named else None
        if old is not None:
            _move_type(known, old, Relation(old.schema, new))
    elif named is not None:
        relation = known.resolve(named)
        if kind in RELATIONS:
            move(known, relation, Relation(relation.schema, new))
        elif kind == "OBJECT_COLUMN":
            for each in (relation, *known.partitions_of(relation)):
                _rename_column(known, each, node.text("subname"), new)
        elif kind == "OBJECT_TABCONSTRAINT":
            for each in (relation, *known.partitions_of(relation)):
                _rename_constraint(known, each, node.text("subname"), new)


def _rename_schema(known: Known, old: str, new: str) -> None:
    for each in [*known.tables, *known.indexes]:
        if each.schema == old:
            move(known, each, Relation(new, each.name))
    for each in [*known.types, *known.domains]:
        if each.schema == old:
            _move_type(known, each, Relation(new, each.name))
    for each in [each for each in known.functions if each.schema == old]:
        known.functions[Relation(new, each.name)] = known.functions.pop(each)


def _set_schema(known: Known, node: Node) -> None:
    named, schema = node.child("relation"), node.text("newschema")
    kind = node.text("object_type")
    if kind in RELATIONS and named is not None:
        old = known.resolve(named)
        table = known.tables.get(old)
        own = [each.sequence for each in table.columns if each.sequence] if table else []
        for each in (old, *own, *(index.relation for index in known.indexes_of(old))):
            move(known, each, Relation(schema, each.name))
    elif kind in _TYPES:
        written = node.child("object")
        old = known.find_type(written.children("items")) if written else Relation("", "")
        _move_type(known, old, Relation(schema, old.name))


def move(known: Known, old: Relation, new: Relation) -> None:
    """Give a relation another name, everywhere."""

    def now(relation: Relation) -> Relation:
        return new if relation == old else relation

    def all_now(relations: Iterable[Relation]) -> tuple[Relation, ...]:
        return tuple(map(now, relations))

    for relation, table in tuple(known.tables.items()):
        del known.tables[relation]
        known.tables[now(relation)] = _with_names(table, now, all_now)
    for relation, index in tuple(known.indexes.items()):
        del known.indexes[relation]
        moved = replace(index, relation=now(relation), table=now(index.table))
        known.indexes[now(relation)] = moved
        if relation == old and new.name != old.name:  # a constraint's index: both have one name
            _rename_constraint(known, index.table, old.name, new.name)


def _with_names(
    table: Table,
    now: Callable[[Relation], Relation],
    all_now: Callable[[Iterable[Relation]], tuple[Relation, ...]],
) -> Table:
    return replace(
        table,
        relation=now(table.relation),
        parents=all_now(table.parents),
        reads=all_now(table.reads),
        columns=tuple(
            replace(each, sequence=now(each.sequence)) if each.sequence else each
            for each in table.columns
        ),
        constraints=tuple(
            replace(each, references=now(each.references)) if each.references else each
            for each in table.constraints
        ),
    )


def _move_type(known: Known, old: Relation, new: Relation) -> None:
    for table, name in known.columns_of_type(old):
        columns = tuple(
            replace(each, type=replace(each.type, schema=new.schema, name=new.name))
            if each.name == name and each.type
            else each
            for each in known.tables[table].columns
        )
        known.tables[table] = replace(known.tables[table], columns=columns)
    if old in known.types:
        known.types[new] = known.types.pop(old)
    if old in known.domains:
        known.domains[new] = known.domains.pop(old)


def _rename_column(known: Known, relation: Relation, old: str, new: str) -> None:
    table = known.tables.get(relation)
    if table is None:
        return

    def now(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in names)

    known.tables[relation] = replace(
        table,
        columns=tuple(
            replace(each, name=new) if each.name == old else each for each in table.columns
        ),
        # The expression of a CHECK still has the old name: what it says is not known any more.
        constraints=tuple(
            replace(each, columns=now(each.columns), expression=None)
            if old in each.columns
            else each
            for each in table.constraints
        ),
    )
    for other, key in known.foreign_keys_to(relation):
        one = known.tables[other]
        renamed = replace(key, referenced=now(key.referenced))
        kept = tuple(renamed if each == key else each for each in one.constraints)
        known.tables[other] = replace(one, constraints=kept)
    for index in known.indexes_of(relation):
        keys = tuple(new if key == old else key for key in index.keys)
        known.indexes[index.relation] = replace(index, columns=now(index.columns), keys=keys)


def _rename_constraint(known: Known, relation: Relation, old: str, new: str) -> None:
    table = known.tables.get(relation)
    if table is None or table.constraint(old) is None:
        return
    constraints = tuple(
        replace(each, name=new) if each.name == old else each for each in table.constraints
    )
    known.tables[relation] = replace(table, constraints=constraints)
    index = known.indexes.get(Relation(relation.schema, old))
    if index is not None and index.table == relation:
        place = Relation(relation.schema, new)
        known.indexes[place] = replace(known.indexes.pop(index.relation), relation=place)


NAMES: dict[str, Callable[[Known, Node], None]] = {
    "DropStmt": _drop,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _set_schema,
}
"""The statements about names, and what reads them."""
