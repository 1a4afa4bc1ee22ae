"""An extension in `public`, where Supabase serves its functions to the internet.

Finds
    `CREATE EXTENSION` without `WITH SCHEMA`, or with `WITH SCHEMA public`, unless the extension
    has a schema of its own or Supabase has it already. Supabase's own linter counts it as 0014.

Why it hurts
    Each function of the extension becomes an address of the API, and stands in the generated
    types. The extension's names collide with yours, and dumps of the schema carry both.

Instead
    `CREATE EXTENSION … WITH SCHEMA extensions`, which is on the `search_path` of Supabase.
    `ajour check --fix` writes it.

When it is fine
    It works in `public` only: `-- ajour: allow extension-in-public <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule(
    "extension-in-public",
    level="warning",
    family="security",
    kinds=("CreateExtensionStmt",),
    profile="supabase",
)

_OWN_SCHEMA = {
    *("pg_cron", "pg_net", "pgmq", "pgsodium", "supabase_vault", "pg_graphql", "pg_tle", "plpgsql"),
    *("postgis_tiger_geocoder", "postgis_topology", "timescaledb", "pg_repack", "plv8", "pgaudit"),
}
_THERE = {"pgcrypto", "uuid-ossp", "pg_stat_statements", "pgjwt"}
"""Supabase has them in the schema extensions: with IF NOT EXISTS nothing happens."""


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each extension that goes into public."""
    name = facts.node.text("extname")
    schema = facts.node.options().get("schema")
    there = name in _THERE and facts.node.flag("if_not_exists")
    if name in _OWN_SCHEMA or there or schema not in (None, "public"):
        return
    if schema is None and context.schema.here != "public":
        return
    yield context.finding(
        RULE,
        facts,
        f"The functions of {name} come into public, where the API serves them.",
        f'CREATE EXTENSION "{name}" WITH SCHEMA extensions.',
        at=f'"{name}"' if f'"{name}"' in facts.statement.text else name,
    )


def fix(facts: Facts, _: Context) -> str | None:
    """Return the statement with the schema extensions; None where it names public itself."""
    return None if facts.node.options() else f"{facts.statement.text} with schema extensions"
