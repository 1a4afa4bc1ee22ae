"""A partition is added beside a default one, which may have its rows already.

Finds
    `CREATE TABLE … PARTITION OF … FOR VALUES` and `ATTACH PARTITION` when the table has a default
    partition that the same file did not create.

Why it hurts
    Rows that belong into the new partition came into the default one until now. If one is there,
    the migration fails: "updated partition constraint for default partition would be violated". To
    see that, PostgreSQL reads all of the default partition under the strongest lock.

Instead
    Make partitions before their rows come. Else, in one transaction: detach the default partition,
    add the new one, move the rows, and attach the default one again.

When it is fine
    No such row can be there yet: `-- ajour: allow rows-in-default-partition <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule(
    "rows-in-default-partition",
    level="warning",
    family="data",
    kinds=("AlterTableStmt", "CreateStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each default partition that may be in the way."""
    for parent in _parents(facts, context):
        for each in context.schema.tables.values():
            if parent in each.parents and each.bound == "default":
                if context.is_new(each.relation):
                    continue
                yield context.finding(
                    RULE,
                    facts,
                    f"This fails if {each.relation} has a row of the new partition.",
                    "Make partitions before their rows come.",
                )


def _parents(facts: Facts, context: Context) -> Iterator[Relation]:
    node = facts.node
    if node.kind == "CreateStmt":
        bound = node.child("partbound")
        if bound is not None and not bound.flag("is_default"):
            yield from map(context.schema.resolve, node.children("inh_relations"))
    for command in commands(node, "AT_AttachPartition"):
        definition = command.child("def")
        bound = definition.child("bound") if definition else None
        if bound is not None and not bound.flag("is_default"):
            yield from facts.targets
