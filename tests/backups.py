"""Backups for tests, made each way that there is."""

from pathlib import Path
from typing import Any

from lacking import leave_out
from projects import Cli, documents
from servers import MAJOR

OLDER = Path("/usr/lib/postgresql/15")
"""A PostgreSQL whose pg_dump is too old for the servers of the tests."""


def back_up(cli: Cli, made_by: str, *words: str) -> dict[str, Any]:
    """Return what `ajour backup --json` says of a backup by pg_dump, or by COPY for want of one."""
    if made_by == "copy" and (not OLDER.is_dir() or MAJOR <= 15):
        leave_out("there is no older PostgreSQL beside")
    env = {"AJOUR_POSTGRES": str(OLDER)} if made_by == "copy" else {}
    (found,) = documents(cli("backup", "--json", *words, env=env))
    assert found["made_by"] == made_by
    return found
