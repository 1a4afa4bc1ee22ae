"""What queries and changes of rows do to relations."""

from collections.abc import Iterable, Iterator
from typing import get_args

from ajour.model import Lock, Relation
from ajour.sql.gather import AS, Gathered
from ajour.sql.parse import Node

MODES: tuple[Lock, ...] = get_args(Lock)
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
    written = [each for each in query.walk() if each.kind in _WRITES]
    targets = [named for each in written if (named := each.child("relation")) is not None]
    for each in written:
        _write(gathered, each, runs=runs)
    if _locks_rows(query):
        relations = gathered.schema.read_by(query)
        gathered.each(_all(gathered, relations), RS, "locks rows")
    changed = {gathered.schema.resolve(each) for each in targets}
    alone = written == [query] and not query.has(_SOURCES.get(query.kind, "with_clause"))
    for relation in gathered.schema.read_by(query):
        if relation not in changed:
            whole = runs and not _finds_one(gathered, query, relation)
            _read(gathered, relation, scans=whole, certain=not _filters(query))
        elif not alone:
            gathered.add(relation, AS, "reads it")


_SOURCES = {"UpdateStmt": "from_clause", "DeleteStmt": "using_clause", "InsertStmt": "with_clause"}


def _read(gathered: Gathered, relation: Relation, *, scans: bool, certain: bool) -> None:
    table = gathered.table(relation)
    gathered.add(relation, AS, "reads it", scans=scans, certain=certain or not scans)
    below = table.reads if table.kind == "view" else _below(gathered, relation)
    for each in below:
        _read(gathered, each, scans=scans, certain=certain)


def _below(gathered: Gathered, relation: Relation) -> tuple[Relation, ...]:
    return tuple(
        each.relation for each in gathered.schema.tables.values() if relation in each.parents
    )


def _all(gathered: Gathered, relations: Iterable[Relation]) -> Iterator[Relation]:
    """Give relations with what is under them: partitions, and what views show."""
    for relation in relations:
        yield relation
        table = gathered.table(relation)
        yield from _all(gathered, table.reads if table.kind == "view" else ())
        yield from gathered.schema.partitions_of(relation)


def _write(gathered: Gathered, node: Node, *, runs: bool) -> None:
    named = node.child("relation")
    if named is None:
        return
    relation, why = gathered.schema.resolve(named), _WRITES[node.kind]
    scans = runs and node.kind != "InsertStmt" and not _finds_one(gathered, node, relation)
    certain = not scans or not node.has("where_clause")
    if node.kind == "MergeStmt":
        certain = not scans
    gathered.add(relation, RX, why, scans=scans, certain=certain)
    below = [each for each in _all(gathered, [relation]) if each != relation]
    for each in below:  # of partitions, only those that rows go to
        gathered.add(each, RX, why, scans=scans, certain=certain and node.kind != "InsertStmt")
    if runs:
        _keys(gathered, node, relation)


def _keys(gathered: Gathered, node: Node, relation: Relation) -> None:
    """Say what the foreign keys look at: of new values at the other table, of old ones around."""
    set_names = (
        {each.text("name") for each in node.children("target_list")}
        if (node.kind == "UpdateStmt")
        else None
    )
    if node.kind in {"InsertStmt", "UpdateStmt"}:
        for each in gathered.table(relation).constraints:
            touched = set_names is None or set_names & set(each.columns)
            if each.references is not None and touched:
                gathered.add(each.references, RS, f"is looked at for {each.name}")
    if node.kind == "DeleteStmt":
        for other, each in gathered.schema.foreign_keys_to(relation):
            gathered.add(other, RX, f"is looked at for {each.name}", certain=False)


def _locks_rows(query: Node) -> bool:
    return any(each.kind == "LockingClause" for each in query.walk())


def _filters(query: Node) -> bool:
    """Tell whether a query may leave rows unread: it has a condition, a join or a limit."""
    nodes = tuple(query.walk())
    if sum(each.kind == "RangeVar" for each in nodes) > 1:
        return True
    return any(
        each.kind == "SelectStmt" and (each.has("where_clause") or each.has("limit_count"))
        for each in nodes
    )


def _finds_one(gathered: Gathered, query: Node, relation: Relation) -> bool:
    """Tell whether a statement asks for one value of a unique key of its only table."""
    condition = query.child("where_clause") if query.kind in _SOURCES | _SELECT else None
    if condition is None or sum(each.kind == "RangeVar" for each in query.walk()) != 1:
        return False
    fixed = set(_fixed(condition))
    return any(
        index.unique and not index.partial and set(index.keys) <= fixed
        for index in gathered.schema.indexes_of(relation)
    )


_SELECT = {"SelectStmt": ""}


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
    mode = MODES[int(node.text("mode")) - 1]
    for each in node.children("relations"):
        relation = gathered.schema.resolve(each)
        relations = _all(gathered, [relation]) if each.flag("inh") else [relation]
        gathered.each(relations, mode, "is locked by name")
