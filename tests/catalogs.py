"""Catalogs for tests: read from a database, and the text that pg_dump makes of the same one."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ajour.catalog.objects import Catalog, Difference
from ajour.catalog.read import read
from ajour.db.session import Session
from ajour.engines.binaries import find_binaries
from ajour.engines.pgdump import dump_schema
from ajour.profiles import PLAIN, Profile
from ajour.target import parse_url
from servers import Server, connect


def catalog(url: str, profile: Profile = PLAIN) -> Catalog:
    """Read the catalog of a database."""
    session = Session(parse_url(url))
    try:
        return read(session, profile)
    finally:
        session.close()


def dump(url: str) -> str:
    """Return what `pg_dump --schema-only` says of a database, but for what is never the same."""
    with connect(url) as connection:
        version = connection.info.server_version
    text = dump_schema(parse_url(url), version, find_binaries(), [])
    lines = re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE).splitlines()
    return "\n".join(_grants_sorted(lines))


def _grants_sorted(lines: list[str]) -> Iterator[str]:
    """Yield the lines, neighbouring GRANTs in a fixed order: theirs is that in which they came."""
    waiting: list[str] = []
    for line in lines:
        if line.startswith("GRANT "):
            waiting.append(line)
            continue
        yield from sorted(waiting)
        waiting = []
        yield line
    yield from sorted(waiting)


def told(differences: tuple[Difference, ...]) -> list[str]:
    """Return each difference as words: `+` and `-` for whole objects, else what of it differs."""
    return [
        f"{each.identity}: {each.attribute}"
        if each.attribute
        else f"{'-' if each.after is None else '+'} {each.identity}"
        for each in differences
    ]


@dataclass(frozen=True)
class Mould:
    """A database that copies are made of."""

    server: Server
    name: str
    catalog: Catalog
    dump: str

    @contextlib.contextmanager
    def copy(self) -> Iterator[str]:
        """Make a database that is the same, yield its URL, and drop it."""
        name = f"{self.name}_copy"
        with connect(self.server.url("template1")) as admin:
            admin.execute(f"create database {name} template {self.name}")
        try:
            yield self.server.url(name)
        finally:
            with connect(self.server.url("template1")) as admin:
                admin.execute(f"drop database {name} with (force)")


@contextlib.contextmanager
def mould(server: Server, sql: str) -> Iterator[Mould]:
    """Make a database of the plain profile with this in it, to be copied."""
    with server.database(supabase=False) as url:
        with connect(url) as connection:
            connection.execute(sql)
        yield Mould(server, url.rpartition("/")[2], catalog(url), dump(url))
