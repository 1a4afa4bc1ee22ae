"""A function is dropped and made anew, and everybody may call it again.

Finds
    `DROP FUNCTION` and `CREATE FUNCTION` of the same name in one file, when `EXECUTE` was revoked
    from the old one in an earlier file and is not from the new one.

Why it hurts
    Rights go with the function. A new one can be called by `PUBLIC`, in Supabase also by `anon` and
    `authenticated`: what was closed is open to the internet, and nothing says so.

Instead
    `CREATE OR REPLACE FUNCTION` keeps the rights. Where the return type or the arguments change,
    write the `REVOKE` and `GRANT` again below it.

When it is fine
    Everybody may call the new one: `-- ajour: allow function-grants-reset <why>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Rule
from ajour.sql.learn_guard import routine_named
from ajour.sql.schema import Schema

RULE = Rule("function-grants-reset", level="error", family="security")

_FUNCTIONS = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}


def check_file(context: Context) -> Iterator[Doubt]:
    """Find each function that was closed, is dropped, and comes back open."""
    closed: dict[Relation, frozenset[str]] = {}
    for facts in context.before:
        if facts.kind == "DropStmt" and facts.node.text("remove_type") in _FUNCTIONS:
            for each in facts.node.children("objects"):
                old = routine_named(facts.schema, each)
                if old is not None and old.closed and old.file != context.file.name:
                    closed[old.name] = old.closed
        if facts.kind != "CreateFunctionStmt":
            continue
        name = facts.schema.find_type(facts.node.children("funcname"))
        if name in closed:
            roles = ", ".join(sorted(closed[name])).replace("public", "PUBLIC")
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"{name} was closed to {roles}; made anew, it is open to them.",
                    "Write the REVOKE again below it.",
                    at=name.name,
                ),
                partial(_open, name, closed[name]),
            )


def _open(name: Relation, roles: frozenset[str], end: Schema) -> bool:
    return any(not roles <= each.closed for each in end.routines.get(name, ()))
