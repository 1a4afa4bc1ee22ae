"""A change of type that writes the table anew, or builds its indexes anew.

Finds
    `ALTER COLUMN … TYPE` where the rows cannot stay as they are: `integer` to `bigint`, `text` to
    `varchar(n)`, a shorter `varchar`, another scale of `numeric`, `json` to `jsonb`, an enum to
    `text`, and everything with an expression in `USING`. A longer `varchar`, `varchar` to `text` or
    `numeric` with more digits are not meant.

Why it hurts
    The whole table and all its indexes are written anew while nobody can read or write it. That
    takes minutes for some ten gigabytes, and as much room again on the disk. `timestamp` to
    `timestamptz` does so unless the session's TimeZone is UTC; a change of collation builds indexes
    anew.

Instead
    Add a column of the new type, let a trigger fill it, fill old rows in later files, some thousand
    at a time, move the clients over, and drop the old column in a later release. For a limit on a
    text, a `CHECK … NOT VALID` does.

When it is fine
    The table is small: `-- ajour: allow type-change-rewrites <how many rows there are>`.
"""

from collections.abc import Iterator
from dataclasses import replace

from ajour.effects import Effect
from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands

RULE = Rule(
    "type-change-rewrites",
    level="error",
    family="rewrites",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each change of type that looks at all rows."""
    for command in commands(facts.node, "AT_AlterColumnType"):
        name = command.text("name")
        touched = {each.relation: each for each in facts.effects_of(command, context.major)}
        for table in facts.targets:
            below = facts.schema.partitions_of(table)
            effects = [touched[each] for each in (table, *below) if each in touched]
            heavy = [each for each in effects if each.rewrites or each.builds]
            if heavy:
                worst = max(heavy, key=lambda each: (each.rewrites, each.certain))
                found = context.finding(
                    RULE,
                    facts,
                    _message(worst, name),
                    _help(worst, name),
                    at=name,
                    relation=table,
                )
                sure = worst.rewrites and worst.certain
                yield found if sure else replace(found, level="warning")


def _message(effect: Effect, column: str) -> str:
    if not effect.rewrites:
        return f"This builds indexes of {effect.relation} anew while nobody can use it."
    if effect.certain:
        return f"This writes {effect.relation} anew while nobody can read or write it."
    if "UTC" in effect.why:
        return f"Unless the session's TimeZone is UTC, this writes {effect.relation} anew."
    return f"This may write {effect.relation} anew: what {column} is stored like is not known."


def _help(effect: Effect, column: str) -> str:
    if "UTC" in effect.why:
        return "If the values are in UTC, write SET LOCAL TimeZone = 'UTC'; before it."
    return f"Add a column beside {column}, fill it in batches, and move the clients over."
