"""Writes what a person begins with: a new migration, or a new project. Nothing is overwritten."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ajour.errors import UsageError
from ajour.naming import next_name
from ajour.settings import Settings

MIGRATION = """\
-- {title}
--
-- What and why:

-- Structure ---------------------------------------------------------------------------------------


-- Constraints and indexes -------------------------------------------------------------------------


-- Data --------------------------------------------------------------------------------------------

"""

CONFIGURATION = """\
# What `ajour deploy` runs before it touches the database:
# build = ["npm", "run", "compile"]
"""

EXAMPLE = """\
# Copy to .env. Without it, `ajour migrate` uses an embedded PostgreSQL in .ajour/.
SUPABASE_DB_URL=postgresql://postgres:password@localhost:5432/postgres
"""


def new_migration(settings: Settings, description: str, now: datetime | None = None) -> Path:
    """Write a new migration whose name sorts after all that are there, and return its path.

    Raises UsageError when the description gives no name, or the file cannot be written.
    """
    text = MIGRATION.format(title=" ".join(description.split()))
    return write_migration(settings, description, text, now or datetime.now(UTC))


def write_migration(settings: Settings, description: str, text: str, now: datetime) -> Path:
    """Write `text` as a migration whose name sorts after all that are there; return its path.

    Raises UsageError as `new_migration` does.
    """
    folder = settings.migrations
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = [entry.name for entry in os.scandir(folder) if entry.name.lower().endswith(".sql")]
        path = folder / next_name(description, names, now)
        with path.open("x", encoding="utf-8") as file:  # "x": what is there already stays
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"No migration can be written to {folder}: {error.strerror}.",
            hint="Is it a folder, and yours to write to?",
        ) from None
    return path


def new_project(root: Path) -> Iterator[str]:
    """Make what a project needs and does not have; yield what was made, one line each.

    Raises UsageError when something cannot be written.
    """
    migrations = root / "supabase" / "migrations"
    try:
        if not migrations.exists():
            migrations.mkdir(parents=True)
            yield "supabase/migrations/  the folder of migrations"
        if _write(root / "ajour.toml", CONFIGURATION):
            yield "ajour.toml            the settings"
        if _write(root / ".env.example", EXAMPLE):
            yield ".env.example          to be copied to .env, which names the database"
        if _ignore(root / ".gitignore", ".env"):
            yield ".gitignore            so that .env, which has the password, is never committed"
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from None


def _write(path: Path, text: str) -> bool:
    """Write a file that is not there; return whether it was not."""
    if path.exists():
        return False
    path.write_text(text, "utf-8")
    return True


def _ignore(path: Path, name: str) -> bool:
    """Add a name to .gitignore; return whether it was not in it."""
    text = path.read_text("utf-8") if path.exists() else ""
    if name in (line.strip().lstrip("/") for line in text.splitlines()):
        return False
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{name}\n" if text.endswith("\n") or not text else f"\n{name}\n")
    return True
