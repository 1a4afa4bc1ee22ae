"""A column that must not be empty loses its default.

Finds
    `ALTER COLUMN … DROP DEFAULT` of a column that is `NOT NULL`, unless it has another default, or
    is an identity, at the end of the file.

Why it hurts
    Clients that leave the column out, as they could until now, fail with "null value violates
    not-null constraint": the release that still runs during the deploy among them.

Instead
    First release: all clients write the column. Second: drop the default.

When it is fine
    All clients write the column: `-- ajour: allow drop-default <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Rule, commands

RULE = Rule("drop-default", level="warning", family="breaking", claim=Claim("ACCESS EXCLUSIVE"))


def check_file(context: Context) -> Iterator[Finding]:
    """Find each column that clients may leave out, and must not."""
    for facts in context.before:
        for command in commands(facts.node, "AT_ColumnDefault"):
            for table in facts.targets if not command.has("def") else ():
                now = context.schema.tables.get(table)
                column = now.column(command.text("name")) if now else None
                if column is None or not column.not_null or column.default or column.identity:
                    continue
                yield context.finding(
                    RULE,
                    facts,
                    f"Clients that leave out {column.name} of {table} fail from now on.",
                    "Let all clients write it, and drop the default in a later release.",
                    at=column.name,
                )
