"""graphile-migrate: JavaScript; each committed file names the hash of the one before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import NodePeer, write


@dataclass(frozen=True)
class GraphileMigrate(NodePeer):
    """With committed files, as in production."""

    name = "graphile-migrate"
    title = "graphile-migrate"
    packages = ("graphile-migrate@1.4.1",)

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write its settings and the chain of files."""
        write(folder, [(".gmrc", "{}\n")])
        write(folder / "migrations" / "committed", _chain(migrations))

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `migrate`."""
        return Command((self.program("graphile-migrate"), "migrate"), {"DATABASE_URL": url})


def _chain(migrations: Iterable[Migration]) -> Iterator[tuple[str, str]]:
    previous = ""
    for number, each in enumerate(migrations, 1):
        body = each.text.strip() + "\n"
        digest = sha1(f"{previous}\n{body}".strip().encode() + b"\n", usedforsecurity=False)
        this = f"sha1:{digest.hexdigest()}"
        yield f"{number:06}.sql", f"--! Previous: {previous or '-'}\n--! Hash: {this}\n\n{body}"
        previous = this
