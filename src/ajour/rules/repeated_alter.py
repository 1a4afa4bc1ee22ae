"""Two ALTER TABLE that each look at all rows of the same table.

Finds
    An `ALTER TABLE` that reads or writes all rows, behind another one of the same transaction that
    did so with the same table.

Why it hurts
    One `ALTER TABLE` with several commands goes through the rows once for all of them: checks,
    NOT NULL and new types together. Two go through them twice, and the table is locked for twice
    as long.

Instead
    One `ALTER TABLE` with commas between the commands.

When it is fine
    The second needs what happens between them: `-- ajour: allow repeated-alter <what>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, constraints
from ajour.sql.parse import Node

RULE = Rule("repeated-alter", level="info", family="locks", kinds=("AlterTableStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find an ALTER TABLE that an earlier one could have taken along."""
    for table in facts.targets:
        if not _goes_through(facts, table, context):
            continue
        for earlier in context.before:
            same = earlier.step == facts.step and table in earlier.targets
            if same and earlier.kind == facts.kind and _goes_through(earlier, table, context):
                yield context.finding(
                    RULE,
                    facts,
                    f"This goes through all rows of {table} once more, after line"
                    f" {earlier.statement.line}.",
                    "Write both as one ALTER TABLE, with a comma between.",
                    at=table.name,
                )
                break


def _goes_through(facts: Facts, table: Relation, context: Context) -> bool:
    """Tell whether a command does so that can share its way through the rows with others."""
    return any(
        each.relation == table and each.certain and (each.rewrites or each.scans)
        for command in facts.node.children("cmds")
        if _shares(command)
        for each in facts.effects_of(command, context.major)
    )


def _shares(command: Node) -> bool:
    if command.text("subtype") == "AT_AddConstraint":
        return bool(constraints(command, "CONSTR_CHECK", "CONSTR_NOTNULL"))
    return command.text("subtype") in ("AT_AddColumn", "AT_AlterColumnType", "AT_SetNotNull")
