"""Fixtures for the whole suite: databases, a project folder, and the command itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ajour.engines import embedded
from projects import Cli, Project
from servers import Server, running


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
