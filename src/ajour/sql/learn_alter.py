"""Reads ALTER TABLE into what is known."""

from collections.abc import Callable
from dataclasses import replace

from ajour.model import Relation
from ajour.sql.known import Known
from ajour.sql.learn_table import add_column, add_constraint, put_column, with_identity
from ajour.sql.parse import Node
from ajour.sql.tables import Column, Table

_Change = Callable[[Column, Node], Column]


def alter_table(known: Known, node: Node) -> None:
    """Read ALTER TABLE; of a table that no file creates, what the statement tells of it."""
    on = node.child("relation")
    if on is None or node.text("objtype") in {"OBJECT_TYPE", "OBJECT_INDEX"}:
        return
    relation = known.resolve(on)
    if relation in known.indexes:
        return
    below = known.partitions_of(relation) if on.flag("inh") else ()
    for command in node.children("cmds"):
        for each in (relation, *(below if command.text("subtype") in _RECURSES else ())):
            known.tables.setdefault(each, Table(each))
            _COMMANDS.get(command.text("subtype"), _nothing)(known, each, command)


def drop_column(known: Known, relation: Relation, name: str) -> None:
    """Take a column away, with the constraints, indexes and the sequence that need it."""
    table = known.tables[relation]
    column = table.column(name)
    if column is not None and column.sequence is not None:
        known.tables.pop(column.sequence, None)
    known.tables[relation] = replace(
        table,
        columns=tuple(each for each in table.columns if each.name != name),
        constraints=tuple(each for each in table.constraints if name not in each.columns),
    )
    for index in known.indexes_of(relation):
        if name in index.columns:
            del known.indexes[index.relation]


def _nothing(known: Known, relation: Relation, command: Node) -> None:
    """Most commands change nothing that is kept here."""


def _add_column(known: Known, relation: Relation, command: Node) -> None:
    definition = command.child("def")
    if definition is None:
        return
    name = definition.text("colname")
    if not known.tables[relation].column(name):  # IF NOT EXISTS, or an error
        add_column(known, relation, definition)


def _drop_column(known: Known, relation: Relation, command: Node) -> None:
    drop_column(known, relation, command.text("name"))


def _add_constraint(known: Known, relation: Relation, command: Node) -> None:
    definition = command.child("def")
    if definition is None:
        return
    if definition.text("conname") and known.tables[relation].constraint(definition.text("conname")):
        return
    add_constraint(known, relation, definition)


def _drop_constraint(known: Known, relation: Relation, command: Node) -> None:
    table, name = known.tables[relation], command.text("name")
    gone = table.constraint(name)
    left = tuple(each for each in table.constraints if each.name != name)
    known.tables[relation] = replace(table, constraints=left)
    if gone is None:
        return
    if gone.kind == "not null":
        _change(known, relation, gone.columns[0], not_null=False)
    index = known.indexes.get(Relation(relation.schema, name))
    if index is not None and index.table == relation:
        del known.indexes[index.relation]


def _validate(known: Known, relation: Relation, command: Node) -> None:
    _alter_constraint(known, relation, command.text("name"), valid=True)


def _enforce(known: Known, relation: Relation, command: Node) -> None:
    definition = command.child("def")
    if definition is not None and definition.flag("alter_enforceability"):
        on = definition.flag("is_enforced")
        _alter_constraint(known, relation, definition.text("conname"), valid=on, enforced=on)


def _alter_constraint(
    known: Known, relation: Relation, name: str, *, valid: bool, enforced: bool = True
) -> None:
    table = known.tables[relation]
    constraints = tuple(
        replace(each, valid=valid, enforced=enforced) if each.name == name else each
        for each in table.constraints
    )
    known.tables[relation] = replace(table, constraints=constraints)
    validated = table.constraint(name)
    if validated is not None and validated.kind == "not null" and valid:
        _change(known, relation, validated.columns[0], not_null=True)


def _change(known: Known, relation: Relation, name: str, **what: object) -> None:
    """Change a column; one that is not known yet is known by name from now on."""
    column = known.tables[relation].column(name) or Column(name, None)
    put_column(known, relation, replace(column, **what))  # type: ignore[arg-type]  # the names are Column's own


def _alter_type(known: Known, relation: Relation, command: Node) -> None:
    definition = command.child("def")
    written = definition.child("type_name") if definition else None
    if definition is None or written is None:
        return
    collation = definition.child("coll_clause")
    _change(
        known,
        relation,
        command.text("name"),
        type=known.read_type(written),
        collation=collation.children("collname")[-1].text("sval") if collation else "",
    )


def _default(known: Known, relation: Relation, command: Node) -> None:
    _change(known, relation, command.text("name"), default=command.child("def"))


def _set_not_null(known: Known, relation: Relation, command: Node) -> None:
    _change(known, relation, command.text("name"), not_null=True)


def _drop_not_null(known: Known, relation: Relation, command: Node) -> None:
    _change(known, relation, command.text("name"), not_null=False)
    table, name = known.tables[relation], command.text("name")
    left = (
        each for each in table.constraints if each.kind != "not null" or each.columns != (name,)
    )
    known.tables[relation] = replace(table, constraints=tuple(left))


def _add_identity(known: Known, relation: Relation, command: Node) -> None:
    column = known.tables[relation].column(command.text("name"))
    definition = command.child("def")
    if definition is not None:
        column = column or Column(command.text("name"), None)
        put_column(known, relation, with_identity(known, relation, column, definition))


def _drop_identity(known: Known, relation: Relation, command: Node) -> None:
    column = known.tables[relation].column(command.text("name"))
    if column is not None and column.sequence is not None:
        known.tables.pop(column.sequence, None)
    _change(known, relation, command.text("name"), identity=None, sequence=None)


def _drop_expression(known: Known, relation: Relation, command: Node) -> None:
    _change(known, relation, command.text("name"), generated=None, default=None)


def _attach(known: Known, relation: Relation, command: Node) -> None:
    definition = command.child("def")
    if definition is None:
        return
    inherits = definition.kind == "RangeVar"
    named = definition if inherits else definition.child("name")
    bound = definition.child("bound") if not inherits else None
    if named is None:
        return
    other = known.resolve(named)
    child, parent = (relation, other) if inherits else (other, relation)
    if child in known.indexes or parent in known.indexes:
        return
    table = known.tables.get(child, Table(child))
    known.tables[child] = replace(
        table,
        parents=(*table.parents, parent),
        bound=("default" if bound.flag("is_default") else "values") if bound else None,
    )


def _detach(known: Known, relation: Relation, command: Node) -> None:
    definition = command.child("def")
    if definition is None:
        return
    inherits = definition.kind == "RangeVar"
    named = definition if inherits else definition.child("name")
    if named is None:
        return
    other = known.resolve(named)
    child, parent = (relation, other) if inherits else (other, relation)
    table = known.tables.get(child)
    if table is not None:
        left = tuple(each for each in table.parents if each != parent)
        known.tables[child] = replace(table, parents=left, bound=None)


def _set_logged(known: Known, relation: Relation, command: Node) -> None:
    unlogged = command.text("subtype") == "AT_SetUnLogged"
    known.tables[relation] = replace(known.tables[relation], unlogged=unlogged)


def _set_tablespace(known: Known, relation: Relation, command: Node) -> None:
    known.tables[relation] = replace(known.tables[relation], tablespace=command.text("name"))


def _set_method(known: Known, relation: Relation, command: Node) -> None:
    known.tables[relation] = replace(known.tables[relation], method=command.text("name"))


_COMMANDS: dict[str, Callable[[Known, Relation, Node], None]] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": _drop_column,
    "AT_AddConstraint": _add_constraint,
    "AT_DropConstraint": _drop_constraint,
    "AT_ValidateConstraint": _validate,
    "AT_AlterConstraint": _enforce,
    "AT_AlterColumnType": _alter_type,
    "AT_ColumnDefault": _default,
    "AT_SetNotNull": _set_not_null,
    "AT_DropNotNull": _drop_not_null,
    "AT_AddIdentity": _add_identity,
    "AT_DropIdentity": _drop_identity,
    "AT_DropExpression": _drop_expression,
    "AT_SetExpression": _default,
    "AT_AddInherit": _attach,
    "AT_DropInherit": _detach,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_SetLogged": _set_logged,
    "AT_SetUnLogged": _set_logged,
    "AT_SetTableSpace": _set_tablespace,
    "AT_SetAccessMethod": _set_method,
}

_RECURSES = {
    "AT_AddColumn",
    "AT_DropColumn",
    "AT_AddConstraint",
    "AT_DropConstraint",
    "AT_ValidateConstraint",
    "AT_AlterColumnType",
    "AT_ColumnDefault",
    "AT_SetNotNull",
    "AT_DropNotNull",
    "AT_SetExpression",
    "AT_DropExpression",
}
"""What happens to partitions and inheritors as well."""
