import pytest

from ajour.sql.allow import Comment, comments
from ajour.sql.parse import syntax_error
from ajour.sql.split import split


def found(text: str) -> list[tuple[int, Comment]]:
    """Return the comments of a text, each with the index of its statement."""
    return list(comments(text, split(text)))


@pytest.mark.parametrize(
    ("comment", "rules", "reason"),
    [
        ("-- ajour: allow drop-table no rows", ("drop-table",), "no rows"),
        ("--ajour:allow drop-table no rows", ("drop-table",), "no rows"),
        ("\t--  AJOUR: Allow DROP-table: no rows  ", ("drop-table",), "no rows"),
        ("-- ajour: allow drop-table, cascade no, rows", ("drop-table", "cascade"), "no, rows"),
        ("-- ajour: allow drop-table,cascade — no rows", ("drop-table", "cascade"), "no rows"),
        ("-- ajour: allow drop-table", ("drop-table",), ""),
        ("-- ajour: allow", (), ""),
    ],
)
def test_a_comment_names_rules_and_a_reason(
    comment: str, rules: tuple[str, ...], reason: str
) -> None:
    """Names with commas between; what follows is the reason."""
    ((index, read),) = found(f"{comment}\ndrop table a;")
    assert (index, read.rules, read.reason, read.understood) == (0, rules, reason, True)


def test_a_comment_is_about_the_statement_below_it() -> None:
    """Other comments, blank lines, BEGIN and the data of COPY may stand around it."""
    text = (
        "copy a from stdin;\n-- ajour: allow x data, not a comment\n\\.\n"
        "-- ajour: allow a one\n"
        "\n"
        "/* and */ -- another\n"
        "-- ajour: allow b two\n"
        "drop table a;\n"
        "select '\n-- ajour: allow c in a string\n';\n"
        "-- ajour: allow d behind all\n"
    )
    assert [(index, each.rules) for index, each in found(text)] == [
        (1, ("a",)), (1, ("b",)), (3, ("d",))
    ]  # fmt: skip
    assert all(text[each.offset :].startswith(each.text) for _, each in found(text))


@pytest.mark.parametrize(
    "text",
    [
        "drop table a; -- ajour: allow drop-table it shares the line\ndrop table b;",
        "-- ajour: ignore drop-table\ndrop table a;",
        "-- ajour: allowed drop-table no rows\ndrop table a;",
    ],
)
def test_what_is_no_allow_is_not_understood(text: str) -> None:
    """It is told, so that nobody believes that it has an effect."""
    assert [each.understood for _, each in found(text)] == [False]


def test_a_file_of_comments_has_them_above_nothing() -> None:
    """Without a statement the index is 0, which is also that of the whole file."""
    assert [(index, each.rules) for index, each in found("-- ajour: allow a b\n")] == [(0, ("a",))]


@pytest.mark.parametrize("before", ["", "select 'é', '😀', ", "select '漢字',\n"])
def test_the_place_of_a_syntax_error_is_in_characters(before: str) -> None:
    """Whatever letters stand before it."""
    sql = f"{before or 'select '}1 fromm x y"
    message, offset = syntax_error(sql) or ("", -1)
    assert message == 'syntax error at or near "x"'
    assert offset == sql.index("x y")


def test_what_can_be_read_is_no_syntax_error() -> None:
    """Nor is what the parser cannot tell about."""
    assert syntax_error("select 1") is None
    assert syntax_error("selec " + "1" * 20_000) is None
