import json
from pathlib import Path

import pytest

from ajour.model import Statement
from ajour.sql.facts import (
    Control,
    control,
    is_ordinary,
    runs_in_transaction,
    unusual_modes,
)
from ajour.sql.parse import parse

CASES = json.loads((Path(__file__).parent / "data" / "no_transaction.json").read_text())


def statement(sql: str) -> Statement:
    """Return `sql` as a statement of its own."""
    return Statement(sql, 0, 1, 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_verdicts_are_those_of_the_servers(case: dict[str, object]) -> None:
    """Each statement that was tried on the majors 13 to 18 is judged as they judged it."""
    tried = statement(str(case["sql"]))
    assert runs_in_transaction(tried) is case["runs_in_transaction"]
    assert case["runs_in_transaction"] or not is_ordinary(tried)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX /* big */ CONCURRENTLY ON t (a) WHERE note = 'x; y'",
        "create -- c\n unique/**/index concurrently i on t (a)",
        "DROP INDEX CONCURRENTLY IF EXISTS a, b CASCADE",
        "reindex (verbose, concurrently true) index i",
        "vacuum",
        "cluster (verbose)",
        "cluster -- all of them",
        "drop database d with (force)",
        "alter database d /* x */ set tablespace s",
        "alter system reset all",
        'alter table if exists only "detach" detach partition s.p concurrently',
        "alter table t detach partition p finalize",
        "create subscription s connection '' publication p with (connect, create_slot = on)",
        "create subscription s connection '' publication p with (enabled = false)",
        "alter subscription s drop publication p with (copy_data = false)",
        "alter subscription s refresh publication with (copy_data = false)",
        "alter subscription s set (two_phase = off)",
        "alter subscription s set (streaming = on, failover)",
        "Commit /* now */ Prepared 'x'",
        "discard\nall",
    ],
)
def test_runs_alone(sql: str) -> None:
    """Spellings, options and comments do not hide what cannot run in a transaction."""
    assert not runs_in_transaction(statement(sql))
    assert not is_ordinary(statement(sql))


@pytest.mark.parametrize(
    "sql",
    [
        'create index "concurrently" on t (a)',
        "create index i on t (concurrently)",
        "create table vacuum (cluster int, reindex int)",
        'drop index "CONCURRENTLY"',
        "reindex (concurrently false) table t",
        "reindex table system",
        "reindex table s.schema",
        "cluster (verbose) t using i",
        "cluster verbose t",
        "alter table detach add column finalize int",
        "alter table t detach partition finalize",
        "alter database d set work_mem = 'set tablespace x'",
        "alter database d owner to tablespace_owner",
        "create subscription s connection '' publication p with (create_slot = 0)",
        "create subscription s connection '' publication p with (connect = off)",
        "alter subscription s set publication p with (refresh = false)",
        "alter subscription s set (two_phase = true)",
        "alter subscription s set (slot_name = none)",
        "alter subscription s connection 'publication'",
        "explain select 'vacuum'",
        "prepare transaction as vacuum t",
        "comment on index i is 'create index concurrently'",
    ],
)
def test_runs_in_a_transaction(sql: str) -> None:
    """Names, strings and options that only look like it are told apart by the parser."""
    assert runs_in_transaction(statement(sql))


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        ("create index concurrently i on t (a) with new clause", False),
        ("vacuum (brand_new_option = 3) t into x", False),
        ("alter table t detach partition p concurrently new clause", False),
        ("create index concurrently i on t ((1" + "+1" * 60 + "))", False),
        ("repack table t using index i", True),
        ("alter table t new clause", True),
    ],
)
def test_the_words_decide_where_the_parser_cannot_read(sql: str, runs: bool) -> None:
    """Syntax newer than the parser, or nested too deep for it, is judged by its first words."""
    assert parse(sql) is None
    assert runs_in_transaction(statement(sql)) is runs


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("BEGIN", "begin"),
        ("begin work", "begin"),
        ("begin /* a */ transaction -- b\n isolation level repeatable read, read only", "begin"),
        ("Start Transaction Read Write Not Deferrable", "begin"),
        ("commit", "commit"),
        ("END", "commit"),
        ("end transaction and no chain", "commit"),
        ("commit work and chain", "commit and chain"),
        ("end and chain", "commit and chain"),
        ("rollback", "rollback"),
        ("abort work", "rollback"),
        ("rollback transaction and no chain", "rollback"),
        ("abort and chain", "rollback and chain"),
        ("savepoint s", "savepoint"),
        ('SAVEPOINT "a b"', "savepoint"),
        ("release s", "release"),
        ("release savepoint s", "release"),
        ("rollback to s", "rollback to"),
        ('rollback work to savepoint "S"', "rollback to"),
        ("prepare transaction 'x'", "prepare transaction"),
        ("prepare transaction $$x$$", "prepare transaction"),
        ("prepare transaction E'x'", "prepare transaction"),
        ("prepare transaction U&'x'", "prepare transaction"),
        ("commit prepared 'x'", "commit prepared"),
        ("rollback prepared 'x'", "rollback prepared"),
        ("discard all", "discard all"),
    ],
)
def test_transaction_control_is_named(sql: str, kind: Control) -> None:
    """Every spelling is found, and the parser agrees that it is one."""
    assert control(statement(sql)) == kind
    assert not is_ordinary(statement(sql))
    (node,) = parse(sql) or ()
    assert node.kind == ("DiscardStmt" if kind == "discard all" else "TransactionStmt")


@pytest.mark.parametrize(
    "sql",
    [
        "begin\ncreate table t ()",
        "commit update t set a = 1",
        "start transaction create table t ()",
        "rollback to",
        "end if",
        "begin isolation level casual",
    ],
)
def test_control_that_goes_on_as_something_else_is_incomplete(sql: str) -> None:
    """A missing semicolon behind BEGIN or COMMIT must not lose the statement that follows."""
    assert control(statement(sql)) == "incomplete"
    assert not is_ordinary(statement(sql))
    assert parse(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "prepare transaction as select 1",
        "prepare transaction (int) as select $1",
        "prepare q as select 1",
        "discard plans",
        "discard temp",
        "set transaction read only",
        "select 'commit'",
        "do $$ begin commit; end $$",
        "create table commit (a int)",
        "savepoint",
    ],
)
def test_the_rest_is_no_control(sql: str) -> None:
    """Statements that only mention the words are ordinary ones."""
    assert control(statement(sql)) is None


def test_modes_of_a_begin_that_matter() -> None:
    """The modes that a migration has anyway are not reported."""
    begin = "begin isolation level serializable, read write deferrable"
    assert unusual_modes(statement(begin)) == ("ISOLATION LEVEL SERIALIZABLE", "DEFERRABLE")
    assert unusual_modes(statement("begin isolation level read committed not deferrable")) == ()
    assert unusual_modes(statement("commit")) == ()
