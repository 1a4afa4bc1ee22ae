"""A view in `public` over `auth.users`: addresses and more of all users are on the internet.

Finds
    A view or materialized view in the schema `public`, or in what `[api] schemas` of
    `supabase/config.toml` names instead, that reads `auth.users`, unless its rights are taken from
    `anon` and `authenticated`. Supabase's own linter counts it as 0002.

Why it hurts
    Supabase serves these schemas. The view reads with the rights of its owner, and shows the
    e-mail address, the telephone number or the metadata of every user to whoever asks.

Instead
    A table `public.profiles` with the columns that others may see, filled by a trigger on
    `auth.users`, with policies of its own.

When it is fine
    It shows nothing personal: `-- ajour: allow auth-users-exposed <what it shows>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.schema import Schema

RULE = Rule(
    "auth-users-exposed",
    level="error",
    family="security",
    kinds=("CreateTableAsStmt", "ViewStmt"),
    profile="supabase",
)

_USERS = Relation("auth", "users")


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each view in a served schema that reads the users, and is served in the end."""
    into = facts.node.child("into") if facts.kind == "CreateTableAsStmt" else None
    named = into.child("rel") if into else facts.node.child("view") if not into else None
    after = context.schema.after(facts.node, context.file.name)
    view = after.table(named) if named is not None else None
    if view is None or _USERS not in view.reads:
        return
    if view.relation.schema not in context.profile.api_schemas:
        return
    yield Doubt(
        context.finding(
            RULE,
            facts,
            f"{view.relation} shows what is in auth.users to everybody on the internet.",
            "Keep what others may see in a table of your own, with policies.",
            at=named,
        ),
        partial(_served, view.relation, frozenset(context.profile.api_roles)),
    )


def _served(relation: Relation, roles: frozenset[str], end: Schema) -> bool:
    view = end.tables.get(relation)
    if view is None or _USERS not in view.reads:
        return False
    return not view.invoker and not roles <= view.closed
