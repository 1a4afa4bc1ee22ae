"""node-pg-migrate: JavaScript, by default all files in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import NodePeer, write


@dataclass(frozen=True)
class NodePgMigrate(NodePeer):
    """With plain SQL files; it waits for its lock instead of failing, and prints little."""

    name = "node-pg-migrate"
    title = "node-pg-migrate"
    packages = ("node-pg-migrate@9.0.0", "pg@8.23.1")

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write files with its marks."""
        marked = "-- Up Migration\n{}\n-- Down Migration\n"
        files = ((f"{each.name}.sql", marked.format(each.text)) for each in migrations)
        write(folder / "migrations", files)

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `up`."""
        flags = ("--no-verbose", "--advisory-lock-mode", "wait")
        return Command((self.program("node-pg-migrate"), "up", *flags), {"DATABASE_URL": url})
