"""A function that looks names up wherever its caller says.

Finds
    `CREATE FUNCTION` without `SET search_path`, also when no later `ALTER FUNCTION` sets it. A
    warning for `SECURITY DEFINER`, and for others an information. Supabase's own linter counts it
    as 0011.

Why it hurts
    The caller's `search_path` decides which table, function or operator a plain name means. Whoever
    can make one in a schema that stands earlier puts theirs in its place, and a `SECURITY DEFINER`
    function runs it with its owner's rights. Without malice it fails where the path is another
    one: in a trigger of `auth`, in a restored dump.

Instead
    `SET search_path = ''`, and write every name with its schema. `ajour check --fix` writes that
    where the function names nothing; else it writes the path that the function has today.

When it is fine
    The function is called by no other role: `-- ajour: allow function-search-path <by whom>`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.guard import Routine
from ajour.sql.learn_guard import body
from ajour.sql.schema import Schema

RULE = Rule(
    "function-search-path",
    level="warning",
    family="security",
    kinds=("CreateFunctionStmt",),
)

_TRIVIAL = re.compile(
    r"(?:begin|end|return|new|old|null|now|current_timestamp|if|then|is|not|distinct|from|and|or"
    r"|(?:new|old)\s*\.\s*\w+|\d+|'[^']*'|[\s;:=().+*,<>-])*",
    re.IGNORECASE,
)
"""The body of a trigger function that names nothing but the row and the time."""


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each function whose search_path is its caller's in the end."""
    node = facts.node
    made = facts.routine
    if made.path or node.has("sql_body") or made.name.schema in context.profile.managed_schemas:
        return
    if node.options().get("language") in {"c", "internal"}:
        return
    found = context.finding(
        RULE,
        facts,
        f"{made.name} looks names up wherever its caller says"
        f"{', with the rights of its owner' if made.definer else ''}.",
        "SET search_path = '', and names with their schema.",
        at=made.name.name,
    )
    found = found if made.definer else replace(found, level="info")
    yield Doubt(found, partial(_stands, made))


def fix(facts: Facts, context: Context) -> str | None:
    """Return the function with a search_path: an empty one, or the one that it has today."""
    options = facts.node.children("options")
    places = [each.location for each in options if each.text("defname") == "as"]
    if not places or places[0] is None:
        return None
    bare = _TRIVIAL.fullmatch(body(facts.node)) is not None
    names = [each for each in context.schema.path if each != "$user"]
    path = "''" if bare else ", ".join([*names, "pg_temp"])
    text, at = facts.statement.text.encode(), places[0]
    return f"{text[:at].decode()}set search_path = {path}\n{text[at:].decode()}"


def _stands(made: Routine, end: Schema) -> bool:
    same = end.routines.get(made.name, ())
    return any(each.arguments == made.arguments and not each.path for each in same)
