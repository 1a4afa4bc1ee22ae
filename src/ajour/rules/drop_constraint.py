"""DROP CONSTRAINT: rows come in that were refused before.

Finds
    `ALTER TABLE … DROP CONSTRAINT`, unless the same file adds one of that name again.

Why it hurts
    From then on nothing keeps out duplicates, orphans or values out of range, and clients rely on
    it: `ON CONFLICT` needs its unique constraint. To put it back, every row has to be looked at,
    and one that came in meanwhile makes it fail. Of a foreign key, both tables are locked against
    everybody.

Instead
    Add what takes its place in the same file, as `NOT VALID` for a check or a foreign key, and
    validate it in the next one.

When it is fine
    What it kept out is allowed now: `-- ajour: allow drop-constraint <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Rule, commands
from ajour.sql.parse import Node

RULE = Rule(
    "drop-constraint",
    level="warning",
    family="destructive",
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check_file(context: Context) -> Iterator[Finding]:
    """Find each constraint that is dropped and not added again."""
    added = {
        (table, _name(command))
        for facts in context.before
        for command in commands(facts.node, "AT_AddConstraint")
        for table in facts.targets
    }
    for facts in context.before:
        for command in commands(facts.node, "AT_DropConstraint"):
            for table in facts.targets:
                name = command.text("name")
                if (table, name) not in added:
                    yield context.finding(
                        RULE,
                        facts,
                        f"From now on nothing keeps what {name} of {table} kept out.",
                        "Add what takes its place in the same file.",
                        at=name,
                    )


def _name(command: Node) -> str:
    constraint = command.child("def")
    return constraint.text("conname") if constraint else ""
