"""alembic: Python, all files in one transaction; each revision runs the SQL file beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import PythonPeer, write

INI = """\
[alembic]
script_location = %(here)s
version_locations = %(here)s/versions
path_separator = os
"""

ENV = """\
import os

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

REVISION = """\
from pathlib import Path

from alembic import op

revision = {this!r}
down_revision = {previous!r}


def upgrade():
    text = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(text, execution_options={{"no_parameters": True}})
"""
"""The text goes to the driver as it is, all in one message."""


@dataclass(frozen=True)
class Alembic(PythonPeer):
    """With psycopg2, the driver that is imported faster."""

    name = "alembic"
    title = "alembic"
    packages = ("alembic==1.20.1", "psycopg2-binary")

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write its settings and a chain of revisions."""
        write(folder, [("alembic.ini", INI), ("env.py", ENV)])
        write(folder / "versions", _revisions(migrations))

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `upgrade`."""
        return self._run(url, "upgrade", "head")

    def mark(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `stamp`."""
        return self._run(url, "stamp", "head")

    def _run(self, url: str, *words: str) -> Command:
        with_driver = url.replace("postgresql://", "postgresql+psycopg2://")
        return Command((self.program("alembic"), *words), {"DATABASE_URL": with_driver})


def _revisions(migrations: Iterable[Migration]) -> Iterator[tuple[str, str]]:
    previous: str | None = None
    for each in migrations:
        yield f"{each.name}.sql", each.text
        yield f"{each.name}.py", REVISION.format(this=each.number, previous=previous)
        previous = each.number
