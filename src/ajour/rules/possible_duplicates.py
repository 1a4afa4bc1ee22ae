"""A unique index or constraint over rows that may have duplicates.

Finds
    `CREATE UNIQUE INDEX`, `ADD UNIQUE` and `ADD PRIMARY KEY` on a table that the same file did not
    create, unless some of its columns are unique already, are new, or the file changes or deletes
    rows of the table before.

Why it hurts
    Two rows with the same values, and the migration fails: "could not create unique index". The
    test database has none, production has. With `CONCURRENTLY` an invalid index stays behind, which
    slows down writes until somebody drops it.

Instead
    Look first: `SELECT email, count(*) FROM … GROUP BY 1 HAVING count(*) > 1`. Settle them in a
    file before.

When it is fine
    The application lets none in: `-- ajour: allow possible-duplicates <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands
from ajour.sql.parse import Node

RULE = Rule(
    "possible-duplicates",
    level="warning",
    family="data",
    kinds=("AlterTableStmt", "IndexStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each key that the rows there may break."""
    for keys, at in _keys(facts.node):
        for table in facts.targets:
            if not keys or _settled(table, keys, context):
                continue
            shown = ", ".join(keys)
            yield context.finding(
                RULE,
                facts,
                f"This fails if {table} has two rows with the same {shown}.",
                f"Look first in {table}: GROUP BY {shown} HAVING count(*) > 1.",
                at=at,
            )


def _keys(node: Node) -> Iterator[tuple[tuple[str, ...], Node | str]]:
    """Yield the columns of each new key, and where it stands; expressions are passed over."""
    if node.kind == "IndexStmt":
        names = tuple(each.text("name") for each in node.children("index_params"))
        if node.flag("unique") and all(names):
            yield names, names[0]
        return
    for command in commands(node, "AT_AddConstraint"):
        constraint = command.child("def")
        kinds = {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}
        if constraint is not None and constraint.text("contype") in kinds:
            yield tuple(key.text("sval") for key in constraint.children("keys")), constraint


def _settled(table: Relation, keys: tuple[str, ...], context: Context) -> bool:
    """Tell whether nothing can be double, or the file sees to it."""
    start = context.before[0].schema if context.before else context.schema
    called = {table, *_old_names(table, context)}
    new = {
        column.text("colname")
        for each in context.before
        if called & {*each.targets}
        for command in commands(each.node, "AT_AddColumn")
        if (column := command.child("def")) is not None
    }
    unique = any(
        each.unique and not each.partial and None not in each.keys and set(keys) >= {*each.keys}
        for known in (start, context.schema)
        for relation in called
        for each in known.indexes_of(relation)
    )
    return unique or bool(new & {*keys}) or context.settles(table)


def _old_names(table: Relation, context: Context) -> Iterator[Relation]:
    for each in context.before:
        if each.kind == "RenameStmt" and each.node.text("newname") == table.name:
            yield from each.targets
