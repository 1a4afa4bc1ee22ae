"""psql: no history and no splitting on the client's side, so that it is the measure for the rest.

Its speed depends on how the files are given to it, hence several peers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from measure import Command
from texts import Migration
from workloads import Kind

from peers.base import Peer, write

HISTORY = "create table if not exists migrations (name text primary key, executed_at timestamptz);"


@dataclass(frozen=True)
class Psql(Peer):
    """What the peers of psql share: a script is run."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"apply"})
    history = False

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return psql with the script that `prepare` wrote."""
        return Command((self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "all.sql", url))


@dataclass(frozen=True)
class PsqlOneFile(Psql):
    """All files' texts in one file, each in a transaction."""

    name = "psql"
    title = "psql, one file, a transaction each"

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Put the texts together."""
        texts = (f"begin;\n{each.text}\ncommit;\n" for each in migrations)
        write(folder, [("all.sql", "".join(texts))])


@dataclass(frozen=True)
class PsqlOneTransaction(Psql):
    """All files' texts in one file, in one transaction: the least that the server can do."""

    name = "psql-one-transaction"
    title = "psql, one file, one transaction"

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Put the texts together."""
        text = "\n".join(each.text for each in migrations)
        write(folder, [("all.sql", f"begin;\n{text}\ncommit;\n")])


@dataclass(frozen=True)
class PsqlManyFiles(Psql):
    """Each file for itself, recorded in a table: what a script of one's own does."""

    name = "psql-many-files"
    title = r"psql, a \i and a record for each file"

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write the files, and a script that includes them."""
        lines = [HISTORY]

        def files() -> Iterator[tuple[str, str]]:
            for each in migrations:
                record = f"insert into migrations values ('{each.name}', clock_timestamp());"
                lines.append(f"begin;\n\\i {each.name}.sql\n{record}\ncommit;")
                yield f"{each.name}.sql", each.text

        write(folder, files())
        write(folder, [("all.sql", "\n".join(lines) + "\n")])


@dataclass(frozen=True)
class PsqlQuery(Psql):
    """One query: what a no-op in C costs."""

    name = "psql-query"
    title = "psql -c, one query (a floor)"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"noop"})

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write nothing: it needs no files."""

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it needs no files
        """Return psql with a query."""
        return Command((self.psql, "-X", "-q", "-c", "select 1", url))
