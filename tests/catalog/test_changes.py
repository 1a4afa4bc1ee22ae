from collections.abc import Iterator
from pathlib import Path

import pytest
from changes import CHANGES, NOT_NULL_NAMED, NOTHING

from ajour.catalog.diff import ORDER, diff
from ajour.profiles import SUPABASE
from catalogs import Mould, catalog, dump, mould, told
from poolers import pgbouncer
from servers import Server, connect

EVERYTHING = (Path(__file__).parent / "data" / "everything.sql").read_text("utf-8")

NOT_DUMPED = {
    "refresh materialized view mv with no data",
    *(sql for sql in CHANGES if "current_database()" in sql),
}
"""pg_dump never says whether a materialized view is filled, and no settings of a database."""


@pytest.fixture(scope="module")
def base(server: Server) -> Iterator[Mould]:
    """Give a schema with one of everything."""
    with mould(server, EVERYTHING) as made:
        yield made


@pytest.mark.parametrize("sql", CHANGES)
def test_a_single_change(base: Mould, sql: str) -> None:
    """It is found and named, with both states; nothing else is. pg_dump sees it as well."""
    wanted = expected(sql, base.catalog.version)
    with base.copy() as url:
        with connect(url) as connection:
            connection.execute(sql)
        found = diff(base.catalog, catalog(url))
        assert told(found) == wanted
        assert all(each.before != each.after for each in found)
        assert (dump(url) == base.dump) == (sql in NOT_DUMPED)


def expected(sql: str, version: int) -> list[str]:
    """Return the differences that a change makes on a server of this version."""
    wanted = CHANGES[sql]
    every = [wanted] if isinstance(wanted, str) else list(wanted)
    named = [name for names in NOT_NULL_NAMED.values() for name in names]
    return [each for each in every if version >= 180000 or each not in named]


@pytest.mark.parametrize("sql", NOTHING)
def test_no_change(base: Mould, sql: str) -> None:
    """Rows, statistics, and what was done and undone are no difference."""
    with base.copy() as url:
        with connect(url) as connection:
            connection.execute(sql)
        assert told(diff(base.catalog, catalog(url))) == []
        assert dump(url) == base.dump


def test_the_other_way_round(base: Mould) -> None:
    """Compared backwards, before and after change places."""
    with base.copy() as url:
        with connect(url) as connection:
            connection.execute("alter table t alter v set default 6; create table app.new ()")
        now = catalog(url)
    there, back = diff(base.catalog, now), diff(now, base.catalog)
    assert [(each.before, each.after) for each in there] == [
        (each.after, each.before) for each in back
    ]
    default = next(each for each in there if each.attribute == "default")
    assert (default.before, default.after) == ("5", "6")


def test_the_order_of_columns(base: Mould) -> None:
    """A column that was dropped and made again stands behind; that may be left out of account."""
    with base.copy() as url:
        with connect(url) as connection:
            connection.execute("alter table app.q drop i; alter table app.q add i int")
        now = catalog(url)
    (only,) = diff(base.catalog, now)
    assert (str(only.identity), only.attribute) == ("table app.q", ORDER)
    assert (only.before, only.after) == (("i", "j"), ("j", "i"))
    assert diff(base.catalog, now, column_order=False) == ()


def test_a_restored_dump(base: Mould, server: Server) -> None:
    """What pg_dump wrote makes an equal schema, but for the rows of materialized views."""
    with server.database(supabase=False) as url:
        with connect(url) as connection:
            # pg_dump is of 18, and an older server may not know that setting
            connection.execute(base.dump.replace("SET transaction_timeout = 0;", "").encode())
        assert told(diff(base.catalog, catalog(url))) == [
            "materialized view public.mv: unpopulated"
        ]


def test_an_invalid_index(base: Mould) -> None:
    """What a failed CREATE INDEX CONCURRENTLY leaves is another index than a whole one."""
    with base.copy() as url, connect(url) as connection:
        connection.execute("insert into app.q values (1, 1), (1, 2)")
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("create unique index concurrently q_i on app.q (i)")
        left = catalog(url)
        connection.execute("delete from app.q where j = 2")
        connection.execute("reindex index concurrently app.q_i")
        assert told(diff(left, catalog(url))) == ["index q_i on app.q: invalid"]


def test_a_supabase_database(database_url: str) -> None:
    """Of what the platform brings along only that is seen which a project may change."""
    with connect(database_url) as connection:
        connection.execute("create policy mine on storage.objects using (true)")
        connection.execute(
            "create function public.tf() returns trigger language plpgsql as"
            " $$begin return new; end$$;"
            " create trigger mine after insert on auth.users execute function public.tf()"
        )
        connection.execute("create table storage.theirs (a int)")
    seen = catalog(database_url, SUPABASE).objects
    assert {each.schema for each in seen} <= {"", "public", "auth", "storage"}
    managed = [str(each) for each in seen if each.schema in ("auth", "storage")]
    assert managed == ["trigger mine on auth.users", "policy mine on storage.objects"]
    assert "publication supabase_realtime" in {str(each) for each in seen}
    assert not [each for each in seen if each.name == "supabase_admin"]
    assert "table storage.theirs" in {str(each) for each in catalog(database_url).objects}


def test_who_reads(server: Server, base: Mould) -> None:
    """A role without any right sees the same, for catalogs are open to all; a pooler lets it by."""
    with base.copy() as url, connect(server.url("template1")) as admin:
        admin.execute("create role onlooker login password 'sees-and-is-secret'")
        try:
            address = url.replace(url[: url.index("@")], "postgresql://onlooker:sees-and-is-secret")
            seen = catalog(address)
        finally:
            admin.execute("drop role onlooker")
        with pgbouncer(url, "transaction", size=1) as pooled:
            assert diff(base.catalog, catalog(pooled)) == ()
    assert diff(base.catalog, seen) == ()
    assert seen.user == "onlooker"


def test_what_something_needs(base: Mould) -> None:
    """Each object names those that must be there first, through views, defaults and types."""
    needs = {
        str(each.identity): {str(other) for other in each.depends_on}
        for each in base.catalog.objects.values()
    }
    assert "column public.t.gone" in needs["view public.vw"]
    assert "sequence public.sq" in needs["column public.t.counted"]
    assert "enum public.mood" in needs["column public.t.m"]
    assert "constraint parent_pkey on public.parent" in needs["constraint t_pid_fkey on public.t"]
    assert "function public.tf()" in needs["trigger tr on public.t"]
    assert "column public.t.counted" not in needs["sequence public.sq"]
