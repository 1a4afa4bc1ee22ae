"""Profiles: what a kind of database brings along, as data. Nothing here acts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What is particular to one kind of PostgreSQL database."""

    name: str
    managed_schemas: frozenset[str]
    """Schemas that the platform owns; projects use them and do not change them."""
    api_roles: tuple[str, ...]
    """Roles that the internet can act as; the history is closed to them."""


PLAIN = Profile(name="plain", managed_schemas=frozenset(), api_roles=())

SUPABASE = Profile(
    name="supabase",
    managed_schemas=frozenset(
        {
            "auth",
            "cron",
            "extensions",
            "graphql",
            "graphql_public",
            "net",
            "pgbouncer",
            "pgmq",
            "pgsodium",
            "realtime",
            "storage",
            "supabase_functions",
            "supabase_migrations",
            "vault",
        }
    ),
    api_roles=("anon", "authenticated"),
)

PROFILES = {profile.name: profile for profile in (PLAIN, SUPABASE)}
