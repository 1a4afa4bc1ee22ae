"""What ALTER TABLE does to relations where it attaches and detaches partitions and parents."""

from collections.abc import Callable, Iterator

from ajour.model import Relation
from ajour.sql.constraint_locks import not_null_columns, proves_not_null
from ajour.sql.gather import AS, AX, SRX, SUX, Below, Gathered
from ajour.sql.parse import Node
from ajour.sql.tables import Table

_MIRRORED = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
Comparison = tuple[str, str, str]
"""A column, an operator and a constant as text."""


def default_partition(gathered: Gathered, parent: Relation) -> Relation | None:
    """Return the DEFAULT partition of a table, where one is known."""
    tables = gathered.schema.tables.values()
    found = (each for each in tables if each.bound == "default" and parent in each.parents)
    return next((each.relation for each in found), None)


def add_partition(gathered: Gathered, parent: Relation, bound: Node) -> None:
    """Gather what a new partition does to the DEFAULT partition, which may hold rows of it."""
    default = default_partition(gathered, parent)
    if default is not None and not bound.flag("is_default"):
        for each in (default, *gathered.schema.partitions_of(default)):
            gathered.add(each, AX, "may hold rows of the new partition", scans=True)


def _attach(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    definition = command.child("def")
    named, bound = (
        (definition.child("name"), definition.child("bound")) if definition else (None, None)
    )
    if named is None:
        return
    child = gathered.schema.resolve(named)
    if bound is None:  # ALTER INDEX … ATTACH PARTITION
        gathered.add(relation, SUX, "gets a partition")
        gathered.add(child, AX, "becomes a partition")
        return
    gathered.add(relation, SUX, f"gets {child.name} as a partition")
    parent, table = gathered.table(relation), gathered.table(child)
    implied = _is_implied(parent, table, bound)
    certain = implied or (parent.whole and table.whole)
    why = "its constraints imply the bounds" if implied else "looks whether all rows are in bounds"
    for each in (child, *gathered.schema.partitions_of(child)):
        gathered.add(each, AX, why, scans=not implied, certain=certain)
    _match_indexes(gathered, relation, child)
    for constraint in parent.constraints:
        if constraint.references is not None:
            why = f"gets the foreign key {constraint.name}"
            gathered.add(child, AX, why, scans=True)
            gathered.add(constraint.references, SRX, why, scans=True)
    add_partition(gathered, relation, bound)


def _match_indexes(gathered: Gathered, parent: Relation, child: Relation) -> None:
    """Say which indexes of the parent have to be built on the new partition."""
    there = [(each.keys, each.unique) for each in gathered.schema.indexes_of(child)]
    for index in gathered.schema.indexes_of(parent):
        if (index.keys, index.unique) not in there:
            why = f"builds an index like {index.relation.name}"
            certain = gathered.table(child).whole
            gathered.add(child, AX, why, scans=True, builds=True, certain=certain)


def _is_implied(parent: Table, child: Table, bound: Node) -> bool:
    """Tell whether the child's own constraints surely imply the bounds.

    Only where the key is one column and a bound is said in the same words; the server itself
    concludes more.
    """
    if len(parent.partition_by) != 1 or parent.partition_by[0] is None:
        return False
    key = parent.partition_by[0]
    checks = [
        each.expression
        for each in child.constraints
        if each.kind == "check" and each.valid and each.enforced and each.expression is not None
    ]
    not_null = proves_not_null(child, key) or any(key in not_null_columns(each) for each in checks)
    wanted = set(_wanted(key, bound))
    said = {part for each in checks for part in _comparisons(each)}
    return not_null and bool(wanted) and wanted <= said


def _wanted(key: str, bound: Node) -> Iterator[Comparison]:
    if bound.text("strategy") == "l" and len(bound.children("listdatums")) == 1:
        yield (key, "=", _constant(bound.children("listdatums")[0]) or "?")
    if bound.text("strategy") == "r":
        for field, operator in (("lowerdatums", ">="), ("upperdatums", "<")):
            for each in bound.children(field):
                if each.kind != "ColumnRef":  # MINVALUE and MAXVALUE ask for nothing
                    yield (key, operator, _constant(each) or "?")


def _comparisons(expression: Node) -> Iterator[Comparison]:
    """Give the comparisons of a column with a constant that all have to be true."""
    if expression.kind == "BoolExpr" and expression.text("boolop") == "AND_EXPR":
        for each in expression.children("args"):
            yield from _comparisons(each)
    if expression.kind != "A_Expr" or expression.text("kind") != "AEXPR_OP":
        return
    operator = expression.children("name")[-1].text("sval")
    left, right = expression.child("lexpr"), expression.child("rexpr")
    if left is not None and right is not None and left.kind != "ColumnRef":
        left, right, operator = right, left, _MIRRORED.get(operator, "")
    if left is None or right is None or left.kind != "ColumnRef":
        return
    column, constant = left.children("fields")[-1], _constant(right)
    if operator and constant is not None and column.kind == "String":
        yield (column.text("sval"), operator, constant)


def _constant(node: Node) -> str | None:
    """Return a constant as text, casts left out; None for anything else."""
    while node.kind == "TypeCast" and (inside := node.child("arg")) is not None:
        node = inside
    if node.kind != "A_Const":
        return None
    for field in ("ival", "fval", "sval", "boolval"):
        value = node.child(field)
        if value is not None:
            return value.text(field)
    return None


def _detach(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    definition = command.child("def")
    named = definition.child("name") if definition else None
    if definition is None or named is None:
        return
    child = gathered.schema.resolve(named)
    finalize = command.text("subtype") == "AT_DetachPartitionFinalize"
    concurrent = definition.flag("concurrent") or finalize
    gathered.add(relation, SUX if concurrent else AX, f"loses the partition {child.name}")
    old = gathered.major < 14 and not concurrent
    gathered.add(child, SUX if old else AX, "is no partition any more")
    for constraint in gathered.table(relation).constraints:
        if constraint.references is not None:
            why = f"gets the foreign key {constraint.name} of {child.name} alone"
            gathered.add(constraint.references, SRX, why)
    default = default_partition(gathered, relation)
    if default is not None and not concurrent:
        gathered.add(default, AX, "its bounds change")


def _inherit(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    parent = command.child("def")
    adds = command.text("subtype") == "AT_AddInherit"
    gathered.add(relation, AX, "gets a parent" if adds else "loses a parent")
    if parent is not None:
        other = gathered.schema.resolve(parent)
        gathered.add(other, SUX if adds else AS, "is inherited from")


PARTITIONS: dict[str, Callable[[Gathered, Relation, Node, Below], None]] = {
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_DetachPartitionFinalize": _detach,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _inherit,
}
"""The commands about partitions, and what gathers their effects."""
