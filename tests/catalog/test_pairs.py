import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ajour.catalog.diff import diff
from catalogs import Mould, catalog, dump, mould, told
from servers import Server, connect

CASES = json.loads((Path(__file__).parent / "data" / "inverse_pairs.json").read_text("utf-8"))
PAIRS = {each["forward"]: (each["inverse"], each["note"]) for each in CASES["pairs"]}
"""What is done, and what is to undo it, by its name."""

IMPOSSIBLE = {"set not null", "owner"}
"""The first fails on rows of the base; the second names a role that only Supabase has."""


@pytest.fixture(scope="module")
def base(server: Server) -> Iterator[Mould]:
    """Give the schema that the pairs begin with."""
    with mould(server, CASES["base"]) as made:
        yield made


@pytest.mark.parametrize("name", [name for name in PAIRS if name not in IMPOSSIBLE])
def test_both_oracles_agree(base: Mould, name: str) -> None:
    """Two schemas are equal for us when they are for pg_dump: after the change, and undone."""
    forward, inverse = PAIRS[name]
    with base.copy() as url:
        with connect(url) as connection:
            connection.execute(forward)
        agree(base, url)
        if inverse:
            with connect(url) as connection:
                connection.execute(inverse)
            agree(base, url)


def agree(base: Mould, url: str) -> None:
    """See that pg_dump and the differences say the same of a database beside the base."""
    found = diff(base.catalog, catalog(url))
    assert (dump(url) == base.dump) == (not found), told(found)


def test_a_copy_is_equal(base: Mould) -> None:
    """The same schema in another database has no difference."""
    with base.copy() as url:
        assert diff(base.catalog, catalog(url)) == ()
        assert dump(url) == base.dump
