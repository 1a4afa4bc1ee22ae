"""A policy that lets everybody write: its condition is always true.

Finds
    `CREATE POLICY … USING (true)` or `WITH CHECK (true)` for `ALL`, `INSERT`, `UPDATE` or `DELETE`,
    unless it is for `service_role` alone. Supabase's own linter counts it as 0024.

Why it hurts
    A policy without `TO` is for everybody, also when its name says "service role". Policies add up:
    with this one the others have nothing to say any more. `service_role` passes by all policies and
    needs none.

Instead
    Name the role and the row: `TO authenticated USING ((select auth.uid()) = user_id)`. Drop a
    policy that was meant for `service_role`.

When it is fine
    Everybody may write, such as into a form that nobody can read:
    `-- ajour: allow policy-always-true <why>`. It is an error where all may change or delete what
    others wrote, and else a warning.
"""

from collections.abc import Iterator
from dataclasses import replace

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, always_true
from ajour.sql.learn_guard import policy_of

RULE = Rule("policy-always-true", level="error", family="security", kinds=("CreatePolicyStmt",))

_TRUSTED = {"service_role", "postgres", "supabase_admin", "dashboard_user", "supabase_auth_admin"}
_WRITES = {"all": "write", "insert": "add", "update": "change", "delete": "delete"}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each permissive policy about writing that leaves nothing out."""
    policy = policy_of(facts.node)
    conditions = [facts.node.child("qual"), facts.node.child("with_check")]
    open_ = next((each for each in conditions if each is not None and always_true(each)), None)
    if open_ is None or not policy.permissive or policy.command not in _WRITES:
        return
    whom = [each for each in policy.roles if each not in _TRUSTED]
    table = facts.node.child("table")
    if not whom or table is None:
        return
    everybody = "public" in whom or "anon" in whom
    does = _WRITES[policy.command]
    found = context.finding(
        RULE,
        facts,
        f"{'Everybody' if everybody else 'Every ' + ' and '.join(whom)} may {does} any row of"
        f" {context.schema.resolve(table)}.",
        "Name the role and the row: TO authenticated USING ((select auth.uid()) = …).",
        at=open_,
    )
    grave = everybody and policy.command != "insert"
    yield found if grave else replace(found, level="warning")
