"""A policy that believes what users say about themselves.

Finds
    `user_metadata` or `raw_user_meta_data` in the condition of a policy. Supabase's own linter
    counts it as 0015.

Why it hurts
    Every user writes their own `user_metadata`: `supabase.auth.updateUser({ data: { role: 'admin' }
    })` makes them the admin that the policy asks for.

Instead
    `app_metadata`, which only the server writes, or a table of roles that users cannot change.

When it is fine
    The value opens nothing, it only narrows what they see of their own:
    `-- ajour: allow user-metadata-in-policy <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule(
    "user-metadata-in-policy",
    level="error",
    family="security",
    kinds=("AlterPolicyStmt", "CreatePolicyStmt"),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what users write themselves in a condition."""
    for part in (facts.node.child("qual"), facts.node.child("with_check")):
        for node in part.walk() if part is not None else ():
            if node.kind == "String" and node.text("sval") in {
                "user_metadata",
                "raw_user_meta_data",
            }:
                yield context.finding(
                    RULE,
                    facts,
                    "Users write this themselves: each can be whom the policy asks for.",
                    "Ask for app_metadata, or for a row in a table of roles.",
                    at=node.text("sval"),
                )
                return
