"""INSERTs of constants are told from those that have to be parsed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ajour.errors import Refusal
from ajour.model import Migration
from ajour.sql.parse import parse
from ajour.sql.split import split
from ajour.sql.steps import script

PIECES = r"""
'a' 'it''s' '' e'\n' 1 -1 2.50 1. .5 null true default 'a'::text 1:: ::text now() t x.y "T" --c
/*c*/ 1+1 select 1),(2 1)returning(id ) ( , 1)on conflict do nothing 'a''b'c'
"""
LISTS = st.lists(st.sampled_from(PIECES.split()), min_size=1, max_size=4)


def are_plain_rows(sql: str) -> bool:
    """Tell whether a text is one statement, and known to hold nothing but rows of constants."""
    try:
        return [each.rows for each in split(sql)] == [True]
    except Refusal:
        return False


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t values (1)",
        "-- one; (\ninsert into t values (1) ;\n",
        "INSERT INTO public.t (id, \"Name\")\nVALUES\n  (1, 'it''s; (-- x'),\n  (-2.5, NULL)",
        "insert into t (at, doc) values ('2024-01-01'::timestamptz, '{\"a\": 1}'::jsonb)",
        "insert into t values (default, true, false)",
    ],
)
def test_constants_are_plain(sql: str) -> None:
    """Rows of constants need no parsing, with or without names of columns."""
    assert are_plain_rows(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t values (now())",
        "insert into t values (dblink_exec('x'))",
        "insert into t select 1",
        "insert into t values (1) returning id",
        "insert into t values (1) on conflict do nothing",
        "with x as (delete from u) insert into t values (1)",
        "insert into t values (1,)",
        "insert into t values (1",
        "insert into t values ((select 1))",
        "insert into t values (e'\\'')",
        "insert into t values (1 /* ajour: */)",
        "insert into t values (1), (2; select 3)",
        f"insert into {'t' * 64} values (1)",
        f'insert into "{"ü" * 32}" values (1)',
        "update t set a = 1",
    ],
)
def test_all_else_is_parsed(sql: str) -> None:
    """Calls, queries, comments, long names and what has a mistake are left to the parser."""
    assert not are_plain_rows(sql)


@settings(deadline=None, database=None, max_examples=400)
@given(LISTS)
def test_what_is_plain_can_be_read_and_calls_nothing(pieces: list[str]) -> None:
    """The parser reads each statement that is called plain, and finds rows of constants in it."""
    sql = f"insert into t values ({', '.join(pieces)})"
    if are_plain_rows(sql):
        nodes = parse(sql)
        assert nodes is not None
        assert [node.kind for node in nodes] == ["InsertStmt"]
        kinds = {node.kind for node in nodes[0].walk()}
        assert not kinds & {"FuncCall", "SubLink", "A_Expr", "ColumnRef", "OnConflictClause"}


def test_rows_of_a_large_text_tell_nothing() -> None:
    """Of a large text what can do something is left, and which table each INSERT names."""
    rows = ",\n".join(f"({number}, 'temp')" for number in range(30_000))
    large = f"create table t (a int, b text);\ninsert into t values {rows};\nselect now();"
    read = script(Migration("1_a.sql", "1_a.sql", large, ""))
    assert [each.rows for each in read.steps[0].statements] == [False, True, False]
    words = read.words
    assert words.startswith("create table t (a int, b text)\ninsert into t values (0, 'temp')")
    assert words.endswith("\nselect now()")
    assert len(words) < 1_000
    small = "insert into t values (1); -- all of it"
    assert script(Migration("2_b.sql", "2_b.sql", small, "")).words == small
