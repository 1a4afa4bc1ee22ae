"""A column of a type that stands for an object of the database, which upgrades cannot carry over.

Finds
    Columns of `regproc`, `regprocedure`, `regoper`, `regoperator`, `regconfig`, `regdictionary`,
    `regnamespace` and `regcollation`. Supabase's own linter counts it as 0018.

Why it hurts
    The value is the number of an object, and the number is another one in a new major version:
    `pg_upgrade` refuses to work on a database that has such a column, on Supabase as well.

Instead
    `text` with the name; cast it where it is used: `name::regprocedure`.

When it is fine
    The column is gone before the next upgrade: `-- ajour: allow column-of-reg-type <when>`.
    `regclass`, `regrole` and `regtype` are carried over, and are no finding.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands
from ajour.sql.parse import Node

RULE = Rule(
    "column-of-reg-type",
    level="warning",
    family="design",
    kinds=("AlterTableStmt", "CreateStmt"),
)

_NOT_CARRIED = {
    *("regcollation", "regconfig", "regdictionary", "regnamespace"),
    *("regoper", "regoperator", "regproc", "regprocedure"),
}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column that is made of such a type, or changed to it."""
    for column, name in _columns(facts.node):
        written = column.child("type_name")
        shape = facts.schema.read_type(written) if written is not None else None
        if shape is not None and shape.name in _NOT_CARRIED and not shape.schema:
            yield context.finding(
                RULE,
                facts,
                f"pg_upgrade refuses to work on a database with a column of {shape.name}.",
                "Make it text, and cast it where it is used.",
                at=written or name,
            )


def _columns(node: Node) -> Iterator[tuple[Node, str]]:
    for each in node.children("table_elts") if node.kind == "CreateStmt" else ():
        if each.kind == "ColumnDef":
            yield each, each.text("colname")
    for command in commands(node, "AT_AddColumn", "AT_AlterColumnType"):
        column = command.child("def")
        if column is not None:
            yield column, column.text("colname") or command.text("name")
