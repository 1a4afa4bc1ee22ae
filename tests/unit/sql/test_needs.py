"""What files ask for before they can run."""

import pytest

from ajour.sql.needs import CREATE, CREATEDB, CREATEROLE, SUPERUSER, Needs
from ajour.sql.split import split


def needs(text: str) -> Needs:
    """Return what a text needs."""
    found = Needs()
    found.add(split(text))
    return found


@pytest.mark.parametrize(
    "text",
    [
        'alter table s."T" add a int',
        'create index on s."T" (a)',
        'alter table s."T" rename to u',
        'alter table s."T" set schema u',
        'drop table if exists s."T" cascade',
        'drop table db.s."T"',
        '/* why */ alter table only s."T" enable row level security',
    ],
)
def test_a_table_that_must_be_ones_own(text: str) -> None:
    """Its name is as SQL writes it, whatever statement changes it."""
    assert needs(text).tables == {'"s"."T"'}


@pytest.mark.parametrize(
    "text",
    [
        "create table t (); alter table t add a int",
        "create table t as select 1 as a; create index on t (a)",
        "create table if not exists t (); drop table t",
        "insert into t values (1)",
        "select 'alter table t'",
        "create trigger x after insert on t for each row execute function f()",
        "alter tabel t add a int",
    ],
)
def test_a_table_that_need_not(text: str) -> None:
    """What the files make themselves is theirs; a trigger takes a right, not the ownership."""
    assert needs(text).tables == set()


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("create schema s", {CREATE}),
        ("create publication p for all tables", {CREATE}),
        ("create role r; create user u", {CREATEROLE}),
        ("create database d", {CREATEDB}),
        ("alter system set work_mem = '1MB'", {SUPERUSER}),
        ("create event trigger e on ddl_command_end execute function f()", {SUPERUSER}),
        ("create table t ()", set()),
    ],
)
def test_rights_of_a_role(text: str, rights: set[str]) -> None:
    """Those that go beyond the schema."""
    assert needs(text).rights == rights


def test_extensions() -> None:
    """By their names, quoted or not."""
    text = 'create extension "uuid-ossp"; create extension if not exists citext schema extensions;'
    assert needs(text).extensions == {"uuid-ossp", "citext"}
