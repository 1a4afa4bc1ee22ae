"""A role that passes by what guards the rows.

Finds
    `CREATE ROLE` and `ALTER ROLE` with `SUPERUSER`, `BYPASSRLS`, `REPLICATION` or `CREATEROLE`, and
    `GRANT` of `postgres`, `service_role`, `supabase_admin`, or of a role such as
    `pg_read_all_data` or `pg_execute_server_program`.

Why it hurts
    Such a role reads and changes every row, whatever policies say, now and in all tables to come.
    Roles belong to the whole server, also to its other databases. Hosted databases refuse most of
    it: the deploy fails.

Instead
    Grant the rights on the tables that the role needs, and write a policy for it:
    `CREATE POLICY … TO reporting USING (true)`.

When it is fine
    The role is for backup or replication: `-- ajour: allow powerful-role <what for>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.guard import role

RULE = Rule(
    "powerful-role",
    level="error",
    family="security",
    kinds=("AlterRoleStmt", "CreateRoleStmt", "GrantRoleStmt"),
)

_POWERS = {
    "superuser": "SUPERUSER",
    "bypassrls": "BYPASSRLS",
    "isreplication": "REPLICATION",
    "createrole": "CREATEROLE",
}
_ROLES = {
    *("postgres", "service_role", "supabase_admin"),
    *("pg_read_all_data", "pg_write_all_data", "pg_create_subscription"),
    *("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"),
}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find the powers that are given, and to whom."""
    node = facts.node
    if node.kind == "GrantRoleStmt":
        given = {each.text("priv_name") for each in node.children("granted_roles")} & _ROLES
        given = given if node.flag("is_grant") else set()
        whom = ", ".join(role(each) for each in node.children("grantee_roles"))
    else:
        given = {_POWERS[key] for key, on in node.options().items() if key in _POWERS and _on(on)}
        named = node.child("role") if node.kind == "AlterRoleStmt" else None
        whom = role(named) if named is not None else node.text("role")
    if given:
        yield context.finding(
            RULE,
            facts,
            f"{whom} gets {' and '.join(sorted(given))}, and no policy holds it any more.",
            "Grant it what it needs on the tables that it needs.",
            at=sorted(given)[0],
        )


def _on(value: str | None) -> bool:
    return value in {None, "true", "1"}
