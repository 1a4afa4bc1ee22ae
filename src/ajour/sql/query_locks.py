"""What queries and changes of rows do to relations."""

from collections.abc import Iterable, Iterator

from ajour.effects import LOCKS, Lock
from ajour.model import Relation
from ajour.sql.gather import AS, Gathered
from ajour.sql.parse import Node

RX: Lock = "ROW EXCLUSIVE"
RS: Lock = "ROW SHARE"

_WRITES = {
    "InsertStmt": "inserts rows",
    "UpdateStmt": "changes rows",
    "DeleteStmt": "deletes rows",
    "MergeStmt": "merges rows",
}


def reads(gathered: Gathered, query: Node, *, runs: bool = True) -> None:
    """Gather what a query reads, and what is written inside of it; `runs`: it is executed.

    Whether all rows of a table are read is for the planner to say. A table is taken to be read
    whole unless the query asks for one value of a unique key.
    """
    relations = gathered.schema.read_by(query)
    written = [each for each in query.walk() if each.kind in _WRITES]
    for each in written:
        _write(gathered, each, alone=len(relations) == 1, runs=runs)
    if any(each.kind == "LockingClause" for each in query.walk()):
        gathered.each(_all(gathered, relations), RS, "locks rows")
    targets = [named for each in written if (named := each.child("relation")) is not None]
    changed = {gathered.schema.resolve(each) for each in targets}
    for relation in relations:
        if relation not in changed:
            whole = runs and not (len(relations) == 1 and _finds_one(gathered, query, relation))
            certain = len(relations) == 1 and not _filters(query)
            _read(gathered, relation, scans=whole, certain=certain)


def _read(gathered: Gathered, relation: Relation, *, scans: bool, certain: bool) -> None:
    table = gathered.table(relation)
    gathered.add(relation, AS, "reads it", scans=scans, certain=certain or not scans)
    below = table.reads if table.kind == "view" else _children(gathered, relation)
    for each in below:
        _read(gathered, each, scans=scans, certain=certain)


def _children(gathered: Gathered, relation: Relation) -> tuple[Relation, ...]:
    tables = gathered.schema.tables.values()
    return tuple(each.relation for each in tables if relation in each.parents)


def _all(gathered: Gathered, relations: Iterable[Relation]) -> Iterator[Relation]:
    """Give relations with what is under them: partitions, and what views show."""
    for relation in relations:
        yield relation
        table = gathered.table(relation)
        yield from _all(gathered, table.reads if table.kind == "view" else ())
        yield from gathered.schema.partitions_of(relation)


def _write(gathered: Gathered, node: Node, *, alone: bool, runs: bool) -> None:
    named = node.child("relation")
    if named is None:
        return
    relation, why = gathered.schema.resolve(named), _WRITES[node.kind]
    searched = runs and node.kind != "InsertStmt"
    scans = searched and not (alone and _finds_one(gathered, node, relation))
    certain = not scans or (alone and not _filters(node))
    gathered.add(relation, RX, why, scans=scans, certain=certain)
    for each in _all(gathered, [relation]):
        if each != relation:  # of partitions, only those that rows go to
            gathered.add(each, RX, why, scans=scans, certain=certain and searched)
    if runs:
        _look_around(gathered, node, relation)


def _look_around(gathered: Gathered, node: Node, relation: Relation) -> None:
    """Say what foreign keys look at, and which sequences give numbers."""
    table = gathered.table(relation)
    fields = {"InsertStmt": "cols", "UpdateStmt": "target_list"}
    listed = (
        {each.text("name") for each in node.children(fields[node.kind])}
        if (node.kind in fields)
        else set()
    )
    everything = node.kind == "InsertStmt"
    for each in table.constraints if node.kind in fields else ():
        if each.references is not None and (everything or listed & set(each.columns)):
            gathered.add(each.references, RS, f"is looked at for {each.name}", certain=False)
    for column in table.columns if everything and (listed or not node.has("select_stmt")) else ():
        if column.sequence is not None and column.name not in listed:
            source = node.child("select_stmt")
            rows = source is None or source.has("values_lists")
            surely = rows and column.identity is not None  # it may belong to it and do nothing
            gathered.add(column.sequence, RX, "gives numbers", certain=surely)
    for other, each in gathered.schema.foreign_keys_to(relation):
        if node.kind == "DeleteStmt":
            why = f"is looked at for {each.name}, whole if it has no index for that"
            gathered.add(other, RX, why, scans=True, certain=False)


def _filters(query: Node) -> bool:
    """Tell whether a statement may leave rows unread: it has a condition or a limit."""
    fields = {"SelectStmt": ("where_clause", "limit_count"), "MergeStmt": ("join_condition",)}
    return any(
        node.has(field)
        for node in query.walk()
        if node.kind in _CONDITIONS
        for field in fields.get(node.kind, ("where_clause",))
    )


_CONDITIONS = {"SelectStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}


def _finds_one(gathered: Gathered, query: Node, relation: Relation) -> bool:
    """Tell whether a statement asks for one value of a unique key of its only table."""
    searches = query.kind in _CONDITIONS - {"MergeStmt"}
    condition = query.child("where_clause") if searches else None
    fixed = set(_fixed(condition)) if condition else set()
    return any(
        index.unique and not index.partial and set(index.keys) <= fixed
        for index in gathered.schema.indexes_of(relation)
    )


def _fixed(condition: Node) -> Iterator[str]:
    """Give the columns that a condition compares with a constant, alone or with AND."""
    if condition.kind == "BoolExpr" and condition.text("boolop") == "AND_EXPR":
        for each in condition.children("args"):
            yield from _fixed(each)
    if condition.kind != "A_Expr" or condition.text("kind") != "AEXPR_OP":
        return
    left, right = condition.child("lexpr"), condition.child("rexpr")
    if condition.children("name")[-1].text("sval") != "=" or left is None or right is None:
        return
    if left.kind == "ColumnRef" and right.kind in {"A_Const", "ParamRef", "TypeCast"}:
        yield left.children("fields")[-1].text("sval")


def explain(gathered: Gathered, node: Node) -> None:
    """Gather what EXPLAIN does: with ANALYZE it runs the statement."""
    inside = node.child("query")
    if inside is not None:
        runs = node.options().get("analyze", "false") in {None, "true", "on", "1"}
        reads(gathered, inside, runs=runs)


def prepare(gathered: Gathered, node: Node) -> None:
    """Gather what PREPARE or DECLARE does: it looks at the tables, and runs nothing yet."""
    inside = node.child("query")
    if inside is not None:
        reads(gathered, inside, runs=False)


def copy(gathered: Gathered, node: Node) -> None:
    """Gather what COPY does."""
    named, inside = node.child("relation"), node.child("query")
    if inside is not None:
        reads(gathered, inside)
    if named is None:
        return
    relation = gathered.schema.resolve(named)
    if not node.flag("is_from"):
        gathered.add(relation, AS, "reads it", scans=True)
        return
    gathered.add(relation, RX, "inserts rows")
    for each in gathered.table(relation).constraints:
        if each.references is not None:
            gathered.add(each.references, RS, f"is looked at for {each.name}")


def lock(gathered: Gathered, node: Node) -> None:
    """Gather what LOCK does."""
    mode = LOCKS[int(node.text("mode")) - 1]
    for each in node.children("relations"):
        relation = gathered.schema.resolve(each)
        relations = _all(gathered, [relation]) if each.flag("inh") else [relation]
        gathered.each(relations, mode, "is locked by name")
