"""What is said of locks and relations is what a real server does."""

from collections.abc import Iterator
from typing import get_args

import psycopg
import pytest

from ajour.db.relations import look
from ajour.effects import Lock
from ajour.model import Relation
from ajour.report.plan import conflict
from servers import Connection, connect

MODES: tuple[Lock, ...] = get_args(Lock)


@pytest.fixture
def server(plain_database_url: str) -> Iterator[tuple[Connection, Connection]]:
    """Give two connections to a database with one table."""
    with connect(plain_database_url) as one, connect(plain_database_url) as other:
        one.execute("create table t (id int primary key, v text)")
        yield one, other


def test_which_locks_conflict(server: tuple[Connection, Connection]) -> None:
    """For each pair of modes: the second session gets its lock exactly if none is said."""
    one, other = server
    for first in MODES:
        one.execute("begin")
        one.execute(f"lock table t in {first} mode".encode())
        for second in MODES:
            other.execute("begin")
            try:
                other.execute(f"lock table t in {second} mode nowait".encode())
                got = True
            except psycopg.errors.LockNotAvailable:
                got = False
            other.execute("rollback")
            assert conflict(first, second) is not got, f"{first} and {second}"
        one.execute("rollback")


def test_a_relation_is_told_of_under_any_lock(server: tuple[Connection, Connection]) -> None:
    """Who holds the strongest lock keeps nobody from being told of; the size is an estimate."""
    one, other = server
    other.execute("insert into t select g from generate_series(1, 1000) g")
    other.execute("create unique index lower_v on t (lower(v)) where v is not null")
    other.execute("alter table t add constraint c check (v <> '')")
    other.execute("analyze t")
    (free,) = look(one.pgconn, [Relation("public", "t")]).relations
    other.execute("begin")
    other.execute("lock table t in access exclusive mode")
    (held,) = look(one.pgconn, [Relation("public", "t")]).relations
    assert (free.exact, held.exact) == (True, False)
    assert free.definition == held.definition
    assert (free.rows, held.rows) == (1000, 1000)
    assert held.heap > 0
    assert [(each.lock, each.granted) for each in held.holders] == [("ACCESS EXCLUSIVE", True)]
    assert free.key == ("id",)


@pytest.mark.parametrize(
    "change",
    [
        "alter table t add column w int",
        "alter table t alter v set not null",
        "alter table t add check (id > 0)",
        "create index on t (v)",
        "create index on t (lower(v))",
        "alter table t drop constraint t_pkey",
    ],
)
def test_another_definition_is_seen(server: tuple[Connection, Connection], change: str) -> None:
    """Each change to columns, constraints and indexes gives another hash; rows give none."""
    one, other = server
    (before,) = look(one.pgconn, [Relation("public", "t")]).relations
    other.execute("insert into t values (1, 'a')")
    (same,) = look(one.pgconn, [Relation("public", "t")]).relations
    other.execute(change.encode())
    (after,) = look(one.pgconn, [Relation("public", "t")]).relations
    assert before.definition == same.definition
    assert before.definition != after.definition


def test_what_is_not_there_is_left_out(server: tuple[Connection, Connection]) -> None:
    """Two names are asked for, and one is known."""
    one, _ = server
    world = look(one.pgconn, [Relation("public", "missing"), Relation("public", "t")])
    assert [str(each.relation) for each in world.relations] == ["public.t"]
    assert "/test_" in world.database
