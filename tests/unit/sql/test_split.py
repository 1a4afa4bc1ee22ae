import contextlib
import json
import time
from pathlib import Path

import pytest

from ajour.errors import Refusal
from ajour.model import Statement
from ajour.sql.split import leading_words, split

CASES = json.loads((Path(__file__).parent / "data" / "splitter.json").read_text())

REFUSED = {
    # psql reads variables and runs commands here; ajour refuses the file.
    "psql meta": (1, 1, r"\set is a command of psql"),
    "psql \\gexec": (1, 12, r"\gexec is a command of psql"),
    "unterminated $$": (1, 14, "dollar quote that begins here is not closed"),
}


def texts(sql: str) -> list[str]:
    """Return the texts of the statements."""
    return [statement.text for statement in split(sql)]


def refusal(sql: str) -> Refusal:
    """Return the refusal that splitting must raise."""
    with pytest.raises(Refusal) as caught:
        split(sql, "migrations/1_a.sql")
    return caught.value


def place_of(error: Refusal) -> tuple[str | None, int | None, int | None]:
    """Return file, line and column of a refusal."""
    assert error.where is not None
    return error.where.file, error.where.line, error.where.column


def test_all_cases_are_there() -> None:
    """The file of cases holds the 35 awkward texts, the refused ones among them."""
    assert len(CASES) == 35
    assert {case["name"] for case in CASES} > set(REFUSED)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["name"] not in REFUSED], ids=lambda case: case["name"]
)
def test_cases_split_as_psql_splits_them(case: dict[str, object]) -> None:
    """Each awkward text gives the statements that psql would send."""
    assert texts(str(case["sql"])) == case["statements"]


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["name"] in REFUSED], ids=lambda case: case["name"]
)
def test_refused_cases_say_where_and_what_to_do(case: dict[str, str]) -> None:
    """What cannot be run is refused with its place and a remedy."""
    line, column, words = REFUSED[case["name"]]
    error = refusal(case["sql"])
    assert place_of(error) == ("migrations/1_a.sql", line, column)
    assert words in error.message
    assert error.hint


def told(found: tuple[Statement, ...]) -> list[tuple[object, ...]]:
    """Return all that is known of statements, each with the data of its COPY."""
    return [(each.text, each.offset, each.line, each.column, each.copy_data) for each in found]


def test_positions_count_characters_lines_and_columns() -> None:
    """Offset counts from 0, line and column from 1; letters beyond ASCII count once."""
    second = "  -- ž;\n  select\n 2"
    assert told(split("select '🐎';" + second)) == [
        ("select '🐎'", 0, 1, 1, None),
        ("select\n 2", 21, 2, 3, None),
    ]


def test_crlf_is_borne() -> None:
    """A text whose CRLF was left in gives the same statements, and lines count by LF."""
    found = split("select 1;\r\n\r\nselect '\r\n;';\r\n")
    assert [(each.text, each.line) for each in found] == [("select 1", 1), ("select '\r\n;'", 3)]


@pytest.mark.parametrize(
    "sql",
    [
        "select e'a'\n -- b\n 'c\\'; drop table t; --'",
        "select E'\\\\', ';'",
        "select date'2020-01-01\\'",
        "select a$e'\\'",
        "select $$x$$e'\\';'",
        "select 1$$;$$",
        "select $1$a$;$a$",
        "select note'x', '''', ''';'",
        "create function f() returns int begin atomic select 1; end",
        "create function f() returns int begin /* ; */ atomic select case 1 when 1 then 2 end; end",
        "create or -- c\n replace /* d */ procedure p() begin atomic; ; end",
        "create function f(a text default 'begin atomic;') returns int return 1",
        "select 1 as begin",
    ],
)
def test_one_statement_stays_one(sql: str) -> None:
    """Quotes, names, numbers, bodies and parentheses keep their semicolons to themselves."""
    assert texts(f"{sql};") == [sql]


def test_a_function_called_begin_does_not_swallow_what_follows() -> None:
    """Only BEGIN ATOMIC opens a body, so that a name cannot."""
    first = "create function begin() returns int language sql return 1"
    assert texts(f"{first}; select 2;") == [first, "select 2"]


def test_parentheses_out_of_balance_are_left_to_the_server() -> None:
    """One too many changes nothing, one too few takes in all that follows, as in psql."""
    assert texts("select ((1); select 2;") == ["select ((1); select 2;"]
    assert texts("select 1); select 2;") == ["select 1)", "select 2"]


@pytest.mark.parametrize(
    ("sql", "line", "column", "what"),
    [
        ("select 1;\n  select 'it''s", 2, 10, "string"),
        ("select 1, '''''x", 1, 11, "string"),
        ("select e'a\\'", 1, 8, "string"),
        ('create table "a""b', 1, 14, "name"),
        ("do $x$ $y$", 1, 4, "dollar quote"),
        ("select 1; /* a /* b */\n", 1, 11, "comment"),
        ("select 1 -- '\n/* ", 2, 1, "comment"),
    ],
)
def test_what_is_not_closed_points_at_its_opening(
    sql: str, line: int, column: int, what: str
) -> None:
    """A string, name, dollar quote or comment without an end is refused where it begins."""
    error = refusal(sql)
    assert place_of(error) == ("migrations/1_a.sql", line, column)
    assert f"The {what} that begins here" in error.message
    assert "Close it with" in str(error.hint)


class TestCopy:
    """COPY … FROM STDIN and the data below it."""

    def test_data_goes_with_its_statement(self) -> None:
        """The lines up to the backslash and dot are data, whatever stands in them."""
        sql = "copy t (a, b) from stdin; -- two\n1\t';\n\\N\t$$\n\\.\n\nselect 2;"
        assert told(split(sql)) == [
            ("copy t (a, b) from stdin", 0, 1, 1, "1\t';\n\\N\t$$\n"),
            ("select 2", sql.index("select 2"), 6, 1, None),
        ]

    @pytest.mark.parametrize(
        "copy",
        [
            "COPY t FROM STDIN",
            'copy "from" from /* c */ stdin with (format csv)',
            "copy t(a) from stdout",
            "copy t from -- c\n stdin",
        ],
    )
    def test_spellings(self, copy: str) -> None:
        """Case, quotes, comments and options make no difference; data may be empty."""
        (found,) = split(f"{copy};\n\\.\n")
        assert (found.text, found.copy_data) == (copy, "")

    @pytest.mark.parametrize(
        "copy",
        [
            "copy t from 'file'",
            "copy t from program 'stdin'",
            "copy (select a from stdin) to 'x'",
            "copy t to stdout",
            'copy t from "stdin"',
        ],
    )
    def test_other_copies_have_no_data(self, copy: str) -> None:
        """A COPY that does not read the script is a statement like others."""
        assert told(split(f"{copy}; select 1")) == [
            (copy, 0, 1, 1, None),
            ("select 1", len(copy) + 2, 1, len(copy) + 3, None),
        ]

    def test_data_with_crlf_ends_as_well(self) -> None:
        """A closing line that ends in CRLF is one."""
        assert [each.copy_data for each in split("copy t from stdin;\r\n1\r\n\\.\r\n")] == ["1\r\n"]

    def test_a_missing_end_is_refused_at_the_copy(self) -> None:
        """Data without its end is refused with the place of its COPY."""
        error = refusal("select 1;\ncopy t from stdin;\n1\n\\.x\n")
        assert place_of(error) == ("migrations/1_a.sql", 2, 1)
        assert "has no end" in error.message

    def test_a_statement_behind_the_semicolon_is_refused(self) -> None:
        """What follows COPY on its line would run after the data: too surprising to keep."""
        error = refusal("copy t from stdin; select 1;\n1\n\\.\n")
        assert place_of(error) == ("migrations/1_a.sql", 1, 20)
        assert "behind the semicolon" in error.message


class TestPsqlCommands:
    """Backslashes outside quotes, comments and bodies."""

    def test_restrict_is_skipped(self) -> None:
        """The two lines that pg_dump writes around a dump are passed over."""
        sql = "\\restrict aB3\n\nselect 1; \\unrestrict aB3\n-- end\n"
        assert told(split(sql)) == [("select 1", 15, 3, 1, None)]

    @pytest.mark.parametrize("sql", ["select 1\n\\restrict a\n;", "\\restrict a \\\\ select 1;\n"])
    def test_restrict_inside_a_statement_is_refused(self, sql: str) -> None:
        """Skipping it there would change or lose SQL."""
        assert "line of its own" in str(refusal(sql).hint)

    @pytest.mark.parametrize(
        ("command", "remedy"),
        [
            ("\\i other.sql", "migration of its own"),
            ("\\ir other.sql", "migration of its own"),
            ("\\copy t from 'x'", "COPY … FROM STDIN"),
            ("\\connect other", "one database"),
            ("\\c other", "one database"),
            ("\\set a 1", "Write the value itself"),
            ("\\if :a", "Write the value itself"),
            ("\\gexec", "EXECUTE"),
            ("\\g", "semicolon"),
            ("\\; select 2", "semicolon"),
            ("\\echo done", "RAISE NOTICE"),
            ("\\! ls", "SQL and nothing else"),
            ("\\.", "no data of COPY"),
            ("\\d t", "plain SQL"),
            ("\\", "plain SQL"),
        ],
    )
    def test_others_are_refused_by_name(self, command: str, remedy: str) -> None:
        """Each other command is named, with what to write instead."""
        error = refusal(f"select 1;\n select 2 {command}\n;")
        assert place_of(error) == ("migrations/1_a.sql", 2, 11)
        assert error.message.startswith(f"{command.split()[0]} is a command of psql")
        assert remedy in str(error.hint)

    def test_backslashes_in_bodies_strings_and_comments_are_text(self) -> None:
        """A line of a function body may begin with a backslash."""
        sql = "do $$\n\\i x\n$$; select '\n\\i x', \"\\i\" /* \\i */ -- \\i\n"
        assert len(texts(sql)) == 2


def test_leading_words_pass_over_comments() -> None:
    """The first words are found in lower case, up to what is no word."""
    assert leading_words("/* a */ CREATE -- b\n Index if;", 9) == ("create", "index", "if")
    assert leading_words("select 'a' from t", 9) == ("select",)
    assert leading_words("a b c", 2) == ("a", "b")


HOSTILE = """' ''' $ $a $$ 1$ a$- /* */ ( ) " - e' ; /**/ select(1); E'\\' copy()from-1 begin/**/"""


@pytest.mark.parametrize("piece", [*HOSTILE.split(" "), "--\n", "E'a'\n", "create function begin "])
@pytest.mark.parametrize("head", ["", "create function f() ", "e'"])
def test_time_grows_with_the_text_and_no_faster(head: str, piece: str) -> None:
    """A hundred thousand hostile characters cost milliseconds: nothing is read again and again."""
    sql = head + piece * (100_000 // len(piece))
    before = time.process_time()
    with contextlib.suppress(Refusal):
        split(sql)
    assert time.process_time() - before < 2
