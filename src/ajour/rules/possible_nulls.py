"""NOT NULL for a column whose rows may be empty.

Finds
    `ALTER COLUMN … SET NOT NULL`, and `ADD PRIMARY KEY` over columns that may be empty, unless the
    same file changes or deletes rows of the table before, or has a valid check that they are not.

Why it hurts
    One row with a NULL, and the migration fails: "column contains null values". The test database
    has none, production has.

Instead
    Look first: `SELECT count(*) FROM … WHERE … IS NULL`. Fill them in the file before:
    `UPDATE … SET … WHERE … IS NULL`.

When it is fine
    Nobody can have left it empty: `-- ajour: allow possible-nulls <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands
from ajour.sql.parse import Node
from ajour.sql.tables import Column, Table

RULE = Rule("possible-nulls", level="warning", family="data", kinds=("AlterTableStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column that may have an empty row."""
    for command in commands(facts.node, "AT_SetNotNull", "AT_AddConstraint"):
        for relation in facts.targets:
            if context.settles(relation):
                continue
            table = context.schema.tables.get(relation, Table(relation))
            for name in _columns(command):
                column = table.column(name) or Column(name, None)
                if not column.not_null and not _checked(table, name):
                    yield _found(facts, context, relation, name)


def _found(facts: Facts, context: Context, table: Relation, column: str) -> Finding:
    return context.finding(
        RULE,
        facts,
        f"This fails if {column} of {table} is empty anywhere.",
        f"Look first for rows of {table} where {column} IS NULL.",
        at=column,
    )


def _columns(command: Node) -> Iterator[str]:
    if command.text("subtype") == "AT_SetNotNull":
        yield command.text("name")
        return
    constraint = command.child("def")
    if constraint is not None and constraint.text("contype") == "CONSTR_PRIMARY":
        yield from (key.text("sval") for key in constraint.children("keys"))


def _checked(table: Table, column: str) -> bool:
    """Tell whether a valid CHECK says that the column is not empty."""
    return any(
        each.kind == "check"
        and each.valid
        and each.columns == (column,)
        and each.expression is not None
        and each.expression.kind == "NullTest"
        and each.expression.text("nulltesttype") == "IS_NOT_NULL"
        for each in table.constraints
    )
