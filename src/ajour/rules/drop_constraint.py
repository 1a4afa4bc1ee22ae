"""DROP CONSTRAINT: rows come in that were refused before.

Finds
    `ALTER TABLE … DROP CONSTRAINT`, unless the same file drops the table, or adds a
    constraint of the same kind to it.

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
from ajour.sql.tables import ConstraintKind

RULE = Rule(
    "drop-constraint",
    level="warning",
    family="destructive",
    claim=Claim("ACCESS EXCLUSIVE"),
)


_KINDS: dict[str, ConstraintKind] = {
    "CONSTR_CHECK": "check",
    "CONSTR_EXCLUSION": "exclude",
    "CONSTR_FOREIGN": "foreign key",
    "CONSTR_NOTNULL": "not null",
    "CONSTR_PRIMARY": "primary key",
    "CONSTR_UNIQUE": "unique",
}


def check_file(context: Context) -> Iterator[Finding]:
    """Find each constraint that is dropped while the table stays and gets nothing in its place."""
    added = {
        (table, _kind(command))
        for facts in context.before
        for command in commands(facts.node, "AT_AddConstraint")
        for table in facts.targets
    }
    gone = {
        table
        for facts in context.before
        if facts.kind == "DropStmt" and facts.node.text("remove_type") == "OBJECT_TABLE"
        for table in facts.targets
    }
    for facts in context.before:
        for command in commands(facts.node, "AT_DropConstraint"):
            for table in (each for each in facts.targets if each not in gone):
                name = command.text("name")
                there = facts.schema.tables.get(table)
                dropped = there.constraint(name) if there else None
                kinds = {dropped.kind} if dropped else set(_KINDS.values())
                if not added & {(table, kind) for kind in kinds}:
                    yield context.finding(
                        RULE,
                        facts,
                        f"From now on nothing keeps out what {name} of {table} did.",
                        "Add what takes its place in the same file.",
                        at=name,
                    )


def _kind(command: Node) -> ConstraintKind | None:
    constraint = command.child("def")
    return _KINDS.get(constraint.text("contype")) if constraint else None
