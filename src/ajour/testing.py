"""The pytest plugin: `ajour_database` is a fresh database for each test, with all migrations run.

pytest loads this module in every project of the environment, so it imports nothing of ours before
a test asks for a database.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from psycopg import Connection

    from ajour.engines.clones import Template
    from ajour.errors import AjourError
    from ajour.settings import Settings
    from ajour.target import Target


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the flag and the settings of the pytest configuration."""
    server = "A server of your own for ajour_database; databases are made and dropped there."
    parser.getgroup("ajour").addoption("--ajour-url", metavar="URL", help=server)
    parser.addini("ajour_project", "The project of ajour_database, from the root folder.")
    parser.addini("ajour_database_url", server)


@dataclass
class Database:
    """A database that one test has for itself."""

    url: str = field(repr=False)
    """With the password; for any program or library."""
    target: "Target"
    """The same, in parts."""
    _connections: "list[Connection]" = field(default_factory=list, repr=False)

    def connect(self) -> "Connection":
        """Return a new connection of psycopg in autocommit mode; it is closed after the test.

        Raises ConnectionFailed.
        """
        import psycopg

        from ajour.db.connect import parameters
        from ajour.db.diagnose import diagnose

        given = parameters(self.target, "ajour_database")
        try:
            connection = psycopg.connect("", autocommit=True, prepare_threshold=None, **given)  # type: ignore[arg-type]  # the parameters are libpq's own, all text
        except psycopg.Error as error:
            raise diagnose(self.target, str(error)) from None
        self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()


@pytest.fixture(scope="session")
def ajour_project(pytestconfig: pytest.Config) -> Path:
    """Return a folder of the project whose migrations are run; may be overridden."""
    return pytestconfig.rootpath / str(pytestconfig.getini("ajour_project"))


@pytest.fixture(scope="session")
def ajour_template(pytestconfig: pytest.Config, ajour_project: Path) -> "Iterator[Source]":
    """Yield what makes databases with all migrations run.

    They run once for all processes of the test run. The embedded server, or on a server of one's
    own the template, is gone when the last of them ends.
    """
    from ajour.config import load
    from ajour.engines import scratch
    from ajour.errors import AjourError

    option, ini = pytestconfig.getoption("--ajour-url"), pytestconfig.getini("ajour_database_url")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(16)
    try:
        settings = load(ajour_project, {}, os.environ, with_url=False)
        source = Source(settings, str(option or ini) or None)
        with scratch.shared(settings.root, f"tests-{run}", source.make, source.end) as made:
            source.use(made)
            yield source
    except AjourError as problem:
        raise _failed(problem) from None


@pytest.fixture
def ajour_database(ajour_template: "Source") -> Iterator[Database]:
    """Yield a fresh database with all migrations run; it is dropped after the test."""
    from ajour.errors import AjourError

    try:
        database = ajour_template.fresh()
        try:
            yield database
        finally:
            database.close()
            ajour_template.drop(database)
    except AjourError as problem:
        raise _failed(problem) from None


@dataclass
class Source:
    """Where databases for tests come from: a server, and the template on it."""

    settings: "Settings"
    own: str | None = field(repr=False)
    """The URL of a server of one's own; without one, an embedded server is started."""
    url: str = field(default="", repr=False)
    """Where copies are made from, once that is known."""
    template: "Template | None" = None

    def make(self, folder: Path) -> str:
        """Make the template, in the first process; return what the others find it by."""
        from ajour.engines import scratch
        from ajour.engines.server import drop_database, make_database

        now = self.settings
        if self.own is None:
            url = scratch.start(now.root, folder, now.profile, now.postgres, now.storage_delete)
            _migrate(now, None, _target(url))
            return url
        server = _target(self.own)
        target = make_database(server, now.profile, "ajour_template")
        try:
            _migrate(now, target, target)
        except BaseException:
            drop_database(server, target.dbname)
            raise
        return target.dbname

    def end(self, made: str) -> None:
        """Remove the template, in the last process. An embedded server goes as a whole."""
        from ajour.engines.server import drop_database

        if self.own is not None:
            drop_database(_target(self.own), made)

    def use(self, made: str) -> None:
        """Copy from the template that `make` made in this process or in another."""
        from ajour.engines.clones import template

        if self.own is None:
            self.url = _at(made, "template1")  # nobody may be connected to what is copied
            self.template = template("postgres", _target(self.url), synced=False)
        else:
            self.url = self.own
            self.template = template(made, _target(self.url), synced=True)

    def fresh(self) -> Database:
        """Return a new database. Raises Refusal, ConnectionFailed."""
        from ajour.engines.clones import copy

        assert self.template is not None, "use() comes first"
        name = f"ajour_test_{secrets.token_hex(8)}"
        url = _at(self.url, name)
        return Database(url, copy(self.template, name))

    def drop(self, database: Database) -> None:
        """Drop a database, and end what is still connected to it."""
        from ajour.engines.server import drop_database

        drop_database(_target(self.url), database.target.dbname)


def _migrate(settings: "Settings", url: "Target | None", target: "Target") -> None:
    from ajour.api import Project

    alone = replace(settings, url=url, mirror=None, tunnel=None)
    with Project(alone, target) as project:
        for _ in project.migrate(allow_out_of_order=True):
            pass


def _target(url: str) -> "Target":
    from ajour.target import parse_url

    return parse_url(url)


def _at(url: str, name: str) -> str:
    """Return the URL of another database of the server. Raises UsageError."""
    from ajour.errors import UsageError

    found = urlsplit(url)._replace(path=f"/{name}").geturl()
    if _target(found).dbname != name:
        raise UsageError(
            "The URL for ajour_database names its database as a parameter.",
            hint="Write the name behind the port: postgresql://user:password@host:5432/postgres.",
        )
    return found


def _failed(problem: "AjourError") -> BaseException:
    """Return what fails in the words of the command line, without a traceback through ajour."""
    from ajour.report.text import error

    return pytest.fail.Exception("\n".join(error(problem)), pytrace=False)
