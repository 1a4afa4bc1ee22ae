"""IF NOT EXISTS for something that exists and is another thing.

Finds
    `CREATE TABLE IF NOT EXISTS` of a table that an earlier statement made with other columns,
    `CREATE INDEX IF NOT EXISTS` of an index that is on other columns, and
    `ADD COLUMN IF NOT EXISTS` of a column that has another type.

Why it hurts
    Only the name is looked at. The server says a notice, changes nothing, and the file counts as
    applied. The database has the old shape, the code expects the new one.

Instead
    Change what is there: `ALTER TABLE … ADD COLUMN`, a new index with a name of its own, then
    `DROP INDEX`.

When it is fine
    The earlier one was dropped in a way that the files do not show:
    `-- ajour: allow if-not-exists-trap <how>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands
from ajour.sql.parse import Node
from ajour.sql.types import SERIAL

RULE = Rule(
    "if-not-exists-trap",
    level="warning",
    family="runner",
    kinds=("AlterTableStmt", "CreateStmt", "IndexStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what is there already in another shape."""
    node = facts.node
    if node.kind == "AlterTableStmt":
        found = _columns(facts, context)
    elif not node.flag("if_not_exists"):
        return
    else:
        found = _table(node, context) if node.kind == "CreateStmt" else _index(node, context)
    for what, at in found:
        yield context.finding(
            RULE,
            facts,
            f"{what}: this changes nothing, and says so to nobody.",
            "Write what changes the one that is there.",
            at=at,
        )


def _table(node: Node, context: Context) -> Iterator[tuple[str, str]]:
    made = node.child("relation")
    there = context.schema.table(made) if made else None
    if there is None or not there.whole:
        return
    elements = node.children("table_elts")
    written = {each.text("colname") for each in elements if each.kind == "ColumnDef"}
    have = {column.name for column in there.columns}
    plain = all(each.kind != "TableLikeClause" for each in elements)
    if plain and written and written != have:
        differing = ", ".join(sorted(written ^ have)[:4])
        yield f"{there.relation} is there with other columns ({differing})", there.relation.name


def _index(node: Node, context: Context) -> Iterator[tuple[str, str]]:
    table = node.child("relation")
    if table is None or not node.text("idxname"):
        return
    relation = Relation(context.schema.resolve(table).schema, node.text("idxname"))
    there = context.schema.indexes.get(relation)
    keys = tuple(each.text("name") or None for each in node.children("index_params"))
    if there is None or (there.keys == keys and there.table == context.schema.resolve(table)):
        return
    shown = ", ".join(key or "an expression" for key in there.keys)
    yield f"The index {relation.name} is there, on {there.table} ({shown})", relation.name


def _columns(facts: Facts, context: Context) -> Iterator[tuple[str, str]]:
    target = facts.node.child("relation")
    table = context.schema.table(target) if target else None
    for command in commands(facts.node, "AT_AddColumn"):
        column = command.child("def")
        if not command.flag("missing_ok") or column is None or table is None:
            continue
        there = table.column(column.text("colname"))
        written = column.child("type_name")
        if there is None or there.type is None or written is None:
            continue
        new = context.schema.read_type(written)
        if (there.type.name, there.type.modifiers) != (_plain(new.name), new.modifiers):
            yield f"{there.name} of {table.relation} is there as {there.type}", there.name


def _plain(name: str) -> str:
    return SERIAL.get(name, name)
