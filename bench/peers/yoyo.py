"""yoyo: Python; cuts files into statements with sqlparse, and keeps a lock in a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import PythonPeer, write


@dataclass(frozen=True)
class Yoyo(PythonPeer):
    """With plain SQL files and psycopg2, its usual driver."""

    name = "yoyo"
    title = "yoyo"
    packages = ("yoyo-migrations==9.0.0", "psycopg2-binary", "setuptools<81")

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write the files."""
        write(folder / "migrations", ((f"{each.name}.sql", each.text) for each in migrations))

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `apply`."""
        return self._run("apply", url)

    def mark(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `mark`."""
        return self._run("mark", url)

    def _run(self, word: str, url: str) -> Command:
        flags = ("--batch", "--no-config-file", "--database", url)
        return Command((self.program("yoyo"), word, *flags, "migrations"))
