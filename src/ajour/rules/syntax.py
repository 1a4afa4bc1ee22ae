"""A statement that PostgreSQL cannot read.

Finds
    What the grammar of PostgreSQL 18 does not know. Texts over 16,000 characters are not looked at.

Why it hurts
    The migration fails. In a file of several steps, what stands before it stays applied.

Instead
    Mend it where the caret points, or a little before.

When it is fine
    It is the syntax of a newer server or of a fork, which the parser does not know yet:
    `-- ajour: allow syntax <which server knows it>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Rule
from ajour.sql.parse import syntax_error
from ajour.sql.position import place_of

RULE = Rule("syntax", level="error", family="runner")


def check_file(context: Context) -> Iterator[Finding]:
    """Find each statement that cannot be read."""
    for statement in context.unread:
        found = syntax_error(statement.text)
        if found:
            message, offset = found
            where = place_of(context.file, statement, offset, 1)
            yield Finding(RULE.name, RULE.level, f"PostgreSQL cannot read this: {message}.", where)
