"""The laws of a folder, each on real files."""

import os
import re
import socket
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ajour.errors import AjourError, FilesRefused, UsageError
from ajour.files import LARGEST, read_folder
from ajour.model import Finding, Folder

GOOD = "20240101_create_users.sql"


def write(folder: Path, name: str, data: bytes = b"select 1;\n") -> Path:
    """Write a file of the folder, byte for byte."""
    path = folder / name
    path.write_bytes(data)
    return path


def names(folder: Folder) -> list[str]:
    """Return the names in the order they run."""
    return [migration.name for migration in folder.migrations]


def rules(folder: Folder) -> list[str]:
    """Return the rules of the findings."""
    return [finding.rule for finding in folder.findings]


def finding(path: Path, rule: str) -> Finding:
    """Return the one finding of a rule."""
    (found,) = [finding for finding in read_folder(path).findings if finding.rule == rule]
    return found


def refusals(path: Path) -> tuple[AjourError, ...]:
    """Return every problem that the folder is refused for; each says what to do."""
    with pytest.raises(FilesRefused) as refused:
        read_folder(path)
    problems = refused.value.problems
    assert all(problem.hint and problem.where for problem in problems)
    return problems


def refusal(path: Path) -> AjourError:
    """Return the only problem of a folder."""
    (problem,) = refusals(path)
    return problem


def at(problem: AjourError) -> tuple[int | None, int | None]:
    """Return line and column of a problem."""
    assert problem.where is not None
    return problem.where.line, problem.where.column


# --- what runs, in which order ---------------------------------------------------------------


def test_files_run_in_code_point_order(tmp_path: Path) -> None:
    """Upper case before `_` before lower case, and digits by their characters."""
    expected = ["10_b.sql", "9_a.sql", "Z.sql", "_c.sql", "b.sql", "é.sql", "\U0001f600.sql"]
    for name in reversed(expected):
        write(tmp_path, name)
    assert names(read_folder(tmp_path)) == expected


def test_a_suffix_of_the_name_sorts_by_the_next_character(tmp_path: Path) -> None:
    """`x.sql` before `x_v2.sql`: `.` comes before `_`."""
    for name in ("20240101_x_v2.sql", "20240101_x.sql", "20240101_x_FINAL.sql"):
        write(tmp_path, name)
    expected = ["20240101_x.sql", "20240101_x_FINAL.sql", "20240101_x_v2.sql"]
    assert names(read_folder(tmp_path)) == expected


def test_one_date_may_stand_before_several_names(tmp_path: Path) -> None:
    """A migration is known by its whole name, so equal dates are no matter."""
    write(tmp_path, "20240101_a.sql")
    write(tmp_path, "20240101_b.sql")
    assert rules(read_folder(tmp_path)) == []


def test_the_text_is_what_was_hashed(tmp_path: Path) -> None:
    """A migration has its name, its path and the checksum of the text that would run."""
    path = write(tmp_path, GOOD, "select 'é';\n".encode())
    (migration,) = read_folder(tmp_path).migrations
    assert (migration.name, migration.path, migration.text) == (GOOD, str(path), "select 'é';\n")
    assert migration.checksum == sha256("select 'é';\n".encode()).hexdigest()


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    """Dot-files, macOS shadows, editors' leftovers and other kinds of files are not seen."""
    for name in (GOOD, ".x.sql", "._20240101_a.sql", "x.sql~", "x.sql.bak", "README.md", ".sql"):
        write(tmp_path, name)
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".git", "x.sql")
    folder = read_folder(tmp_path)
    assert names(folder) == [GOOD]
    assert rules(folder) == []


def test_an_empty_folder_has_no_migrations(tmp_path: Path) -> None:
    """A folder without files is no error."""
    assert read_folder(tmp_path) == Folder(tmp_path, ())


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """Only the files must not be links."""
    (tmp_path / "real").mkdir()
    write(tmp_path / "real", GOOD)
    (tmp_path / "link").symlink_to("real")
    folder = read_folder(tmp_path / "link")
    assert [migration.path for migration in folder.migrations] == [f"{tmp_path}/link/{GOOD}"]


def test_a_missing_folder_says_how_to_make_it(tmp_path: Path) -> None:
    """The error names the folder and the command."""
    with pytest.raises(UsageError, match="There is no folder") as error:
        read_folder(tmp_path / "supabase" / "migrations")
    assert "ajour init" in str(error.value.hint)


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    """A path that is not a folder is the user's mistake, not a crash."""
    with pytest.raises(UsageError, match="is not a folder"):
        read_folder(write(tmp_path, "migrations"))


# --- bytes ------------------------------------------------------------------------------------


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf"]) | st.just("\n")))
def test_line_endings_and_byte_order_marks_do_not_count(text: str) -> None:
    """LF, CRLF, and a byte order mark before either, are one text with one checksum."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, variant in enumerate((text, text.replace("\n", "\r\n"))):
            write(folder, f"{number}.sql", variant.encode())
            write(folder, f"{number}_bom.sql", variant.encode("utf-8-sig"))
        migrations = read_folder(folder).migrations
    assert {migration.text for migration in migrations} == {text}
    assert {migration.checksum for migration in migrations} == {sha256(text.encode()).hexdigest()}


def test_white_space_counts(tmp_path: Path) -> None:
    """Nothing else is evened out: a space or a final line feed may stand inside a body."""
    write(tmp_path, "20240101_a.sql", b"select 1;")
    write(tmp_path, "20240101_b.sql", b"select 1;\n")
    write(tmp_path, "20240101_c.sql", b"select  1;\n")
    assert len({migration.checksum for migration in read_folder(tmp_path).migrations}) == 3


@pytest.mark.parametrize(
    ("data", "words", "line", "column"),
    [
        (b"create table a();\n \0 create table b();", "NUL byte", 2, 2),
        (b"select 1; -- ok\n-- caf\xe9", "not UTF-8: byte 0xe9", 2, 7),
        ("-- é\nselect '".encode() + b"\xff';", "not UTF-8: byte 0xff", 2, 9),
        (b"-- \xed\xa0\x80", "not UTF-8", 1, 4),
        (b"\xef\xbb\xbf-- ok\rdrop table x;", "carriage return", 1, 6),
        (b"a\r\n\r\r\nb", "carriage return", 2, 1),
        ("select 1;\r\n-- \u202e evil".encode(), "bidirectional", 2, 4),
        ("select '\u2066a\u2069';".encode(), r"bidirectional.*\(1 more", 1, 9),
        ("select 1;".encode("utf-16"), "UTF-16", 1, 1),
        ("select 1;".encode("utf-16-le"), "UTF-16", 1, 1),
        ("select 1;".encode("utf-32-be"), "UTF-16 or UTF-32", 1, 1),
        ("select 'été';".encode("utf-16-be"), "UTF-16", 1, 1),
    ],
)
def test_bytes_that_would_not_run_as_they_look_are_refused(
    tmp_path: Path, data: bytes, words: str, line: int, column: int
) -> None:
    """The refusal names the file and the place of the byte."""
    path = write(tmp_path, GOOD, data)
    problem = refusal(tmp_path)
    assert re.search(words, problem.message)
    assert problem.where is not None
    assert (problem.where.file, *at(problem)) == (str(path), line, column)


@pytest.mark.parametrize("char", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
def test_every_bidirectional_control_is_refused(tmp_path: Path, char: str) -> None:
    """All that can make a text look other than it runs."""
    write(tmp_path, GOOD, f"-- {char}\nselect 1;".encode())
    assert "bidirectional" in refusal(tmp_path).message


@pytest.mark.parametrize("text", ["select '—…“’';", "-- الحروف العربية\nselect 1;", "-- \u200f"])
def test_other_characters_are_nobodys_business(tmp_path: Path, text: str) -> None:
    """Typography and right-to-left scripts are text."""
    write(tmp_path, GOOD, text.encode())
    assert read_folder(tmp_path).migrations[0].text == text


def test_the_line_that_is_shown_hides_nothing(tmp_path: Path) -> None:
    """What no terminal should receive stands in the source line as a visible character."""
    write(tmp_path, GOOD, "-- ok\rdrop\t\x1b[2J\0 \u202e".encode())
    lines = {problem.where.source for problem in refusals(tmp_path) if problem.where}
    assert lines == {"-- ok␍drop\t␛[2J␀ \ufffd"}


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """One run names every problem of every file, in the order of the names."""
    write(tmp_path, "1.sql", b"\0" + b"select 1;" * 9 + b"\r \xe2\x80\xae")
    write(tmp_path, "2.sql")
    write(tmp_path, "3.sql", b"\xff")
    (tmp_path / "4.sql").mkdir()
    problems = refusals(tmp_path)
    files = [Path(problem.where.file).name for problem in problems if problem.where]
    assert files == ["1.sql", "1.sql", "1.sql", "3.sql", "4.sql"]


# --- kinds of files ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", [GOOD, "nowhere.sql", "/etc/passwd"])
def test_a_link_is_refused(tmp_path: Path, target: str) -> None:
    """Whether it points into the folder, out of it, or nowhere."""
    write(tmp_path, GOOD)
    (tmp_path / "20240102_x.sql").symlink_to(target)
    assert refusal(tmp_path).message == "20240102_x.sql is a symbolic link."


def test_a_directory_with_a_files_name_is_refused(tmp_path: Path) -> None:
    """A directory x.sql would else be passed over in silence."""
    (tmp_path / "x.sql").mkdir()
    assert refusal(tmp_path).message == "x.sql is a directory, not a file."


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into the pipe: to read it would hang."""
    os.mkfifo(tmp_path / "x.sql")
    assert refusal(tmp_path).message == "x.sql is a named pipe, not a file."


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket cannot be opened at all."""
    monkeypatch.chdir(tmp_path)  # the whole path may be too long for a socket's name
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("x.sql")
        assert refusal(tmp_path).message == "x.sql is a socket, not a file."


@pytest.fixture
def ordinary_user_folder() -> Iterator[Path]:
    """Give a folder that an ordinary user can reach, and make us one: root may read anything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        write(folder, GOOD)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(before)
        folder.chmod(0o755)


def test_an_unreadable_file_is_refused(ordinary_user_folder: Path) -> None:
    """It is not passed over, and it is not a crash."""
    folder = ordinary_user_folder
    user = os.geteuid()
    os.seteuid(folder.stat().st_uid)
    write(folder, "20240102_secret.sql").chmod(0)
    os.seteuid(user)
    assert refusal(folder).message == "20240102_secret.sql cannot be read: Permission denied."


def test_an_unreadable_folder_is_said(ordinary_user_folder: Path) -> None:
    """The folder's own rights are named."""
    folder = ordinary_user_folder
    user = os.geteuid()
    os.seteuid(folder.stat().st_uid)
    folder.chmod(0o311)
    os.seteuid(user)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        read_folder(folder)


def test_a_file_over_64_mb_is_refused_unread(tmp_path: Path) -> None:
    """The limit is exact, and the file is not read to find out."""
    with (tmp_path / GOOD).open("wb") as file:
        file.truncate(LARGEST + 1)
    assert refusal(tmp_path).message == f"{GOOD} has 64.0 MB; 64 MB is the most."


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb.sql", r"a\nb.sql"),
        (b"a\x1b[2J.sql", r"a\x1b[2J.sql"),
        (b"a\x7f.sql", r"a\x7f.sql"),
        ("a\u202eb.sql".encode(), r"a\u202eb.sql"),
        ("a\u2028b.sql".encode(), r"a\u2028b.sql"),
        (b"caf\xe9.sql", r"caf\udce9.sql"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: bytes, shown: str) -> None:
    """It stands in the message so that no terminal obeys it."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"select 1;")
    problem = refusal(tmp_path)
    assert problem.message.startswith(f"The file name {shown} holds")
    assert problem.where is not None
    assert problem.where.file == f"{tmp_path}/{shown}"


@pytest.mark.parametrize(
    ("one", "two"),
    [("a.sql", "A.sql"), ("a.SQL", "a.sql"), ("é.sql", "É.sql"), ("e\u0301.sql", "\u00e9.sql")],
)
def test_names_equal_but_for_case_are_refused(tmp_path: Path, one: str, two: str) -> None:
    """A checkout on macOS or Windows would hold only one of them."""
    write(tmp_path, one)
    write(tmp_path, two)
    message = refusal(tmp_path).message
    assert one in message
    assert two in message


@pytest.mark.parametrize(
    "name",
    ["20231230_add_user_field.sql", "20231230123456_x.sql", "20240229_a-b.v2.sql"],
)
def test_names_in_the_pattern_are_not_remarked(tmp_path: Path, name: str) -> None:
    """A date, or a date and a time, and a description."""
    write(tmp_path, name)
    assert rules(read_folder(tmp_path)) == []


@pytest.mark.parametrize(
    "name",
    [
        "create_users.sql",
        "0001_init.sql",
        "20241301_x.sql",
        "20240132_x.sql",
        "20240101.sql",
        "20240101-x.sql",
        "202401011_x.sql",
        "20240101_with space.sql",
        "20240101_élève.sql",
        "-rf.sql",
    ],
)
def test_names_out_of_the_pattern_run_with_a_warning(tmp_path: Path, name: str) -> None:
    """Real projects have them: they run, and it is said."""
    path = write(tmp_path, name)
    assert names(read_folder(tmp_path)) == [name]
    found = finding(tmp_path, "name-out-of-pattern")
    assert found.level == "warning"
    assert found.where is not None
    assert found.where.file == str(path)


def test_many_strange_names_make_one_finding(tmp_path: Path) -> None:
    """A folder with a numbering of its own does not fill the screen at every run."""
    for number in range(1, 151):
        write(tmp_path, f"{number:04}_x.sql")
    message = finding(tmp_path, "name-out-of-pattern").message
    assert message.startswith("0001_x.sql, 0002_x.sql, 0003_x.sql and 147 more")


def test_prefixes_of_different_widths_are_remarked(tmp_path: Path) -> None:
    """The finding names two files that run in an order nobody expects."""
    for name in ("8_a.sql", "9_b.sql", "10_c.sql"):
        write(tmp_path, name)
    found = finding(tmp_path, "mixed-prefix-widths")
    assert found.message == "The prefixes have 1 and 2 digits: 10_c.sql runs before 8_a.sql."


def test_a_date_sorts_after_the_times_of_its_day(tmp_path: Path) -> None:
    """Eight digits among fourteen are remarked: `_` comes after every digit."""
    write(tmp_path, "20250121_y.sql")
    write(tmp_path, "20250121120000_x.sql")
    message = finding(tmp_path, "mixed-prefix-widths").message
    assert "20250121120000_x.sql runs before 20250121_y.sql" in message


# --- what does not run ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["20240101_a.SQL", "20240101_a.Sql"])
def test_another_case_of_the_suffix_is_remarked(tmp_path: Path, name: str) -> None:
    """It does not run, and that is said."""
    write(tmp_path, name)
    assert names(read_folder(tmp_path)) == []
    assert name in finding(tmp_path, "upper-case-suffix").message


def test_files_in_sub_folders_are_remarked(tmp_path: Path) -> None:
    """They do not run; links are not followed, other files do not matter."""
    (tmp_path / "archive" / "deep").mkdir(parents=True)
    (tmp_path / "meta").mkdir()
    write(tmp_path / "meta", "journal.json")
    write(tmp_path / "archive", "001_a.sql")
    write(tmp_path / "archive" / "deep", "002_b.SQL")
    (tmp_path / "loop").symlink_to(".")
    folder = read_folder(tmp_path)
    assert names(folder) == []
    assert rules(folder) == ["sql-in-subfolder"]
    assert folder.findings[0].message.startswith("archive/001_a.sql, archive/deep/002_b.SQL: does")
