"""What a new cluster of a profile holds before the first migration: SQL files and settings."""

from pathlib import Path

from ajour.profiles import Profile

FOLDER = Path(__file__).parent

SETTINGS = {
    # Supabase has logical replication on: a publication without it warns at each change.
    "supabase": ("wal_level = logical",),
}
"""Lines for postgresql.conf, by profile name."""


def baseline_sql(profile: Profile) -> tuple[str, ...]:
    """Return the texts to run in database `postgres`, in order: one per file of the folder."""
    return tuple(path.read_text("utf-8") for path in sorted((FOLDER / profile.name).glob("*.sql")))


def baseline_settings(profile: Profile) -> tuple[str, ...]:
    """Return the lines that the profile adds to postgresql.conf."""
    return SETTINGS.get(profile.name, ())


def server_options(profile: Profile, storage_delete: str) -> tuple[str, ...]:
    """Return the settings that a server of the profile is started with."""
    allowed = profile.name == "supabase" and storage_delete == "allow"
    return ("storage.allow_delete_query=true",) if allowed else ()
