"""A column may be empty from now on.

Finds
    `ALTER COLUMN … DROP NOT NULL` on a table that the same file did not create, unless the column
    is dropped or gets another name in the same file.

Why it hurts
    Clients that never saw a NULL there get one: types that were generated from the old schema say
    that it cannot be, sums and comparisons leave the row out.

Instead
    Let the clients understand NULL first; then drop it. Or give the column a default.

When it is fine
    The column is about to be dropped, or the clients know:
    `-- ajour: allow drop-not-null <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Rule, commands

RULE = Rule("drop-not-null", level="info", family="breaking", claim=Claim("ACCESS EXCLUSIVE"))


def check_file(context: Context) -> Iterator[Finding]:
    """Find each column that is there after the file, and may be empty."""
    for facts in context.before:
        for command in commands(facts.node, "AT_DropNotNull"):
            for table in facts.targets:
                now = context.schema.tables.get(table)
                column = now.column(command.text("name")) if now else None
                if column is not None and not column.not_null:
                    yield context.finding(
                        RULE,
                        facts,
                        f"Clients may find {column.name} of {table} empty from now on.",
                        "Let the clients understand NULL first.",
                        at=column.name,
                    )
