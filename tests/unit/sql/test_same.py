"""When two texts are the same SQL."""

import pytest

from ajour.sql.same import sameness

SAME = [
    ("create table a (b int);", "-- why\nCREATE   TABLE a(b INT) /* how */\n;\n"),
    ("select 1; select 2", "select 1;;\n\n-- x\nselect 2;"),
    ("begin; create table a (); commit;", "create table a ();"),
    ("select 'it''s'", "select  'it''s' ;"),
    ("select 1;\r\nselect 2;\r\n", "select 1;\nselect 2;\n"),
    ("select E'a\\'b', 1", "SELECT E'a\\'b' , 1"),
    ("do $x$ begin null; end $x$", "DO $x$ begin null; end $x$ -- done"),
]

OTHER = [
    ("select 'A'", "select 'a'"),
    ('select "A"', 'select "a"'),
    ("select 'a  b'", "select 'a b'"),
    ("do $$ a  b $$", "do $$ a b $$"),
    ("select a b", "select ab"),
    ("select 1; select 2", "select 2; select 1"),
    ("select 1", "select 1; select 1"),
    ("copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n2\n\\.\n"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_the_same(one: str, two: str) -> None:
    """Comments, blanks, the case of words and a transaction around it do not count."""
    assert sameness(one) is not None
    assert sameness(one) == sameness(two)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_not_the_same(one: str, two: str) -> None:
    """What stands in quotes counts to the letter, and so do the order and the number."""
    assert sameness(one) != sameness(two)


@pytest.mark.parametrize("text", ["", "-- nothing", "begin; commit;", "select 'open"])
def test_nothing_to_compare(text: str) -> None:
    """A text without statements, or one that cannot be cut, is the same as nothing."""
    assert sameness(text) is None
