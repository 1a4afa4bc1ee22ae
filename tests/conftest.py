"""Fixtures for the whole suite: databases, a project folder, and the command itself."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ajour.engines import embedded
from poolers import pgbouncer
from projects import Cli, Database, Project
from servers import Server, connect, running
from ways import Way

pytest_plugins = ["ajour.testing"]  # also where the package was installed before it had a plugin


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give this test process its throwaway server."""
    with running() as server:
        yield server


@pytest.fixture
def database_url(server: Server) -> Iterator[str]:
    """Give a fresh database with the Supabase baseline."""
    with server.database() as url:
        yield url


@pytest.fixture
def plain_database_url(server: Server) -> Iterator[str]:
    """Give a fresh, empty database."""
    with server.database(supabase=False) as url:
        yield url


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Give an empty project; its embedded server, if a test started one, is stopped after it."""
    project = Project(tmp_path / "project")
    project.migrations.mkdir(parents=True)
    yield project
    embedded.stop(project.path)


@pytest.fixture
def cli(project: Project) -> Cli:
    """Give the command, run in the project unless told otherwise."""
    return Cli(project.path)


@pytest.fixture
def ajour(cli: Cli, database_url: str) -> Cli:
    """Give the command with a fresh database in SUPABASE_DB_URL."""
    return cli.on(database_url)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """Give a look into that database."""
    with connect(database_url) as connection:
        yield Database(connection)


@pytest.fixture(scope="session")
def pooled(server: Server) -> Iterator[Callable[[str], str]]:
    """Give what turns a database's URL into one through PgBouncer.

    It lends its only server connection for a transaction.
    """
    with pgbouncer(server.url("template1"), "transaction", size=1) as url:
        port = url.partition("@127.0.0.1:")[2].partition("/")[0]
        yield lambda direct: direct.replace(f":{server.port}/", f":{port}/")


@pytest.fixture
def pooled_way(database_url: str, pooled: Callable[[str], str]) -> Way:
    """Give a fresh database through PgBouncer."""
    return Way(pooled(database_url), database_url)


@pytest.fixture(params=["direct", "pooled"])
def way(request: pytest.FixtureRequest, pooled_way: Way) -> Way:
    """Give a fresh database, once directly and once through PgBouncer."""
    return pooled_way if request.param == "pooled" else Way(pooled_way.direct, pooled_way.direct)


@pytest.fixture
def new_database(server: Server) -> Iterator[Callable[[], str]]:
    """Give what makes a fresh database; all are dropped at the end."""
    with contextlib.ExitStack() as databases:
        yield lambda: databases.enter_context(server.database())
