"""A column that must not be empty is added to a table with rows, without a value for them.

Finds
    `ADD COLUMN … NOT NULL` without `DEFAULT`, `GENERATED` or a serial type, unless the file empties
    the table before.

Why it hurts
    It passes on an empty database, in development and in tests, and fails in production at the
    first row: "column contains null values". Where it passes, clients that do not know the column
    yet can insert no row any more.

Instead
    With a default: `ADD COLUMN … NOT NULL DEFAULT 0` is done at once, however large the table is.
    Without one: add the column, let the clients write it, fill the old rows, and set `NOT NULL` in
    a later release.

When it is fine
    The table is empty in production too: `-- ajour: allow add-required-column <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands
from ajour.sql.parse import Node
from ajour.sql.types import SERIAL

RULE = Rule("add-required-column", level="error", family="data", kinds=("AlterTableStmt",))

_REQUIRES = {"CONSTR_NOTNULL", "CONSTR_PRIMARY"}
_FILLS = {"CONSTR_DEFAULT", "CONSTR_GENERATED", "CONSTR_IDENTITY"}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column that the rows have no value for."""
    for command in commands(facts.node, "AT_AddColumn"):
        column = command.child("def")
        if column is None or not _required(column):
            continue
        for table in facts.targets:
            if not _emptied(table, context):
                yield context.finding(
                    RULE,
                    facts,
                    f"This fails as soon as {table} has a row: there is no value for it.",
                    "Give it a default, or fill it before it becomes NOT NULL.",
                    at=column.text("colname"),
                )


def _required(column: Node) -> bool:
    kinds = {each.text("contype") for each in column.children("constraints")}
    written = column.child("type_name")
    serial = written is not None and written.children("names")[-1].text("sval") in SERIAL
    return bool(kinds & _REQUIRES) and not kinds & _FILLS and not serial


def _emptied(table: Relation, context: Context) -> bool:
    return any(
        table in each.targets
        for each in context.before
        if each.kind == "TruncateStmt"
        or (each.kind == "DeleteStmt" and not each.node.has("where_clause"))
    )
