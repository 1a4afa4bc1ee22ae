"""dbmate: Go; an npm package carries its program. A transaction and four round trips a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import NodePeer, write


@dataclass(frozen=True)
class Dbmate(NodePeer):
    """Its program itself, without npm's wrapper and without the dump of the schema."""

    name = "dbmate"
    title = "dbmate"
    packages = ("dbmate@2.36.0",)
    script = False

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write files with its marks."""
        marked = "-- migrate:up\n{}\n-- migrate:down\n"
        files = ((f"{each.name}.sql", marked.format(each.text)) for each in migrations)
        write(folder / "db" / "migrations", files)

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `migrate`: unlike `up` it does not look whether the database is there."""
        program = self.binary("@dbmate/*/bin/dbmate*")
        return Command((program, "--no-dump-schema", "migrate"), {"DATABASE_URL": url})
