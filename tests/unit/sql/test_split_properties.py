import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ajour.errors import Refusal
from ajour.model import Statement
from ajour.sql.split import split

DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "splitter.json").read_text())
WHOLE = [
    *(
        statement
        for case in CASES
        for statement in case["statements"]
        if statement != "!error" and not statement.startswith("copy")
    ),
    *(row["sql"] for row in json.loads((DATA / "no_transaction.json").read_text())),
]
WHOLE = [statement for statement in WHOLE if "stdin" not in statement]
TOKENS = r"""
' '' " $ $$ $a$ $1 ( ) ; ; ; /* */ -- - / * \ \. , . : :: = é 🐎 1 1e 0x1F a a$ U& e' E'\ x' 'a;b'
'it''s' e'\'' $b$;$b$ "a;" select create or replace function procedure begin atomic case end copy
from stdin as returns commit t null values with
"""
FRAGMENTS = [
    *(case["sql"] for case in CASES),
    *(row["sql"] for row in json.loads((DATA / "transaction_control.json").read_text())),
    *TOKENS.split(),
    *["\n\\.\n", "\\restrict x\n", "\\unrestrict x\n", "copy t from stdin;\n1\n\\.\n"],
    *["\n", "\t", "\r\n", "/* ; */", "-- ;\n", "(1, 'x')", "\ncopy t from stdin; -- c\n\\.\n"],
]
SQLISH = st.lists(
    st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(["", " ", " ", "\n", ";", "; "])),
    max_size=30,
).map(lambda parts: "".join(a + b for a, b in parts))
GAPS = st.lists(
    st.sampled_from([" ", "\n", "\t", "-- a; 'b\n", "/* $$ ; /* ' */ */", ";", "\r\n"]), max_size=4
).map("".join)
# No example database: a run does not depend on the runs before it.
quietly = settings(deadline=None, database=None, max_examples=200)


def try_split(sql: str) -> tuple[Statement, ...] | None:
    """Return the statements, or None for a refusal that says where and what to do."""
    try:
        return split(sql)
    except Refusal as refusal:
        error = refusal
    assert error.hint
    assert error.where is not None
    assert error.where.source in sql.split("\n")
    return None


def without_comments(gap: str) -> str:
    """Return a text that holds no quotes without its comments, read character by character."""
    kept, depth, at = "", 0, 0
    while at < len(gap):
        two = gap[at : at + 2]
        if two == "--" and not depth:
            while at < len(gap) and gap[at] not in "\r\n":
                at += 1
            continue
        if two in {"/*", "*/"} and (depth or two == "/*"):
            depth += 1 if two == "/*" else -1
            at += 2
            continue
        kept += "" if depth else gap[at]
        at += 1
    assert depth == 0
    return kept


def gaps_around(sql: str, found: tuple[Statement, ...]) -> list[str]:
    """Return what stands before, between and after the statements; their data is no gap."""
    gaps, done = [], 0
    for statement in found:
        end = statement.offset + len(statement.text)
        assert sql[statement.offset : end] == statement.text
        gaps.append(sql[done : statement.offset])
        done = end
        if statement.copy_data is not None:
            done = sql.index("\n", sql.index(";", end)) + 1
            assert sql.startswith(f"{statement.copy_data}\\.", done)
            gaps[-1] += "".join(without_comments(sql[end:done]).split(";", 1))
            done += len(statement.copy_data) + 2
    return [*gaps, sql[done:]]


@quietly
@given(SQLISH)
def test_statements_and_gaps_make_up_the_text(sql: str) -> None:
    """Statements stand where they say; between them are blanks, comments and semicolons only."""
    found = try_split(sql) or ()
    for number, gap in enumerate(gaps_around(sql, found) if found else []):
        rest = re.sub(r"\\(un)?restrict [a-z]+", "", without_comments(gap))
        assert not rest.strip(" \t\n\r\f\v;\ufeff")
        after_data = number and found[number - 1].copy_data is not None
        assert ";" in rest or after_data or number in {0, len(found)}
    for statement in found:
        assert statement.text.strip(" \t\n\r\f\v") == statement.text != ""


@quietly
@given(SQLISH)
def test_lines_and_columns_agree_with_counting(sql: str) -> None:
    """Line and column are what counting from the start of the text gives."""
    for statement in try_split(sql) or ():
        before = sql[: statement.offset].split("\n")
        assert (statement.line, statement.column) == (len(before), len(before[-1]) + 1)


@quietly
@given(st.lists(st.tuples(st.sampled_from(WHOLE), GAPS, GAPS), max_size=12), GAPS)
def test_joined_statements_come_apart_again(parts: list[tuple[str, str, str]], head: str) -> None:
    """Whole statements joined by semicolons, blanks and comments are found again, each whole."""
    sql = head + "".join(f"{text};{a}{b}" for text, a, b in parts)
    assert [statement.text for statement in split(sql)] == [text for text, _, _ in parts]


@quietly
@given(SQLISH)
def test_no_piece_that_parses_holds_two_statements(sql: str) -> None:
    """The parser of PostgreSQL never finds two statements in one of ours."""
    postgast: Any = import_module("postgast")
    for statement in try_split(sql) or ():
        try:
            tree = postgast.parse(statement.text)
        except postgast.PgQueryError:
            continue
        assert len(tree.stmts) <= 1


@quietly
@given(st.text(max_size=60))
def test_any_text_is_split_or_refused(text: str) -> None:
    """No text at all leads to another error than a refusal."""
    for statement in try_split(text) or ():
        assert statement.text in text
