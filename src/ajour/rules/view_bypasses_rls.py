"""A view in `public` that reads with its owner's rights, past the policies of its tables.

Finds
    A view in the schema `public`, or in what `[api] schemas` of `supabase/config.toml` names
    instead, without `security_invoker` over a table with row level security, or one that the files
    do not make; also `CREATE OR REPLACE VIEW` that loses `security_invoker`, as PostgreSQL drops
    options that are not written again. Supabase's own linter counts it as 0010.

Why it hurts
    The owner, `postgres`, is held by no policy. Supabase serves the view to the internet: everybody
    reads all rows of the tables below it, whatever their policies say.

Instead
    `CREATE VIEW … WITH (security_invoker = on) AS …`. `ajour check --fix` writes it.

When it is fine
    The view is meant to show to all what the table does not:
    `-- ajour: allow view-bypasses-rls <which columns and rows, and why>`.
"""

import re
from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.schema import Schema

RULE = Rule(
    "view-bypasses-rls",
    level="error",
    family="security",
    kinds=("ViewStmt",),
    majors=range(15, 19),
    profile="supabase",
)

_NAME = r'(?:"[^"]+"|[\w$]+)'
_HEAD = re.compile(
    rf"create\s+(?:or\s+replace\s+)?view\s+{_NAME}(?:\s*\.\s*{_NAME})?(?:\s*\([^()]*\))?"
    r"(?P<options>\s+with\s*\()?(?P<as>\s+as\b)?",
    re.IGNORECASE,
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each view that has its owner's eyes in the end."""
    view = facts.node.child("view")
    after = context.schema.after(facts.node, context.file.name)
    made = after.table(view) if view is not None else None
    served = context.profile.api_schemas
    if made is None or made.relation.schema not in served or made.invoker:
        return
    before = context.schema.tables.get(made.relation)
    loses = before is not None and before.invoker
    yield Doubt(
        context.finding(
            RULE,
            facts,
            f"{'Replaced, ' if loses else ''}{made.relation} reads past the policies of its tables"
            f"{': security_invoker is not written again' if loses else ''}.",
            "CREATE VIEW … WITH (security_invoker = on) AS …",
            at=view,
        ),
        partial(_bypasses, made.relation, frozenset(context.profile.api_roles)),
    )


def fix(facts: Facts, _: Context) -> str | None:
    """Return the view with security_invoker."""
    text = facts.statement.text
    head = _HEAD.match(text)
    if head is None or not (head["options"] or head["as"]):
        return None
    if head["options"]:
        at = head.end("options")
        return f"{text[:at]}security_invoker = on, {text[at:]}"
    at = head.start("as")
    return f"{text[:at]} with (security_invoker = on){text[at:]}"


def _bypasses(relation: Relation, roles: frozenset[str], end: Schema) -> bool:
    view = end.tables.get(relation)
    if view is None or view.kind != "view" or view.invoker or roles <= view.closed:
        return False
    return any(_guarded(end, each) for each in view.reads)


def _guarded(end: Schema, relation: Relation) -> bool:
    """Tell whether a table has policies to be passed by, as far as is known."""
    if relation.schema in {"information_schema", "pg_catalog"}:
        return False
    table = end.tables.get(relation)
    return table is None or table.kind == "view" or table.row_security is not False
