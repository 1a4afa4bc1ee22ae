"""What ALTER TABLE does to relations where it adds, validates or drops constraints."""

from collections.abc import Callable

from ajour.model import Relation
from ajour.sql.gather import AX, SRX, SUX, Below, Gathered
from ajour.sql.learn_table import names_in
from ajour.sql.parse import Node
from ajour.sql.tables import Constraint, Table


def proves_not_null(table: Table, column: str) -> bool:
    """Tell whether a column is known to have no NULL, as the server itself would conclude."""
    known = table.column(column)
    if known is not None and known.not_null:
        return True
    return any(
        column in not_null_columns(each.expression)
        for each in table.constraints
        if each.kind == "check" and each.valid and each.enforced and each.expression is not None
    )


def not_null_columns(expression: Node) -> set[str]:
    """Return the columns of which an expression says IS NOT NULL, alone or with AND."""
    if expression.kind == "BoolExpr" and expression.text("boolop") == "AND_EXPR":
        return {name for each in expression.children("args") for name in not_null_columns(each)}
    if expression.kind != "NullTest" or expression.text("nulltesttype") != "IS_NOT_NULL":
        return set()
    argument = expression.child("arg")
    return set(names_in([argument])) if argument and argument.kind == "ColumnRef" else set()


def add_constraint(
    gathered: Gathered, relation: Relation, node: Node, below: Below, column: str = ""
) -> None:
    """Gather what a new constraint of a table does, or of its `column`."""
    named = node.text("conname")
    match node.text("contype"):
        case "CONSTR_FOREIGN":
            add_foreign_key(gathered, relation, node, below)
        case "CONSTR_CHECK":
            checked = not node.flag("skip_validation") and node.flag("is_enforced")
            tables = (relation, *(() if node.flag("is_no_inherit") else below))
            for each in tables:
                why = (
                    f"checks every row against {named or 'a CHECK'}" if checked else "adds a CHECK"
                )
                gathered.add(each, AX, why, scans=checked)
        case "CONSTR_NOTNULL":
            key = node.children("keys")
            name = key[0].text("sval") if key else column
            for each in (relation, *below):
                skipped = node.flag("skip_validation") or proves_not_null(
                    gathered.table(each), name
                )
                why = f"adds NOT NULL to {name}" if skipped else f"looks for NULL in {name}"
                gathered.add(each, AX, why, scans=not skipped)
        case "CONSTR_PRIMARY" | "CONSTR_UNIQUE" | "CONSTR_EXCLUSION":
            _add_key(gathered, relation, node, below)


def _add_key(gathered: Gathered, relation: Relation, node: Node, below: Below) -> None:
    using = node.text("indexname")
    primary = node.text("contype") == "CONSTR_PRIMARY"
    if not using:
        what = "a primary key" if primary else "a constraint"
        for each in (relation, *below):
            gathered.add(each, AX, f"builds the index of {what}", scans=True, builds=True)
        return
    place = gathered.schema.find(using, relation.schema)
    index = gathered.schema.indexes.get(place)
    keys = [key for key in index.keys if key] if index else []
    table = gathered.table(relation)
    proved = bool(keys) and all(proves_not_null(table, key) for key in keys)
    scans = primary and not proved
    why = "looks for NULL in the key" if scans else "takes over an index"
    gathered.add(relation, AX, why, scans=scans, certain=not scans or table.whole)
    if node.text("conname") not in ("", using):
        gathered.add(place, SUX, "is renamed")


def add_foreign_key(
    gathered: Gathered,
    relation: Relation,
    node: Node,
    below: Below,
    *,
    unchecked: bool = False,
    null: bool = False,
) -> None:
    """Gather what a new foreign key does.

    With `unchecked` no row has to be looked at; with `null` all have NULL there, so that nothing
    is looked for in the other table.
    """
    referenced = node.child("pktable")
    if referenced is None:
        return
    other = gathered.schema.resolve(referenced)
    checked = not (node.flag("skip_validation") or unchecked) and node.flag("is_enforced")
    what = node.text("conname") or "a foreign key"
    why = f"validates {what}" if checked else f"adds {what} without looking at the rows"
    others = (other, *_partitions(gathered, other))
    own = (relation, *(below if gathered.table(relation).kind != "table" else ()))
    for each in own:
        gathered.add(each, SRX, why, scans=checked)
    for each in others:
        gathered.add(each, SRX, why, scans=checked and not null)


def _partitions(gathered: Gathered, relation: Relation) -> tuple[Relation, ...]:
    """Return the partitions of a table; those that inherit from it in another way are left out."""
    partitions = gathered.schema.partitions_of(relation)
    return tuple(each for each in partitions if gathered.table(each).bound)


def drop_foreign_key(gathered: Gathered, relation: Relation, constraint: Constraint) -> None:
    """Gather what the end of a foreign key does: its triggers on both tables are dropped."""
    why = f"drops the foreign key {constraint.name}"
    gathered.add(relation, AX, why)
    if constraint.references is not None:
        gathered.each(
            (constraint.references, *_partitions(gathered, constraint.references)), AX, why
        )


def _add(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    definition = command.child("def")
    if definition is not None:
        add_constraint(gathered, relation, definition, below)


def _drop(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    name = command.text("name")
    table = gathered.table(relation)
    constraint = table.constraint(name)
    gathered.each((relation, *below), AX, f"drops the constraint {name}")
    if constraint is not None and constraint.references is not None:
        drop_foreign_key(gathered, relation, constraint)
    elif constraint is None and not table.whole:
        why = f"if {name} is a foreign key: its triggers on the other table are dropped"
        gathered.add(None, AX, why, certain=False)
    key = constraint is None or constraint.kind in {"primary key", "unique"}
    if command.text("behavior") == "DROP_CASCADE" and key:
        for other, each in gathered.schema.foreign_keys_to(relation):
            gathered.add(other, AX, f"loses the foreign key {each.name}", certain=False)


def _validate(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    name = command.text("name")
    constraint = gathered.table(relation).constraint(name)
    scans = constraint is None or not constraint.valid
    known = constraint is not None
    why = f"validates {name}" if scans else f"{name} is valid already"
    for each in (relation, *below):
        gathered.add(each, SUX, why, scans=scans, certain=known)
    if constraint is None:
        why = f"if {name} is a foreign key: the table that it points to"
        gathered.add(None, "ROW SHARE", why, scans=True, certain=False)
    elif constraint.references is not None and scans:
        gathered.add(constraint.references, "ROW SHARE", why, scans=True)


def _alter(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    definition = command.child("def")
    if definition is None:
        return
    constraint = gathered.table(relation).constraint(definition.text("conname"))
    gathered.each((relation, *below), AX, "changes a constraint")
    if not definition.flag("alter_enforceability"):
        return
    enforces = definition.flag("is_enforced")
    why = "validates the foreign key" if enforces else "no longer enforces the foreign key"
    gathered.add(relation, AX, why, scans=enforces)
    other = constraint.references if constraint else None
    gathered.add(other, AX, why, scans=enforces, certain=other is not None)


CONSTRAINTS: dict[str, Callable[[Gathered, Relation, Node, Below], None]] = {
    "AT_AddConstraint": _add,
    "AT_DropConstraint": _drop,
    "AT_ValidateConstraint": _validate,
    "AT_AlterConstraint": _alter,
}
"""The commands about constraints, and what gathers their effects."""
