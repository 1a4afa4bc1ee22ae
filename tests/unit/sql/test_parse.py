import subprocess
import sys

import pytest

from ajour.sql.parse import LONGEST, parse


def test_a_tree_has_kinds_fields_and_children() -> None:
    """Nodes are reached by libpg_query's own names."""
    nodes = parse("create unique index concurrently i on only s.t (a, b)")
    assert nodes is not None
    (index,) = nodes
    relation = index.child("relation")
    assert relation is not None
    assert (index.kind, index.text("idxname"), relation.text("relname")) == ("IndexStmt", "i", "t")
    assert [column.text("name") for column in index.children("index_params")] == ["a", "b"]
    assert (index.flag("unique"), relation.flag("inh")) == (True, False)
    assert index.child("where_clause") is None


def test_options_are_read_as_they_are_written() -> None:
    """Words, numbers and missing values of options come out in lower case, or None."""
    nodes = parse("vacuum (full, analyze Off, parallel 2, index_cleanup 'AUTO', truncate true) t")
    assert nodes is not None
    assert nodes[0].options() == {
        "full": None,
        "analyze": "off",
        "parallel": "2",
        "index_cleanup": "auto",
        "truncate": "true",
    }


def test_enumerations_have_names() -> None:
    """A field that holds an enumeration gives its value's name."""
    nodes = parse("discard all")
    assert nodes is not None
    assert nodes[0].text("target") == "DISCARD_ALL"


@pytest.mark.parametrize(
    "sql",
    [
        "creat table t ()",
        "select $$",
        "repack table t using index i concurrently",
        "select \0",
        "select " + "(" * 7_000,
        "select 1" + "+1" * 7_000,
        "select 1" + "+1" * 1_000_000,
        "select '" + "x" * LONGEST + "'",
    ],
    ids=lambda sql: f"{sql[:12]} {len(sql)}",
)
def test_what_cannot_be_read_is_none(sql: str) -> None:
    """Wrong, newer, deep and long statements give None, and the process lives."""
    assert parse(sql) is None


def test_statements_are_counted() -> None:
    """One node for each statement, none for a comment."""
    assert [node.kind for node in parse("select 1; vacuum;") or ()] == ["SelectStmt", "VacuumStmt"]
    assert parse("-- nothing") == ()


def test_the_parser_is_not_loaded_for_ordinary_statements() -> None:
    """A file of common DDL, even with BEGIN and COMMIT, is judged without loading the parser."""
    program = """
import sys
from pathlib import Path
from ajour.model import Migration
from ajour.sql.steps import script

sql = '''begin;
create table t (id int primary key, note text default 'vacuum; create index concurrently');
create unique index i on t (id);
alter table t add column concurrently_done int;
drop table if exists u;
drop index if exists j;
create or replace function f() returns int language sql as $$ reindex schema public; $$;
alter database d set work_mem = '8MB';
insert into t values (1); savepoint s; release s;
commit;'''
steps = script(Migration("1_a.sql", "1_a.sql", sql, "")).steps
assert [len(step.statements) for step in steps] == [10], steps
wanted = {"postgast", "google.protobuf", "psycopg", "rich"}
assert not wanted & set(sys.modules), wanted & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
