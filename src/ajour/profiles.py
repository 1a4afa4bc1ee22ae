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
    api_schemas: tuple[str, ...] = ()
    """Schemas that the platform serves to the internet, where the project names no others."""
    platform_roles: tuple[str, ...] = ()
    """Who owns what the platform itself keeps in the database."""
    session_roles: tuple[str, ...] = ()
    """The platform's roles whose settings are the project's to change."""
    own_settings: frozenset[str] = frozenset()
    """Settings of roles and of the database that the platform makes."""
    search_path: tuple[str, ...] = ("$user", "public")
    """Where names without a schema are looked for, unless a statement sets it."""
    reload: str | None = None
    """Tells the platform's API that the schema is another one; takes effect at COMMIT."""


PLAIN = Profile(name="plain", managed_schemas=frozenset(), api_roles=())

SUPABASE = Profile(
    name="supabase",
    managed_schemas=frozenset(
        {
            "_analytics",
            "_realtime",
            "_supavisor",
            "auth",
            "cron",
            "etl",
            "extensions",
            "graphql",
            "graphql_public",
            "net",
            "pgbouncer",
            "pgmq",
            "pgsodium",
            "pgsodium_masks",
            "pgtle",
            "realtime",
            "storage",
            "supabase_functions",
            "supabase_migrations",
            "vault",
        }
    ),
    api_roles=("anon", "authenticated"),
    api_schemas=("public",),
    platform_roles=("supabase_admin",),
    session_roles=("anon", "authenticated", "authenticator", "service_role"),
    own_settings=frozenset(
        {
            *("app.settings.jwt_exp", "app.settings.jwt_secret", "search_path"),
            "session_preload_libraries",
        }
    ),
    search_path=("$user", "public", "extensions"),
    reload="notify pgrst, 'reload schema'",
)

PROFILES = {profile.name: profile for profile in (PLAIN, SUPABASE)}
