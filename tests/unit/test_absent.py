"""When a migration misses what somebody made by hand."""

import pytest

from ajour.absent import missed
from ajour.errors import MigrationFailed
from ajour.model import Progress
from runs import file


def failure(sqlstate: str, message: str) -> MigrationFailed:
    """Return the error of a failed migration."""
    return MigrationFailed(message, progress=Progress(), sqlstate=sqlstate)


@pytest.mark.parametrize(
    ("sqlstate", "message", "name"),
    [
        ("42P01", 'relation "public.profiles" does not exist', "profiles"),
        ("42P01", 'relation "Form responses" does not exist', "Form responses"),
        ("42703", 'column "x" of relation "profiles" does not exist', "profiles"),
        ("42704", 'type "mood" does not exist', "mood"),
        ("42883", "function app.touch(integer, text) does not exist", "touch"),
        ("3F000", 'schema "app" does not exist', "app"),
    ],
)
def test_what_no_file_creates(sqlstate: str, message: str, name: str) -> None:
    """The name that the server does not know is given without its schema."""
    files = [file("1_a.sql", "create table other (profiles int, mood text); alter table x;")]
    assert missed(failure(sqlstate, message), files) == name


@pytest.mark.parametrize(
    "text",
    [
        "create table profiles ();",
        'CREATE TABLE IF NOT EXISTS "public"."profiles" ();',
        "create or replace view public . profiles as select 1;",
        "create unlogged table profiles ();",
        "alter table people rename to profiles;",
        "create materialized view profiles as select 1;",
    ],
)
def test_what_a_file_creates(text: str) -> None:
    """Then it is a matter of order or of a file's own mistake, and nothing is concluded."""
    error = failure("42P01", 'relation "profiles" does not exist')
    assert missed(error, [file("9_z.sql", text)]) is None


@pytest.mark.parametrize(
    ("sqlstate", "message"),
    [
        ("42601", 'syntax error at or near "x"'),
        ("42P01", 'missing FROM-clause entry for table "p"'),
        ("42704", 'role "app" does not exist'),
        ("42703", "column p.x does not exist"),
    ],
)
def test_other_errors(sqlstate: str, message: str) -> None:
    """Nothing is concluded from errors that are about something else."""
    assert missed(failure(sqlstate, message), []) is None
