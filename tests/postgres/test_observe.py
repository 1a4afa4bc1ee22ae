from collections.abc import Iterator

import pytest

from ajour.db.observe import observe, observe_alone
from ajour.effects import Observation, Observed
from ajour.sql.split import split
from servers import Connection, connect

FIXTURE = """
create table t (id int primary key, v int);
insert into t select g, g from generate_series(1, 5000) g;
create function slow(int) returns int language plpgsql immutable as
  $$ begin perform pg_sleep(0.001); return $1; end $$;
analyze;
"""


@pytest.fixture
def scratch(plain_database_url: str) -> Iterator[Connection]:
    """Give a database with one table, to be watched."""
    with connect(plain_database_url) as connection:
        for statement in split(FIXTURE):
            connection.execute(statement.text.encode())
        yield connection


def one(observation: Observation, name: str) -> Observed:
    """Return what was seen of the relation of this name."""
    return next(each for each in observation.relations if each.relation.name == name)


def test_each_statement_is_told_of_by_itself(scratch: Connection) -> None:
    """A lock that the transaction has already is not new, and what was done before is not again."""
    sql = "alter table t add column w int; alter table t alter column v type bigint; select 1"
    first, second, third = observe(scratch.pgconn, split(sql))
    assert one(first, "t").lock == "ACCESS EXCLUSIVE"
    assert not one(first, "t").rewritten
    rewritten = one(second, "t")
    assert rewritten.lock is None
    assert (rewritten.rewritten, rewritten.scanned, rewritten.built) == (True, True, ("t_pkey",))
    assert rewritten.rows_read >= 5000
    assert third.relations == ()


def test_time_and_log_are_measured(scratch: Connection) -> None:
    """How long it took and what it wrote is the server's own answer."""
    sql = "select pg_sleep(0.2); insert into t select g from generate_series(6000, 16000) g"
    asleep, filled = observe(scratch.pgconn, split(sql))
    assert 200 <= asleep.duration_ms < 2000
    assert asleep.wal_bytes < 10_000
    assert filled.wal_bytes > 10_000 * 30, "each row takes more than 30 bytes"


def test_all_is_taken_back_unless_it_is_kept(scratch: Connection) -> None:
    """Watching changes nothing, unless it is told to."""
    made = split("create table made (id int); insert into made values (1)")
    observe(scratch.pgconn, made)
    assert scratch.execute("select to_regclass('made')").fetchone() == (None,)
    observe(scratch.pgconn, made, keep=True)
    assert scratch.execute("select count(*) from made").fetchone() == (1,)
    assert scratch.execute("show client_min_messages").fetchone() == ("notice",)


def test_the_first_failure_ends_it(scratch: Connection) -> None:
    """A statement that fails is told of with its SQLSTATE; nothing is kept of those before it."""
    sql = "create table made (id int); select 1 / 0; select 2"
    made, broken = observe(scratch.pgconn, split(sql), keep=True)
    assert made.error is None
    assert broken.error == "22012 division by zero"
    assert broken.relations == ()
    assert scratch.execute("select to_regclass('made')").fetchone() == (None,)


def test_do_blocks_hide_nothing(scratch: Connection) -> None:
    """What a DO block does is seen like anything else, and what the server says about it."""
    sql = "do $$ begin execute 'alter table t alter v set not null'; raise notice 'hello'; end $$"
    (observation,) = observe(scratch.pgconn, split(sql))
    assert one(observation, "t").scanned
    assert {"hello", 'verifying table "t"'} <= set(observation.said)


def test_what_is_created_and_dropped(scratch: Connection) -> None:
    """New relations and those that go are marked as such, by the names that they have or had."""
    renamed, dropped = observe(scratch.pgconn, split("alter table t rename to u; drop table u"))
    assert one(renamed, "t").lock == "ACCESS EXCLUSIVE"
    assert one(dropped, "t_pkey").dropped
    (created,) = observe(scratch.pgconn, split("create table n (id int primary key)"))
    assert one(created, "n").created
    assert one(created, "n").built == ("n_pkey",)


def test_data_of_copy_is_sent(scratch: Connection) -> None:
    r"""COPY … FROM STDIN gets the lines that follow it."""
    (observation,) = observe(scratch.pgconn, split("copy t from stdin;\n7001\t1\n7002\t2\n\\.\n"))
    assert observation.error is None
    assert one(observation, "t").lock == "ROW EXCLUSIVE"


def test_what_runs_alone_is_watched_from_outside(
    scratch: Connection, plain_database_url: str
) -> None:
    """CREATE INDEX CONCURRENTLY cannot be in a transaction: another session sees its locks."""
    sql = "create index concurrently i on t (slow(v)) where v < 300"
    with connect(plain_database_url) as onlooker:
        observation = observe_alone(scratch.pgconn, onlooker.pgconn, split(sql)[0])
        assert observation.error is None
        assert observation.sampled
        table = one(observation, "t")
        assert table.lock == "SHARE UPDATE EXCLUSIVE"
        assert (table.built, table.scanned, table.rewritten) == (("i",), True, False)
        assert observation.duration_ms >= 299
        valid = "select indisvalid from pg_index where indexrelid = 'i'::regclass"
        assert scratch.execute(valid).fetchone() == (True,)
        failed = observe_alone(scratch.pgconn, onlooker.pgconn, split("vacuum nowhere")[0])
    assert failed.error == '42P01 relation "nowhere" does not exist'
    assert scratch.execute("show client_min_messages").fetchone() == ("notice",)
