"""CREATE OR REPLACE FUNCTION with other arguments, which replaces nothing.

Finds
    `CREATE OR REPLACE FUNCTION` in the schema `public`, or in what `[api] schemas` of
    `supabase/config.toml` names instead, when an earlier file made a function of that name with
    other arguments, and both are there after the last file.

Why it hurts
    Another list of arguments is another function: the old one stays, with its old body and its
    rights. The API of Supabase chooses by the names of the arguments; where both fit, every call
    fails with PGRST203, "could not choose the best candidate function".

Instead
    `DROP FUNCTION` of the old one, with its arguments, in the same file. For a while with both,
    give the new one another name.

When it is fine
    Both are wanted, and their arguments tell them apart:
    `-- ajour: allow function-overload <how>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.guard import Routine
from ajour.sql.schema import Schema

RULE = Rule(
    "function-overload",
    level="warning",
    family="breaking",
    kinds=("CreateFunctionStmt",),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find what is meant to replace a function, and stands beside it."""
    new = facts.routine
    same = context.schema.routines.get(new.name, ())
    if not facts.node.flag("replace") or new.name.schema not in context.profile.api_schemas:
        return
    if any(each.arguments == new.arguments for each in same) or new.returns == "trigger":
        return
    for old in same:
        if old.file != context.file.name:
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"This replaces nothing: {old.signature} stays beside it.",
                    f"DROP FUNCTION {old.signature} in the same file.",
                    at=new.name.name,
                ),
                partial(_both, old, new),
            )


def _both(old: Routine, new: Routine, end: Schema) -> bool:
    there = {each.arguments for each in end.routines.get(new.name, ())}
    return {old.arguments, new.arguments} <= there
