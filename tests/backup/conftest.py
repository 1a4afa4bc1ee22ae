"""What the tests of backups begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projects import Project
from servers import Server


@pytest.fixture
def folder(project: Project, tmp_path: Path) -> Path:
    """Give the folder of backups, beside a project on plain PostgreSQL."""
    project.write("ajour.toml", 'backup_folder = "../backups"\nprofile = "plain"\n')
    return tmp_path / "backups"


@pytest.fixture(params=["pg_dump", "copy"])
def made_by(request: pytest.FixtureRequest) -> str:
    """Give how a backup is made."""
    return str(request.param)


@pytest.fixture
def other(server: Server) -> Iterator[str]:
    """Give another fresh database."""
    with server.database(supabase=False) as url:
        yield url
