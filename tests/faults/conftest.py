"""Fixtures for what dies: the command on its database, a line to cut, a server to kill."""

from collections.abc import Iterator

import pytest

from mortals import Mortal
from projects import Cli, Database
from proxies import Line, proxy
from servers import connect, running


@pytest.fixture
def ajour(cli: Cli, database_url: str) -> Cli:
    """Give the command with a fresh database in SUPABASE_DB_URL."""
    return cli.on(database_url)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """Give a look into that database."""
    with connect(database_url) as connection:
        yield Database(connection)


@pytest.fixture
def line(database_url: str) -> Iterator[Line]:
    """Give a way to that database that can be cut."""
    with proxy(database_url) as line:
        yield line


@pytest.fixture(scope="session")
def mortal() -> Iterator[Mortal]:
    """Give this test process a second server, which may be killed."""
    with running() as server:
        yield Mortal(server)
