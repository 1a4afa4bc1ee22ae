"""A text becomes another type: one row that cannot be read as it makes the migration fail.

Finds
    `ALTER COLUMN … TYPE` from `text`, `varchar` or `char` to a type that does not take every text,
    such as `integer`, `uuid`, `date`, `jsonb` or an enum. The old type has to stand in the
    migrations.

Why it hurts
    '12 pieces', an empty text or a date in another style is no value of the new type. The test
    database has none of them, production has: the migration fails after it read the table under
    the strongest lock.

Instead
    Add a column of the new type, fill it from what can be read, look at what cannot, and change
    over to it. On PostgreSQL 16 and later `pg_input_is_valid(value, 'integer')` tells which.

When it is fine
    All rows can be read: `-- ajour: allow failing-cast <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, type_changes

RULE = Rule(
    "failing-cast",
    level="warning",
    family="data",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)

_TEXTS = {"text", "varchar", "bpchar", "char", "name", "citext"}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each text that becomes what not every text is."""
    for relation, column, old, new in type_changes(facts):
        if old.name in _TEXTS and new.name not in _TEXTS and not new.dimensions:
            yield context.finding(
                RULE,
                facts,
                f"This fails at the first {column} of {relation} that is no {new}.",
                "Fill a new column from what can be read, and look at what cannot.",
                at=column,
            )
