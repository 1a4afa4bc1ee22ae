from pathlib import Path
from typing import Literal

import pytest

from ajour.config import load
from ajour.db.history import State, read
from ajour.db.session import Session
from ajour.errors import MigrationFailed, Refusal
from ajour.migrate import Migrate
from ajour.model import Pending, Plan, Script, Statement, Step
from ajour.target import parse_url
from runs import TABLE, file, migrate
from ways import Way, cases

Ends = Literal["applied", "refused", "failed", "in steps"]

ENDS: dict[str, Ends] = {
    "commit_mid_then_error": "in steps",
    "commit_begin_then_error": "refused",
    "own_begin_commit": "applied",
    "own_begin_no_commit": "refused",
    "rollback_inside": "refused",
    "rollback_begin": "refused",
    "end_keyword": "applied",
    "abort_keyword": "refused",
    "commit_and_chain": "refused",
    "rollback_to_unknown": "applied",
    "prepare_transaction": "refused",
    "set_read_only": "failed",
    "set_default_ro": "applied",
    "commit_hidden_in_do": "failed",
    "commit_in_comment": "applied",
    "begin_atomic_fn": "applied",
    "identifiers": "applied",
}
CASES = cases("transaction_control.json")

OVERLOOKED = [
    ("commit",),
    ("end work",),
    ("commit and chain",),
    ("commit and no chain", "begin"),
    ("prepare transaction 'x'",),
    ("rollback",),
    ("rollback and chain",),
    ("abort", "begin"),
    ("rollback", "begin", "commit"),
    ("set session_replication_role = replica", "commit"),
    ("set constraints all deferred", "commit"),
    ("set constraints all immediate", "commit"),
    ("savepoint a", "release a", "commit"),
    ("set transaction read only", "commit"),
    ("set role anon", "commit"),
    ("discard temp", "commit"),
    ("commit; create table b (x int)",),
]


@pytest.mark.parametrize("name", CASES)
def test_a_file_takes_effect_whole_or_not_at_all(way: Way, name: str) -> None:
    """What is there is recorded, what is not recorded is not there, and a mended file runs."""
    text, ends, before = CASES[name] or "", ENDS[name], way.session()
    if name == "begin_atomic_fn" and way.rows("show server_version_num") < [("140000",)]:
        ends = "failed"  # the syntax came with 14
    try:
        migrate(way.url, file("1_a.sql", text))
        found: Ends = "applied"
    except MigrationFailed as failure:
        found = "in steps" if failure.progress.steps_done else "failed"
    except Refusal:
        found = "refused"
    assert found == ("refused" if ends == "in steps" and way.pooled else ends)
    table = "commit" if name == "identifiers" else "a"
    assert way.tables() == ({table} if found in ("applied", "in steps") else set())
    assert way.history() == (["1_a.sql"] if found == "applied" else [])
    if found != "refused":
        done = way.rows("select name, steps_done, holds from public.migrations_in_progress")
        assert done == ([("1_a.sql", 1, None)] if found == "in steps" else [])
    assert way.session() == before
    if found != "applied":
        mended = text.replace("1/0", "1") if found == "in steps" else "create table a (x int);"
        migrate(way.url, file("1_a.sql", mended))
        assert way.history() == ["1_a.sql"]
        assert way.tables() == {"a", "b"} if found == "in steps" else {"a"}


def test_the_guard_holds_what_no_parser_saw(way: Way) -> None:
    """Were a COMMIT or ROLLBACK overlooked, nothing of the file would stay all the same."""
    migrate(way.url, file("1_a.sql", "create table a (x int);"))
    before = way.session()
    for texts in OVERLOOKED:
        with pytest.raises(MigrationFailed):
            overlooked(way.url, "create table b (x int)", *texts, "create table c (x int)")
        assert (way.tables(), way.history()) == ({"a"}, ["1_a.sql"]), texts
        assert way.rows("select * from public.migrations_in_progress") == [], texts
        assert way.rows("select * from pg_prepared_xacts") == [], texts
        assert way.session() == before, texts
    migrate(way.url, file("1_a.sql", "create table a (x int);"), file("2_b.sql", "select 1;"))
    assert way.history() == ["1_a.sql", "2_b.sql"]


def test_who_commits_is_told(way: Way) -> None:
    """The statement that the guard stopped is named as what it is."""
    with pytest.raises(MigrationFailed, match="ends its transaction itself") as failed:
        overlooked(way.url, "create table b (x int)", "commit")
    assert failed.value.progress.failed == "2_b.sql"
    with pytest.raises(MigrationFailed, match="checks all deferred constraints") as failed:
        migrate(way.url, file("3_c.sql", "create table c ();\nset constraints all immediate;"))
    where = failed.value.where
    assert where is not None
    assert where.line == 2


def test_what_is_deferred_is_checked_at_the_end(way: Way) -> None:
    """A deferred constraint of the project's own fails the file under its own name."""
    text = """
        create table p (id int primary key);
        create table c (id int constraint mine references p deferrable initially deferred);
        insert into c values (1);
        {0}insert into p values (1);"""
    with pytest.raises(MigrationFailed, match='constraint "mine"') as failed:
        migrate(way.url, file("1_a.sql", text.format("-- ")))
    assert failed.value.sqlstate == "23503"
    assert (way.history(), way.tables()) == ([], set())
    migrate(way.url, file("1_a.sql", text.format("")))
    assert way.history() == ["1_a.sql"]


def overlooked(url: str, *texts: str) -> None:
    """Run statements as one step, as if nobody had seen what they are."""
    session = Session(parse_url(url))
    settings = load(Path("/nowhere"), {"url": url, "wait": "5s"}, {})
    text = ";\n".join(texts)
    step = Step(
        tuple(
            Statement(text, at, 1, 1, at + len(each))
            for each in texts
            for at in (text.index(each),)
        )
    )

    def plan() -> tuple[Plan, State]:
        state = read(session.pgconn, TABLE)
        pending = (Pending(file("2_b.sql", text), Script((step,), text)),)
        return Plan(pending, applied=len(state.history.applied)), state

    try:
        list(Migrate(settings, session, plan).events())
    finally:
        session.close()
