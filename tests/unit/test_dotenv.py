"""One variable out of a .env file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ajour.dotenv import read
from ajour.errors import UsageError

NAME = "SUPABASE_DB_URL"
SECRET = "hunter2"


def value(text: str) -> str | None:
    """Return what a text gives the variable."""
    entry = read(text, ".env", NAME)
    return entry and entry.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUPABASE_DB_URL=postgres://u@h/db", "postgres://u@h/db"),
        ("export SUPABASE_DB_URL=x", "x"),
        ("  export\tSUPABASE_DB_URL = x  ", "x"),
        ('SUPABASE_DB_URL="x y#z"', "x y#z"),
        ("SUPABASE_DB_URL='x y \"#\" \\ ${A} `id`'", 'x y "#" \\ ${A} `id`'),
        ("SUPABASE_DB_URL=x # comment", "x"),
        ("SUPABASE_DB_URL=x #comment", "x"),
        ("SUPABASE_DB_URL='x' # it's", "x"),
        ("SUPABASE_DB_URL=", ""),
        ("SUPABASE_DB_URL= # later", ""),
        ("SUPABASE_DB_URL=''", ""),
        ("SUPABASE_DB_URL=a$b$$c", "a$b$$c"),
        ("\ufeffSUPABASE_DB_URL=x\r\nB=y\r\n", "x"),
        ("# SUPABASE_DB_URL=x", None),
        ("MY_SUPABASE_DB_URL=x\nSUPABASE_DB_URL_OLD=y\nSUPABASE_DB_URL-2=z", None),
        ("supabase_db_url=x", None),
        ("", None),
    ],
)
def test_what_is_written_is_the_value(text: str, expected: str | None) -> None:
    """Quotes, comments, export, byte order mark and CRLF as everywhere; nothing is expanded."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"SUPABASE_DB_URL='{SECRET}", "no closing '"),
        (f'SUPABASE_DB_URL="{SECRET}', 'no closing "'),
        (f"SUPABASE_DB_URL='{SECRET}'x", "follows the value"),
        (f"SUPABASE_DB_URL='{SECRET}'#x", "follows the value"),
        (f"SUPABASE_DB_URL={SECRET}#x", "in different ways"),
        (f"SUPABASE_DB_URL={SECRET} x", "in different ways"),
        (f"SUPABASE_DB_URL={SECRET}\\x", "in different ways"),
        (f"SUPABASE_DB_URL={SECRET}'x'", "in different ways"),
        (f'SUPABASE_DB_URL="{SECRET}\\n"', "in different ways"),
        (f"SUPABASE_DB_URL={SECRET}${{X}}", "expands and runs nothing"),
        (f'SUPABASE_DB_URL="{SECRET}$(id)"', "expands and runs nothing"),
        (f"SUPABASE_DB_URL={SECRET}`id`", "expands and runs nothing"),
        (f"SUPABASE_DB_URL: {SECRET}", "not followed by `=`"),
        ("export SUPABASE_DB_URL", "not followed by `=`"),
    ],
)
def test_what_tools_read_in_different_ways_is_refused(line: str, words: str) -> None:
    """The error has the place and the remedy, and nothing of the value."""
    with pytest.raises(UsageError, match=words) as error:
        read(f"A=1\n\n{line}\n", ".env", NAME)
    problem = error.value
    assert problem.where is not None
    assert (problem.where.file, problem.where.line, problem.where.source) == (".env", 3, None)
    assert problem.hint
    assert SECRET not in problem.message + problem.hint


def test_a_variable_that_is_set_twice_is_refused() -> None:
    """Tools disagree about which one counts."""
    with pytest.raises(UsageError, match="lines 1 and 3"):
        read("SUPABASE_DB_URL=a\n\nexport SUPABASE_DB_URL=a\n", ".env", NAME)


def test_the_rest_of_the_file_is_the_projects_affair() -> None:
    """Lines that could not be read do not matter as long as nobody asks for them."""
    text = "A='open\nB=$(id)\nB=2\nhello world\n=\n" + NAME + "=x\nKEY: yes"
    assert read(text, ".env", NAME) == ("x", 6)


@given(st.text(st.characters(exclude_characters="'\n", exclude_categories=["Cs"])))
def test_single_quotes_keep_everything(text: str) -> None:
    """Whatever stands between single quotes on one line is the value."""
    assert value(f"{NAME}='{text.removesuffix(chr(13))}' # comment") == text.removesuffix("\r")


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    """Any text is read, or refused by a usage error."""
    try:
        entry = read(f"{NAME}{text}", ".env", NAME)
    except UsageError:
        return
    assert entry is None or isinstance(entry.value, str)
