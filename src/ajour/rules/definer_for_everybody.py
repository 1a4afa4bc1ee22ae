"""A function with its owner's rights that everybody on the internet can call.

Finds
    A `SECURITY DEFINER` function in the schema `public`, or in what `[api] schemas` of
    `supabase/config.toml` names instead, that asks nowhere who calls it, as long as `EXECUTE` is
    not revoked from both `PUBLIC` and `anon`. Trigger functions are none. Supabase's own linter
    counts it as 0028.

Why it hurts
    Supabase serves functions there as `/rpc/<name>`, and gives `anon` the right to call each.
    It runs as `postgres`, past all policies, with the arguments of whoever knows the public key.

Instead
    `REVOKE EXECUTE ON FUNCTION … FROM PUBLIC, anon`, from both: each has the right by itself. Or
    look at `auth.uid()` in the function, or put it into another schema.

When it is fine
    It tells or does what everybody may: `-- ajour: allow definer-for-everybody <what it does>`.
"""

import re
from collections.abc import Iterator
from functools import partial

from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.guard import Routine
from ajour.sql.schema import Schema

RULE = Rule(
    "definer-for-everybody",
    level="warning",
    family="security",
    kinds=("CreateFunctionStmt",),
    profile="supabase",
)

_ASKS = re.compile(r"\bauth\s*\.\s*(?:uid|jwt|role|email)\b|request\.jwt", re.IGNORECASE)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each function that anon can call with its owner's rights in the end."""
    made = facts.routine
    if not made.definer or made.name.schema not in context.profile.api_schemas:
        return
    if made.returns in {"trigger", "event_trigger"} or _ASKS.search(facts.statement.text):
        return
    yield Doubt(
        context.finding(
            RULE,
            facts,
            f"Everybody on the internet can call {made.name} with its owner's rights.",
            "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC, anon: each has the right by itself.",
            at=made.name.name,
        ),
        partial(_callable, made),
    )


def _callable(made: Routine, end: Schema) -> bool:
    return any(
        each.arguments == made.arguments and each.definer and not each.closed >= {"public", "anon"}
        for each in end.routines.get(made.name, ())
    )
