"""Through a real PgBouncer, in both of its modes."""

import pytest

from ajour.db.pooler import mode
from ajour.db.rows import fetch
from ajour.db.session import Session
from ajour.errors import Refusal
from ajour.events import Done
from ajour.target import parse_url
from poolers import pgbouncer
from runs import file, migrate
from servers import connect

STEPS = "create table t (a int); commit; create index concurrently i on t (a);"


@pytest.mark.parametrize("kind", ["transaction", "session"])
def test_the_mode_is_recognised(database_url: str, kind: str) -> None:
    """What the server says of itself shows a pooler, and who is served while we idle its mode."""
    with pgbouncer(database_url, kind) as url:
        session = Session(parse_url(url))
        pid = int(fetch(session.pgconn, "select pg_backend_pid()::text")[0][0] or 0)
        assert mode(session, pid) == kind
        session.close()


def test_a_direct_connection_is_recognised(database_url: str) -> None:
    """Nothing stands between."""
    session = Session(parse_url(database_url))
    assert mode(session, session.pgconn.backend_pid) == "direct"
    session.close()


@pytest.mark.parametrize("kind", ["transaction", "session"])
def test_transactional_migrations_run(database_url: str, kind: str) -> None:
    """They need no session of their own."""
    files = [file(f"{n}_t.sql", f"create table t{n} (a int);") for n in range(1, 30)]
    with pgbouncer(database_url, kind) as url:
        events = migrate(url, *files)
    assert [each.name for each in events if isinstance(each, Done)] == [f.name for f in files]


def test_steps_need_a_session(database_url: str) -> None:
    """A pooler of transactions is refused with the address to use; one of sessions will do."""
    with pgbouncer(database_url, "transaction") as url:
        with pytest.raises(Refusal, match="session of its own") as refused:
            migrate(url, file("1_t.sql", STEPS))
        assert "5432" in (refused.value.hint or "")
    with connect(database_url) as db:
        assert db.execute("select to_regclass('t')").fetchone() == (None,)
    with pgbouncer(database_url, "session") as url:
        migrate(url, file("1_t.sql", STEPS))
    with connect(database_url) as db:
        found = db.execute("select indisvalid from pg_index where indexrelid = 'i'::regclass")
        assert found.fetchone() == (True,)
