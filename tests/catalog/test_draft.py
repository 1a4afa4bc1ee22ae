from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg
import pytest
from changes import CHANGES

from ajour.catalog.diff import diff
from ajour.inverse.draft import body
from catalogs import Mould, catalog, mould, told
from servers import Server, connect

EVERYTHING = (Path(__file__).parent / "data" / "everything.sql").read_text("utf-8")


@pytest.fixture(scope="module")
def base(server: Server) -> Iterator[Mould]:
    """Give a schema with one of everything, as the migrations make it."""
    with mould(server, EVERYTHING) as made:
        yield made


def drafted(base: Mould, sql: str) -> tuple[str, list[str]]:
    """Return the draft for a change made by hand, and what differs where it ran."""
    with base.copy() as url:
        with connect(url) as connection:
            connection.execute(sql.encode())
        live = catalog(url)
    text = body(base.catalog, live, diff(base.catalog, live))
    with base.copy() as url:
        with connect(url) as connection, connection.transaction():
            connection.execute(text.encode())
        return text, told(diff(catalog(url), live, column_order=False, hidden=False))


@pytest.mark.parametrize("sql", CHANGES)
def test_a_single_change(base: Mould, sql: str) -> None:
    """The draft of what was changed by hand makes the same change, wherever it runs."""
    text, left = drafted(base, sql)
    assert left == []
    assert ("Left to you" in text) == ("'hidden'" in text.replace("''", "'"))


def test_what_is_left_to_a_person(base: Mould) -> None:
    """It stands as a comment, and the rest runs."""
    text, _ = drafted(base, "alter table app.q drop i; alter table app.q add i int, add k int")
    assert text == (
        "alter table app.q add column k integer;\n"
        "-- Left to you: the columns of table app.q stand in another order.\n"
    )


def test_what_is_secret(base: Mould) -> None:
    """Values that hold passwords are in no draft; it says where they are missing."""
    text, _ = drafted(
        base,
        "create foreign data wrapper far; create server there foreign data wrapper far;"
        " create user mapping for anon server there options (user 'a', password 'secret-word')",
    )
    assert "create user mapping for anon server there options (" in text
    assert "\n-- Left to you: values of user mapping anon on there that are secret; they" in text
    assert "secret-word" not in text


def test_what_cannot_be_made(base: Mould, server: Server) -> None:
    """It is named, and nothing is written for it."""
    with server.database(supabase=False) as url, connect(url) as connection:
        before = catalog(url)
        connection.execute("create subscription s connection '' publication p with (connect = off)")
        live = catalog(url)
        connection.execute("alter subscription s set (slot_name = none)")
        connection.execute("drop subscription s")
    text = body(before, live, diff(before, live))
    assert text == "-- Left to you: subscription s cannot be made from the catalog.\n"


def test_what_is_lost_where_it_runs(base: Mould) -> None:
    """A table or column that is gone is dropped; one that is alike but for its name is named."""
    by_hand = "alter table fast rename to quick; alter table app.q rename j to k"
    text, left = drafted(base, by_hand)
    assert left == []
    assert (
        "-- Where this runs, the rows of table public.fast are lost.\n"
        "-- Was it renamed? Then this in its place, and table public.quick is not made:\n"
        "-- alter table public.fast rename to quick;\n"
        "drop table public.fast;\n"
    ) in text
    assert (
        "-- Where this runs, the values of column app.q.j are lost.\n"
        "-- Was it renamed? Then this in its place, and column app.q.k is not made:\n"
        "-- alter table app.q rename column j to k;\n"
        "alter table app.q drop column j;\n"
    ) in text
    text, _ = drafted(base, "drop table fast")
    assert text == (
        "-- Where this runs, the rows of table public.fast are lost.\ndrop table public.fast;\n"
    )


def test_a_name_that_is_no_comment(base: Mould, server: Server) -> None:
    """What stands behind a line break in a name is not run."""
    evil = "x\n; create table evil (); --"
    with server.database(supabase=False) as url:
        with connect(url) as connection:
            connection.execute(f'create table "{evil}" (a int)'.encode())
        made = catalog(url)
    text = body(made, base.catalog, diff(made, base.catalog))
    assert f'drop table public."{evil}";' in text
    assert "\n-- Where this runs, the rows of table" in text
    assert text.count("\n; create table evil") == 1


@pytest.mark.parametrize("seed", range(4))
def test_many_changes_at_once(base: Mould, seed: int) -> None:
    """A draft of dozens of changes, as far as they go together, runs in an order that works."""
    with base.copy() as url:
        with connect(url) as connection:
            for sql in Random(seed).sample(list(CHANGES), 60):
                with suppress(psycopg.Error), connection.transaction():
                    connection.execute(sql.encode())
        live = catalog(url)
    differences = diff(base.catalog, live)
    assert len(differences) > 50
    text = body(base.catalog, live, differences)
    with base.copy() as url:
        with connect(url) as connection, connection.transaction():
            connection.execute(text.encode())
        assert told(diff(catalog(url), live, column_order=False, hidden=False)) == []
