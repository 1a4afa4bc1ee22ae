"""Everybody gets the right to write, or rights on what will be made later.

Finds
    `GRANT` of `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE` or `ALL` on tables to `PUBLIC`, and
    `ALTER DEFAULT PRIVILEGES … GRANT … TO PUBLIC`; in Supabase, default privileges for `anon` in a
    schema that is not served to the internet too.

Why it hurts
    `PUBLIC` is every role of the server, also those of other applications and of people who read
    reports. Default privileges open tables that nobody has thought of yet.

Instead
    Grant to the role that needs it, table by table.

When it is fine
    The server has one application alone: `-- ajour: allow grant-to-everybody <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.guard import role
from ajour.sql.parse import Node

RULE = Rule(
    "grant-to-everybody",
    level="warning",
    family="security",
    kinds=("AlterDefaultPrivilegesStmt", "GrantStmt"),
)

_WRITES = {"insert", "update", "delete", "truncate"}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find the grants that reach everybody."""
    later = facts.kind == "AlterDefaultPrivilegesStmt"
    grant = facts.node.child("action") if later else facts.node
    if grant is None or not grant.flag("is_grant"):
        return
    everybody = {"public"}
    served = {*context.profile.api_schemas}
    if later and context.profile.api_roles and _schemas(facts.node) - {"public"} - served:
        everybody.add("anon")
    whom = everybody & {role(each) for each in grant.children("grantees")}
    wanted = {each.text("priv_name") for each in grant.children("privileges")}
    writes = grant.text("objtype") == "OBJECT_TABLE" and (not wanted or bool(wanted & _WRITES))
    if whom and (writes or later):
        name = min(whom)
        yield context.finding(
            RULE,
            facts,
            f"Everybody {'gets rights on what is made later' if later else 'may write'}"
            f" ({name.replace('public', 'PUBLIC')}).",
            "Grant it to the role that needs it.",
            at=name,
        )


def _schemas(node: Node) -> set[str]:
    return {
        part.text("sval")
        for option in node.children("options")
        if option.text("defname") == "schemas"
        for part in (option.child("arg") or option).children("items")
    }
