"""ajour itself, from the environment that runs the bench; and what its driver costs at least."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from measure import Command
from texts import Migration
from workloads import Kind

from peers.base import Peer, write

CONNECT = "import psycopg, sys; psycopg.connect(sys.argv[1]).execute('select 1')"


@dataclass(frozen=True)
class Ajour(Peer):
    """The project."""

    name = "ajour"
    title = "ajour"

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write a project."""
        files = ((f"{each.name}.sql", each.text) for each in migrations)
        write(folder / "supabase" / "migrations", files)

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return the command as it is installed."""
        ajour = Path(sys.executable).with_name("ajour")
        return Command((ajour, "migrate"), {"SUPABASE_DB_URL": url})


@dataclass(frozen=True)
class Psycopg(Peer):
    """Importing the driver, one connection, one query: what a no-op cannot be faster than."""

    name = "psycopg"
    title = "import psycopg, one query (a floor)"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"noop"})
    history = False

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write nothing: it needs no files."""

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it needs no files
        """Return the Python of the environment with a line of Python."""
        return Command((sys.executable, "-c", CONNECT, url))
