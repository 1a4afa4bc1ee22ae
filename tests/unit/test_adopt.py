"""Which row of another tool's history means which file."""

from datetime import UTC, datetime

import pytest

from ajour.adopt import everything, match, warnings
from ajour.adoption import Adoption, ForeignHistory, ForeignRow
from ajour.errors import Refusal
from ajour.model import Migration, Relation
from runs import file

TABLE = Relation("public", "schema_migrations")


def matched(
    names: dict[str, str], *rows: ForeignRow, known: frozenset[str] = frozenset()
) -> Adoption:
    """Match files, given by name and text, with rows."""
    files = tuple(file(name, text) for name, text in names.items())
    return match(files, ForeignHistory("tool", TABLE, rows), known)


def pairs(adoption: Adoption) -> list[tuple[str, str, str]]:
    """Return version, file and reason of each match."""
    return [(each.row.version, each.file.name, each.how) for each in adoption.matches]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("20240101_init.sql", ForeignRow("20240101")),
        ("20240101000000-4c7a.sql", ForeignRow("20240101000000")),
        ("0007_init.sql", ForeignRow("7")),
        ("000007_init.up.sql", ForeignRow("7")),
        ("init.sql", ForeignRow("init.sql")),
        ("20240101_init.sql", ForeignRow("20240101_init")),
        ("20240101_init.sql", ForeignRow("x", "db/migrations/20240101_init.sql")),
        ("V1_2__add users.sql", ForeignRow("V1.2", "V1_2__add users.sql")),
        ("V1.0__init.sql", ForeignRow("V1")),
        ("R__views.sql", ForeignRow("R__views.sql", "R__views.sql")),
        ("20240101_add_users.sql", ForeignRow("20240101", "add users")),
    ],
)
def test_a_row_and_its_file(name: str, row: ForeignRow) -> None:
    """A file name counts whole or without its endings, a number without its zeros."""
    adoption = matched({name: "select 1;", "2_other.sql": "select 2;"}, row)
    assert [each.file.name for each in adoption.matches] == [name]
    assert adoption.pending == ("2_other.sql",)
    assert adoption.rows_left == ()


def test_two_files_with_the_same_digits() -> None:
    """The title tells which one was run; the other one is pending, and that is said."""
    adoption = matched(
        {"0018_a.sql": "select 1;", "0018_b.sql": "select 2;"}, ForeignRow("0018", "b")
    )
    assert pairs(adoption) == [("0018", "0018_b.sql", "name")]
    assert adoption.pending == adoption.unclear == ("0018_a.sql",)


def test_two_files_with_the_same_digits_by_content() -> None:
    """Without a title, what was run tells it."""
    adoption = matched(
        {"0018_a.sql": "select 1;", "0018_b.sql": "select 2;"},
        ForeignRow("0018", text="SELECT 2"),
    )
    assert [each.file.name for each in adoption.matches] == ["0018_b.sql"]


def test_the_same_digits_and_nothing_else() -> None:
    """Where digits alone would have to decide between two files, nothing is decided."""
    adoption = matched({"0018_a.sql": "select 1;", "0018_b.sql": "select 2;"}, ForeignRow("0018"))
    assert adoption.matches == ()
    assert [row.version for row in adoption.rows_left] == ["0018"]
    assert adoption.unclear == ("0018_a.sql", "0018_b.sql")


def test_the_same_content_under_another_timestamp() -> None:
    """A migration that a dashboard stamped anew is the file with the same SQL."""
    adoption = matched(
        {"20240105_users.sql": "create table users ();", "20240106_b.sql": "select 1;"},
        ForeignRow("20240109120000", "other", text="-- by hand\nCREATE TABLE users();"),
    )
    assert pairs(adoption) == [("20240109120000", "20240105_users.sql", "content")]
    assert not adoption.matches[0].differs
    assert adoption.pending == ("20240106_b.sql",)


def test_content_of_two_files_decides_nothing() -> None:
    """The same SQL in two files is either one's; their versions decide."""
    names = {"1_a.sql": "select 1;", "2_b.sql": "select 1;"}
    assert matched(names, ForeignRow("9", text="select 1")).matches == ()
    found = matched(names, ForeignRow("2", text="select 1"), ForeignRow("1", text="select 1"))
    assert [(each.row.version, each.file.name) for each in found.matches] == [
        ("1", "1_a.sql"),
        ("2", "2_b.sql"),
    ]


def test_an_edited_file() -> None:
    """The same name with another text is the same migration, and the difference is known."""
    adoption = matched({"1_a.sql": "select 2;"}, ForeignRow("1", "a", text="select 1;"))
    assert pairs(adoption) == [("1", "1_a.sql", "name")]
    assert adoption.matches[0].differs


def test_the_same_title_under_another_timestamp() -> None:
    """It is taken for the same where nothing is known of what was run, and only then."""
    names = {"20240105_users.sql": "create table users ();"}
    assert pairs(matched(names, ForeignRow("20240109", "users"))) == [
        ("20240109", "20240105_users.sql", "title")
    ]
    assert matched(names, ForeignRow("20240109", "users", text="select 1")).matches == ()


def test_one_row_for_all_before_it() -> None:
    """golang-migrate keeps the last version alone: every file up to it was run."""
    adoption = matched(
        {
            "1_a.up.sql": "select 1;",
            "1_a.down.sql": "select 0;",
            "2_b.up.sql": "select 2;",
            "10_c.up.sql": "select 3;",
        },
        ForeignRow("2", up_to=True),
    )
    assert [name for _, name, _ in pairs(adoption)] == ["1_a.up.sql", "2_b.up.sql"]
    assert adoption.pending == ("1_a.down.sql", "10_c.up.sql")
    assert adoption.rows_left == ()


def test_what_is_known_already() -> None:
    """A file that ajour's own history lists takes its row, and is not written again."""
    adoption = matched(
        {"1_a.sql": "select 1;"}, ForeignRow("1"), ForeignRow("2"), known=frozenset({"1_a.sql"})
    )
    assert (adoption.matches, adoption.known, adoption.pending) == ((), ("1_a.sql",), ())
    assert [row.version for row in adoption.rows_left] == ["2"]


def test_a_migration_that_broke_off() -> None:
    """What is in the database is not known then: nothing is taken over."""
    with pytest.raises(Refusal, match=r"tool says in public\.schema_migrations that 3 did not"):
        matched({"3_a.sql": "select 1;"}, ForeignRow("3", dirty=True, up_to=True))


def test_a_folder_without_a_history() -> None:
    """Every file counts as run but those that undo."""
    files = (file("1_a.up.sql", "select 1;"), file("1_a.down.sql", "select 0;"))
    adoption = match(files, everything(files), frozenset())
    assert [each.file.name for each in adoption.matches] == ["1_a.up.sql"]
    assert adoption.pending == ("1_a.down.sql",)


def test_what_would_undo() -> None:
    """Pending files that undo, in whole or in a section, are warned of by their place."""
    texts = {
        "1_a.down.sql": "drop table a;",
        "2_b.sql": "-- migrate:up\ncreate table b ();\n-- migrate:down\ndrop table b;",
        "3_c.sql": "-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;",
        "4_d.sql": "select 'plain';",
    }
    files = tuple(file(name, text) for name, text in texts.items())
    found = list(warnings(match(files, ForeignHistory("tool", TABLE, ()), frozenset()), files))
    assert [each.where and (each.where.file, each.where.line) for each in found] == [
        ("1_a.down.sql", None),
        ("2_b.sql", 3),
        ("3_c.sql", 3),
    ]


def test_times_are_kept() -> None:
    """A match carries its row, and with it the time that the other tool knows."""
    at = datetime(2024, 3, 1, 9, 12, tzinfo=UTC)
    adoption = matched({"1_a.sql": "select 1;"}, ForeignRow("1", executed_at=at))
    assert adoption.matches[0].row.executed_at == at
    assert adoption.matches[0].file == Migration(
        "1_a.sql", "1_a.sql", "select 1;", adoption.matches[0].file.checksum
    )
