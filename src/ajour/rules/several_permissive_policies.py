"""Two permissive policies of a table for the same role and command: both are asked for every row.

Finds
    `CREATE POLICY`, permissive as all are that do not say otherwise, where another permissive one
    of the table is for the same command and a role in common. Supabase's own linter counts it as
    0006. Tables of Supabase's own, such as `storage.objects`, are left out: there each bucket has
    policies.

Why it hurts
    A row is shown when one of them says so, so each has to be asked, for each row. It is slower,
    and it is wider than the newer one reads: a strict policy beside a lax one keeps nobody out.

Instead
    One policy for the command, with OR between the conditions; or `TO` different roles. What shall
    narrow the others is `AS RESTRICTIVE`.

When it is fine
    Two policies are clearer, and the table is small:
    `-- ajour: allow several-permissive-policies <why>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.guard import Policy
from ajour.sql.learn_guard import policy_of
from ajour.sql.schema import Schema

RULE = Rule(
    "several-permissive-policies", level="info", family="design", kinds=("CreatePolicyStmt",)
)

_UNASKED = {"service_role"}
"""Roles that no policy is asked for: they have BYPASSRLS."""


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each policy beside another one, if both are there in the end."""
    named, new = facts.node.child("table"), policy_of(facts.node)
    table = context.schema.table(named) if named else None
    if table is None or table.relation.schema in context.profile.managed_schemas:
        return
    for other in table.policies:
        if other.name != new.name and _meet(new, other):
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"Beside this policy, {other.name!r} is asked for every row of"
                    f" {table.relation} as well.",
                    "Write one policy with both conditions, or let each be TO another role.",
                    at=named,
                ),
                partial(_both, table.relation, new.name, other.name),
            )
            break


def _meet(one: Policy, other: Policy) -> bool:
    """Tell whether both are asked about the same statement of somebody."""
    if not (one.permissive and other.permissive):
        return False
    if one.command != other.command and "all" not in (one.command, other.command):
        return False
    mine, others = {*one.roles} - _UNASKED, {*other.roles} - _UNASKED
    return bool(mine and others) and ("public" in mine | others or bool(mine & others))


def _both(table: Relation, one: str, other: str, end: Schema) -> bool:
    there = end.tables.get(table)
    found = [each for each in there.policies if each.name in (one, other)] if there else []
    return len(found) > 1 and _meet(*found)
