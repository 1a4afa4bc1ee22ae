"""The starting point of an embedded server: made whole or not at all, and copied for new data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ajour.engines import base, embedded
from ajour.errors import Refusal
from ajour.profiles import PLAIN, SUPABASE
from servers import connect


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for a project; its server is stopped after the test."""
    yield tmp_path
    embedded.stop(tmp_path)


def fill(url: str) -> None:
    """Put something into a new database."""
    with connect(url) as connection:
        connection.execute("create table begun (n int); insert into begun values (1)")


def test_new_data_begin_with_it(root: Path) -> None:
    """A first start and every reset copy it, until it is removed."""
    assert base.read(root) is None
    base.make(root, "a dump", fill, profile=PLAIN)
    assert base.read(root) == base.Base("a dump", "plain", 18)
    for begin in (embedded.ensure, embedded.reset):
        with connect(begin(root, profile=PLAIN)) as connection:
            assert connection.execute("select n from begun").fetchall() == [(1,)]
            connection.execute("drop table begun")
    assert base.remove(root)
    assert not base.remove(root)
    with connect(embedded.reset(root, profile=PLAIN)) as connection:
        assert connection.execute("select to_regclass('begun')").fetchone() == (None,)


def test_what_fails_leaves_the_old_one(root: Path) -> None:
    """Nothing is put in its place, and nothing is left lying about."""
    base.make(root, "the old one", fill, profile=PLAIN)

    def broken(url: str) -> None:
        fill(url)
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        base.make(root, "the new one", broken, profile=PLAIN)
    known = base.read(root)
    assert known is not None
    assert known.source == "the old one"
    assert {path.name for path in (root / ".ajour").iterdir()} <= {
        ".gitignore",
        "base",
        "cache",
        "lock",
    }


def test_another_profile(root: Path) -> None:
    """A base for one kind of database is not taken for another."""
    base.make(root, "a dump", fill, profile=PLAIN)
    with pytest.raises(
        Refusal, match="the profile 'plain'; now it is PostgreSQL 18 and 'supabase'"
    ):
        embedded.ensure(root, profile=SUPABASE)
