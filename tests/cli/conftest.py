"""Fixtures for the commands: each test has its own project and its own database."""

from collections.abc import Callable

import pytest

from ajour import api
from ajour.config import load
from ajour.target import parse_url
from projects import Project


@pytest.fixture
def apply(project: Project, database_url: str) -> Callable[[], None]:
    """Give a way to run what is pending without a process, where a test only begins with that."""

    def run() -> None:
        settings = load(project.path, {"url": database_url}, {})
        with api.Project(settings, parse_url(database_url)) as opened:
            list(opened.migrate(allow_out_of_order=True))

    return run
