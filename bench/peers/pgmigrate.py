"""yandex-pgmigrate: Python; cuts files into statements with sqlparse."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import PythonPeer, write


@dataclass(frozen=True)
class Pgmigrate(PythonPeer):
    """By default all files in one transaction."""

    name = "pgmigrate"
    title = "yandex-pgmigrate"
    packages = ("yandex-pgmigrate==1.0.13",)

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write files under the names that it wants."""
        files = ((f"V{each.number}__{each.name[15:]}.sql", each.text) for each in migrations)
        write(folder / "migrations", files)

    def command(self, folder: Path, url: str) -> Command:
        """Return `migrate`."""
        flags = ("--conn", url, "--base_dir", folder, "--target", "latest")
        return Command((self.program("pgmigrate"), *flags, "migrate"))
