import json
from pathlib import Path

import pytest

from ajour.errors import Refusal
from ajour.model import Migration, Script, Statement, Step
from ajour.sql.steps import done_checksum, script

FILE = Path("supabase/migrations/20240101_a.sql")
CASES = json.loads((Path(__file__).parent / "data" / "transaction_control.json").read_text())


def cut(sql: str) -> Script:
    """Return the script of a migration with this text."""
    return script(Migration(FILE.name, str(FILE), sql, "0" * 64))


def steps(sql: str) -> list[list[str]]:
    """Return the texts of each step's statements; a step outside a transaction has "!" first."""
    return [
        ([] if step.transactional else ["!"]) + [each.text for each in step.statements]
        for step in cut(sql).steps
    ]


def rules(sql: str) -> list[tuple[str, str]]:
    """Return rule and level of each note."""
    return [(note.rule, note.level) for note in cut(sql).notes]


def refusal(sql: str) -> Refusal:
    """Return the refusal that cutting must raise."""
    with pytest.raises(Refusal) as caught:
        cut(sql)
    assert caught.value.hint
    return caught.value


class TestOneStep:
    """Files that are applied whole or not at all."""

    def test_an_ordinary_file(self) -> None:
        """All statements of a file are one transaction, and there is nothing to say."""
        sql = "create table t ();\nset work_mem = '8MB';\nsavepoint s; rollback to s;"
        assert len(steps(sql)) == 1
        assert rules(sql) == []

    @pytest.mark.parametrize("sql", ["", "\n", "-- nothing yet\n", ";;", "begin; commit;"])
    def test_no_statements(self, sql: str) -> None:
        """An empty file is one step in a transaction: it can be recorded like others."""
        assert cut(sql).steps == (Step(()),)

    def test_a_wrapper_is_left_out(self) -> None:
        """BEGIN and COMMIT around the file, with comments around them, are noted and not run."""
        sql = "-- why\n\n/* x */ BEGIN; -- go\ncreate table t ();\nselect 1;\nCOMMIT; -- done\n"
        assert steps(sql) == [["create table t ()", "select 1"]]
        (note,) = cut(sql).notes
        assert (note.rule, note.level) == ("transaction-wrapper", "info")
        assert "BEGIN (line 3) and COMMIT (line 6) left out" in note.message
        assert note.where is not None
        assert (note.where.file, note.where.line, note.where.column) == (str(FILE), 3, 9)

    def test_modes_of_the_wrapper_are_not_used_and_said_so(self) -> None:
        """A wrapper that asks for an isolation level gets a warning with the level's name."""
        (note,) = cut("start transaction isolation level serializable;\nselect 1;\nend;").notes
        assert (note.rule, note.level) == ("transaction-wrapper", "warning")
        assert "START TRANSACTION (line 1) and END (line 3)" in note.message
        assert "not used: ISOLATION LEVEL SERIALIZABLE" in note.message

    def test_a_commit_at_the_end_is_left_out(self) -> None:
        """A COMMIT without BEGIN behind the last statement cuts nothing."""
        assert steps("select 1; commit;") == [["select 1"]]
        assert rules("select 1; commit;") == [("transaction-wrapper", "info")]

    def test_a_lone_statement_outside_transactions(self) -> None:
        """One statement that cannot run in a transaction is the only step: no note is owed."""
        sql = "-- big table\ncreate index concurrently i on t (a);"
        assert steps(sql) == [["!", "create index concurrently i on t (a)"]]
        assert rules(sql) == []


class TestSeveralSteps:
    """Files that are cut as psql would run them."""

    def test_a_bare_commit_ends_a_step(self) -> None:
        """An enumeration's new value is committed before it is used."""
        sql = "alter type mood add value 'x';\nCOMMIT;\nupdate t set m = 'x';\nselect 1;"
        assert steps(sql) == [
            ["alter type mood add value 'x'"],
            ["update t set m = 'x'", "select 1"],
        ]
        (note,) = cut(sql).notes
        assert (note.rule, note.level) == ("several-steps", "info")
        assert "2 steps, which begin in the lines 1, 3:" in note.message
        assert note.where is not None
        assert note.where.line == 3

    def test_blocks_are_steps_and_so_is_what_stands_between(self) -> None:
        """Each BEGIN … COMMIT is one transaction; the rest between two blocks is another."""
        sql = "begin; a(); b(); end; c(); d(); begin; e(); commit; f();"
        assert steps(sql) == [["a()", "b()"], ["c()", "d()"], ["e()"], ["f()"]]

    def test_a_wrapper_with_a_statement_behind_it(self) -> None:
        """What follows the COMMIT is a transaction of its own."""
        assert steps("begin; a(); commit;\nb();") == [["a()"], ["b()"]]
        assert rules("begin; a(); commit;\nb();") == [("several-steps", "info")]

    def test_statements_outside_transactions_stand_alone(self) -> None:
        """Each is a step, and the ones before, between and after stay together."""
        sql = "a(); b(); vacuum t; create index concurrently i on t (a); c(); commit;"
        assert steps(sql) == [
            ["a()", "b()"],
            ["!", "vacuum t"],
            ["!", "create index concurrently i on t (a)"],
            ["c()"],
        ]

    def test_modes_of_blocks_are_said_so(self) -> None:
        """Each block that asks for modes of its own gets a warning."""
        sql = "begin read only; a(); commit; begin read write; b(); commit;"
        assert rules(sql) == [("several-steps", "info"), ("transaction-modes", "warning")]

    def test_copy_data_stays_with_its_statement(self) -> None:
        """The data of COPY is part of the step."""
        (first, second) = cut("copy t from stdin;\n1\n\\.\ncommit;\nselect 1;").steps
        assert first.statements[0].copy_data == "1\n"
        assert second.statements[0].line == 5


class TestRefused:
    """Transaction control that cannot be kept, found before anything runs."""

    @pytest.mark.parametrize(
        ("sql", "line", "words"),
        [
            ("a();\nrollback;", 2, "ROLLBACK would undo"),
            ("a();\nabort work;", 2, "ABORT would undo"),
            ("a();\nrollback and chain;", 2, "ROLLBACK AND CHAIN"),
            ("begin;\na();\nrollback;", 3, "ROLLBACK would undo"),
            ("a();\ncommit and chain;\nb();", 2, "COMMIT AND CHAIN"),
            ("a();\nend work and chain;", 2, "END AND CHAIN"),
            ("a();\nprepare transaction 'x';", 2, "PREPARE TRANSACTION"),
            ("commit prepared 'x';", 1, "COMMIT PREPARED"),
            ("rollback prepared 'x';", 1, "ROLLBACK PREPARED"),
            ("a();\n\ndiscard all;", 3, "DISCARD ALL"),
            ("begin;\na();\nbegin;\nb();\ncommit;", 3, "open already, since line 1"),
            ("a();\nbegin;\nb();", 2, "BEGIN has no COMMIT"),
            ("start transaction;\nb();", 1, "START TRANSACTION has no COMMIT"),
            ("begin\ncreate table t ();\ncommit;", 1, "This BEGIN is not one"),
            ("begin;\nvacuum t;\ncommit;", 2, "one is open since line 1"),
            ("begin;\n\n create index concurrently i on t (a);\ncommit;", 3, "line 1"),
        ],
    )
    def test_is_named_with_its_place(self, sql: str, line: int, words: str) -> None:
        """The refusal names the statement, its line, and says what to do."""
        error = refusal(sql)
        assert words in error.message
        assert error.where is not None
        assert (error.where.file, error.where.line) == (str(FILE), line)

    def test_the_caret_underlines_the_statement(self) -> None:
        """The place is as wide as the statement on its first line."""
        where = refusal("a();  rollback\n work;").where
        assert where is not None
        assert (where.column, where.width, where.source) == (7, 8, "a();  rollback")


TABLE = "create table a(x int)"
OUTCOMES: dict[str, list[list[str]] | str] = {
    "commit_mid_then_error": [[TABLE], ["create table b(x int)", "select 1/0"]],
    "commit_begin_then_error": "BEGIN has no COMMIT",
    "own_begin_commit": [[TABLE]],
    "own_begin_no_commit": "BEGIN has no COMMIT",
    "rollback_inside": "ROLLBACK would undo",
    "rollback_begin": "ROLLBACK would undo",
    "end_keyword": [[TABLE]],
    "abort_keyword": "ABORT would undo",
    "commit_and_chain": "COMMIT AND CHAIN",
    "rollback_to_unknown": [[TABLE, "savepoint s", "rollback to s", "release s"]],
    "prepare_transaction": "PREPARE TRANSACTION",
    "set_read_only": [[TABLE, "set transaction read only"]],
    "set_default_ro": [["set default_transaction_read_only=on", TABLE]],
    "commit_hidden_in_do": [[TABLE, "do $$begin commit; end$$"]],
    "commit_in_comment": [[TABLE, "select 'commit;', $q$ rollback; $q$, E'it\\'; commit; --'"]],
    "begin_atomic_fn": [
        ["create function f() returns int language sql begin atomic; select 1; end", TABLE]
    ],
    "identifiers": [
        ['create table "commit"("end" int)', "comment on table \"commit\" is 'x; commit'"]
    ],
}


def test_every_case_has_an_outcome() -> None:
    """The 17 files with transaction control, real or apparent, are all judged here."""
    assert {case["name"] for case in CASES} == set(OUTCOMES)
    assert len(CASES) == 17


@pytest.mark.parametrize(
    "text", ["", " \t\n\f\v", ";;", "-- nothing yet", "/* one /* nested */ still */ ; -- end"]
)
def test_a_file_without_a_statement_is_remarked(text: str) -> None:
    """It runs as one empty step, and it is said."""
    found = cut(text)
    assert found.steps == (Step(()),)
    assert [note.rule for note in found.notes] == ["empty-migration"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_files_with_transaction_control(case: dict[str, str]) -> None:
    """Each is cut into its steps, or refused by the name of the statement that forbids it."""
    outcome = OUTCOMES[case["name"]]
    if isinstance(outcome, str):
        assert outcome in refusal(case["sql"]).message
    else:
        assert steps(case["sql"]) == outcome


class TestDoneChecksum:
    """What a later run compares before it goes on in the middle of a file."""

    def test_it_covers_the_steps_that_are_done_and_no_more(self) -> None:
        """An edit behind the done steps changes nothing; an edit in them does."""
        before, after = cut("a(); commit; b();"), cut("a(); commit; c(); d();")
        assert done_checksum(before, 1) == done_checksum(after, 1)
        assert done_checksum(before, 2) != done_checksum(after, 2)

    def test_blanks_and_comments_between_statements_do_not_count(self) -> None:
        """The statements count, not how they are laid out."""
        assert done_checksum(cut("a(); b();"), 1) == done_checksum(cut("-- x\na()\n;\n\nb()"), 1)

    def test_no_two_lists_of_statements_look_the_same(self) -> None:
        """Where a statement ends, and whether a text is data, both count."""
        lists = [
            (Statement("a", 0, 1, 1), Statement("b", 0, 1, 1)),
            (Statement("ab", 0, 1, 1),),
            (Statement("ab", 0, 1, 1, 1, (1, 2)),),
            (Statement("a", 0, 1, 1, 1, (1, 1)),),
            (Statement("a", 0, 1, 1),),
            (),
        ]
        digests = {done_checksum(Script((Step(each),), ""), 1) for each in lists}
        assert len(digests) == len(lists)

    def test_it_is_a_sha_256_in_hexadecimal(self) -> None:
        """Letters beyond ASCII are hashed as UTF-8; no steps give the digest of nothing."""
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assert done_checksum(cut("select 'ž';"), 0) == empty
        assert len(done_checksum(cut("select 'ž';"), 1)) == 64
