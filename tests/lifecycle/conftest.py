"""Fixtures for the lives of schemas: stages whose databases are copied for each trial."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ajour import api
from ajour.config import load
from ajour.model import Folder
from ajour.target import parse_url
from ajour.trial import Stage
from servers import Server, connect
from stages import Staged


@pytest.fixture(scope="module")
def staged(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Give what makes a stage whose database begins with some SQL."""
    root = tmp_path_factory.mktemp("lifecycle")
    folder = root / "supabase" / "migrations"
    folder.mkdir(parents=True)

    @contextmanager
    def make(sql: str) -> Iterator[Stage]:
        with server.database(supabase=False) as url:
            with connect(url) as connection:
                connection.execute(sql.encode())
            settings = load(root, {"url": url, "profile": "plain"}, {})
            other = parse_url(server.url("template1"))
            with api.Project(settings, parse_url(url), judges=False) as project:
                project.folder = Folder(Path(folder), ())
                stage = Stage(project, other, own=True)
                stage.run(())  # so that the history is there before and after
                yield stage

    return make
