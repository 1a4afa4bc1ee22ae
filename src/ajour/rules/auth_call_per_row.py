"""A policy that asks who the user is anew for every row.

Finds
    `auth.uid()`, `auth.jwt()`, `auth.role()` and `auth.email()` in a policy, without a `select`
    around it. Supabase's own linter counts it as 0003.

Why it hurts
    The function is called once a row: a query over 100,000 rows parses the same JWT 100,000 times,
    and takes seconds in place of milliseconds.

Instead
    `(select auth.uid())` is worked out once a query. `ajour check --fix` writes it.

When it is fine
    The table stays small: `-- ajour: allow auth-call-per-row <how small>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.parse import Node

RULE = Rule(
    "auth-call-per-row",
    level="warning",
    family="design",
    kinds=("AlterPolicyStmt", "CreatePolicyStmt"),
    profile="supabase",
)

_FUNCTIONS = {"uid", "jwt", "role", "email"}
_CALL = re.compile(rb'"?auth"?\s*\.\s*"?\w+"?\s*\(\s*\)', re.IGNORECASE)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find the first call in each policy that is made once a row."""
    for call in _bare(facts.node)[:1]:
        name = f"auth.{call.children('funcname')[-1].text('sval')}()"
        yield context.finding(
            RULE,
            facts,
            f"The policy calls {name} anew for every row.",
            f"(select {name}) is worked out once a query.",
            at=call,
        )


def fix(facts: Facts, _: Context) -> str | None:
    """Return the policy with a select around each call."""
    text = facts.statement.text.encode()
    places = [call.location for call in _bare(facts.node)]
    for place in sorted((each for each in places if each is not None), reverse=True):
        found = _CALL.match(text, place)
        if found is None:
            return None
        text = text[:place] + b"(select " + found[0] + b")" + text[found.end() :]
    return text.decode()


def _bare(policy: Node) -> list[Node]:
    """Return the calls that no select without a FROM is around."""
    parts = [policy.child("qual"), policy.child("with_check")]
    nodes = [node for part in parts if part is not None for node in part.walk()]
    once = [
        call.location
        for node in nodes
        if node.kind == "SelectStmt" and not node.has("from_clause")
        for call in node.walk()
        if call.kind == "FuncCall"
    ]
    return [node for node in nodes if _is_auth(node) and node.location not in once]


def _is_auth(node: Node) -> bool:
    if node.kind != "FuncCall":
        return False
    names = [part.text("sval") for part in node.children("funcname")]
    return names[:-1] == ["auth"] and names[-1] in _FUNCTIONS
