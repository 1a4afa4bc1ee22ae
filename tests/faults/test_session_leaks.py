from collections.abc import Iterator

import pytest

from ajour.errors import MigrationFailed, Refusal
from ajour.model import Migration
from runs import file, migrate
from servers import Server, connect
from ways import SESSION, Way, cases, hidden

MORE = {
    "an advisory lock": "select pg_advisory_lock(7)",
    "a channel": "listen news",
    "a cursor": "declare c cursor with hold for select 1",
    "a temporary table": "create temp table mine (a int)",
    "a temporary table with something deferred": """
        create temp table p (id int primary key);
        create temp table c (id int references p deferrable initially deferred);
        insert into p values (1);
        insert into c values (1)""",
    "a statement prepared in a function": hidden("prepare hidden as select 1"),
    "discard temp": "create temp table mine (a int); discard temp; listen news",
    "replica": "set session_replication_role = replica",
    "another user": "set session authorization anon",
    "another user and back": "set session authorization anon; reset session authorization",
    "a setting of one's own": "set app.tenant = '7'",
    "all deferred": "set constraints all deferred",
    "a hidden temporary table": hidden("create temp table migrations (zzz int)"),
    "a hidden temporary table that stays": hidden("create temp table mine (a int)"),
    "a hidden channel": hidden("listen news"),
    "a hidden lock": hidden("select pg_advisory_lock(7)"),
    "all forgotten": "deallocate all",
    "all forgotten unseen": hidden("deallocate all"),
    "all forgotten, and something prepared": hidden("deallocate all") + "; prepare p as select 1",
}
LEAKS = {name: sql for name, sql in (cases("session_leaks.json") | MORE).items() if sql}
SHADOW = "temp table migrations"


@pytest.fixture
def _settings_restored(server: Server) -> Iterator[None]:
    """Undo what a test sets for the role: it belongs to the server, not to the database."""
    yield
    with connect(server.url("template1")) as db:
        db.execute('alter role postgres set search_path = "$user", public, extensions')


def seen(name: str) -> Migration:
    """Return a file that keeps the session it finds as a table of that name."""
    ours = "what not in ('lock', 'prepared') or value !~ '^[0-9]+$'"  # the run's own lock
    return file(
        f"{name}.sql", f"create table public.{name} as select * from ({SESSION}) s where {ours}"
    )


def leak(name: str, way: Way) -> str:
    """Return the text of a leak for this database."""
    database = way.direct.rpartition("/")[2]
    text = LEAKS[name].replace("alter database lab", f"alter database {database}")
    return text.replace("1ms", "900ms") + ";\n"  # on a busy machine no statement ends in 1 ms


@pytest.mark.usefixtures("_settings_restored")
@pytest.mark.parametrize("name", [name for name in LEAKS if name != SHADOW])
def test_a_session_is_clean_after_a_file(way: Way, name: str) -> None:
    """Neither the next file nor the next client of the pool meets what a file has left behind."""
    before = way.session()
    migrate(way.url, seen("a"), file("b.sql", leak(name, way)), seen("c"))
    assert way.history() == ["a.sql", "b.sql", "c.sql"]
    assert way.rows("table public.a except table public.c") == []
    assert way.rows("table public.c except table public.a") == []
    assert way.session() == before


def test_what_a_session_remembers_of_sequences_ends_with_the_file(database_url: str) -> None:
    """A file that leans on what an earlier one did fails in every run, not only in some."""
    first = file("1_a.sql", "create sequence s; select nextval('s');")
    with pytest.raises(MigrationFailed, match="lastval is not yet defined in this session"):
        migrate(database_url, first, file("2_b.sql", "select lastval();"))


def test_a_session_is_clean_after_a_file_that_fails(pooled_way: Way) -> None:
    """What it left is gone with it, also what no rollback undoes."""
    way, before = pooled_way, pooled_way.session()
    for name in [name for name in LEAKS if name != SHADOW]:
        text = "create table a ();" + leak(name, way) + "select 1/0;"
        with pytest.raises(MigrationFailed, match="division by zero"):
            migrate(way.url, file("a.sql", text))
        assert (way.history(), way.tables()) == ([], set()), name
        assert way.session() == before, name
    migrate(way.url, file("a.sql", "create table a ();"))
    assert (way.history(), way.tables()) == (["a.sql"], {"a"})


@pytest.mark.parametrize("text", ["discard all;", LEAKS[SHADOW]])
def test_what_would_end_or_hide_what_a_run_needs_is_refused(way: Way, text: str) -> None:
    """DISCARD ALL would end the lock, and a temporary table would hide the history."""
    with pytest.raises(Refusal):
        migrate(way.url, file("a.sql", "create table a ();" + text))
    assert way.tables() == set()


@pytest.mark.parametrize(
    "text",
    [
        "set role anon",
        "set search_path = ''",
        "set lock_timeout = '7s'",
        "prepare p as select 1",
        "create temp table mine (a int)",
        "select pg_advisory_lock(7)",
        "declare c cursor with hold for select 1",
        "listen news",
    ],
)
def test_a_pooler_passes_on_what_others_leave(pooled_way: Way, text: str) -> None:
    """So the tests above would notice: a client without our care leaves its session to the next."""
    before = pooled_way.session()
    with connect(pooled_way.url) as client:
        client.execute(text)
    assert pooled_way.session() != before
