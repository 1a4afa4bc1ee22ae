"""The Supabase CLI: a program made of JavaScript today, of Go until a while ago.

Its npm package for each platform carries both; the Go program of today's releases cannot
migrate any more, so that the last one which can is taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import NodePeer, write


@dataclass(frozen=True)
class Supabase(NodePeer):
    """The CLI as its users start it."""

    name = "supabase"
    title = "Supabase CLI"
    packages = ("supabase@2.117.0",)

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write a project."""
        files = ((f"{each.name}.sql", each.text) for each in migrations)
        write(folder / "supabase" / "migrations", files)

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `migration up`."""
        words = ("migration", "up", "--include-all", "--db-url", url)
        return Command((self.start(), *words), {"DO_NOT_TRACK": "1"})

    def start(self) -> Path:
        """Return the program."""
        return self.program("supabase")


@dataclass(frozen=True)
class SupabaseGo(Supabase):
    """The Go program inside it, started directly."""

    name = "supabase-go"
    title = "Supabase CLI, its Go program"
    packages = ("supabase@2.113.0",)
    script = False

    def start(self) -> Path:
        """Return the program."""
        return self.binary("@supabase/*/bin/supabase-go")
