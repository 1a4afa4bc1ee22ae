"""A column changes its type while a view or a policy uses it, which PostgreSQL refuses.

Finds
    `ALTER COLUMN … TYPE` of a column that a policy of the table names, or a view over it, as far as
    the files tell. Of a view it is a warning: it may mean a column of another table.

Why it hurts
    The migration fails: "cannot alter type of a column used by a view or rule", "… used in a policy
    definition".

Instead
    Drop the view or the policy, change the type, and create it again, with its rights, in the same
    file.

When it is fine
    The view means another column: `-- ajour: allow type-of-used-column <which>`.
"""

from collections.abc import Iterator
from dataclasses import replace

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule("type-of-used-column", level="error", family="data", kinds=("AlterTableStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what holds the column as it is."""
    for command in commands(facts.node, "AT_AlterColumnType"):
        name = command.text("name")
        for relation in facts.targets:
            policy, view = _policy(relation, name, context), _view(relation, name, context)
            if policy is None and view is None:
                continue
            user = f"the policy {policy!r} uses" if policy is not None else f"{view} uses"
            found = context.finding(
                RULE,
                facts,
                f"PostgreSQL refuses to change {name} of {relation} while {user} it.",
                "Drop it before, and create it again behind it, in the same file.",
                at=name,
            )
            yield found if policy is not None else replace(found, level="warning")


def _policy(relation: Relation, column: str, context: Context) -> str | None:
    table = context.schema.tables.get(relation)
    policies = table.policies if table else ()
    return next((each.name for each in policies if column in each.columns), None)


def _view(relation: Relation, column: str, context: Context) -> Relation | None:
    for view in context.schema.tables.values():
        if relation in view.reads and {column, "*"} & {*view.names}:
            return view.relation
    return None
