"""Fixtures for what dies: the command on its database, a line to cut, a server to kill."""

from collections.abc import Iterator

import pytest

from mortals import Mortal
from proxies import Line, proxy
from servers import running


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
