"""A policy on `storage.objects` that holds for every bucket.

Finds
    `CREATE POLICY … ON storage.objects` whose conditions do not name `bucket_id`, unless it is for
    `service_role` alone.

Why it hurts
    All buckets share one table. A policy for avatars lets everybody it names read or write the
    files of every other bucket too, and of those that come later.

Instead
    `USING (bucket_id = 'avatars' AND …)`, and the same in `WITH CHECK`.

When it is fine
    The rule is meant for all buckets, such as an owner who deletes their own files:
    `-- ajour: allow storage-policy-for-all-buckets <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.learn_guard import policy_of

RULE = Rule(
    "storage-policy-for-all-buckets",
    level="warning",
    family="security",
    kinds=("CreatePolicyStmt",),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each permissive policy about files that asks for no bucket."""
    table, policy = facts.node.child("table"), policy_of(facts.node)
    if table is None or (table.text("schemaname"), table.text("relname")) != ("storage", "objects"):
        return
    if "bucket_id" in policy.columns or not policy.permissive or policy.roles == ("service_role",):
        return
    yield context.finding(
        RULE,
        facts,
        "This holds for the files of every bucket.",
        "Ask for the bucket: bucket_id = '…' AND …",
        at=table,
    )
