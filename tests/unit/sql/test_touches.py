import json
import subprocess
import sys
from pathlib import Path

import pytest

from ajour.model import Relation, Statement
from ajour.sql.touches import mentions, touches

TABLE = Relation("public", "migrations")
NT = Relation("public", "nt")
DATA = Path(__file__).parent / "data"


def statement(sql: str) -> Statement:
    """Return `sql` as a statement of its own."""
    return Statement(sql, 0, 1, 1)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("drop table migrations", "drops public.migrations"),
        ("DROP TABLE IF EXISTS a, PUBLIC.Migrations CASCADE", "drops public.migrations"),
        ('drop view "public"."migrations"', "drops public.migrations"),
        ("drop schema public cascade", "drops the schema public of the history"),
        ("drop schema if exists a, public", "drops the schema public of the history"),
        ("alter schema public rename to old", "renames the schema public of the history"),
        ("truncate a, migrations", "empties public.migrations"),
        ("alter table migrations add column z int", "alters public.migrations"),
        ("alter table only public.migrations owner to anon", "alters public.migrations"),
        ("alter table migrations set unlogged", "alters public.migrations"),
        ("alter table migrations force row level security", "alters public.migrations"),
        (
            "alter table migrations enable row level security, add column z int",
            "alters public.migrations",
        ),
        ("alter table a attach partition migrations default", "alters public.migrations"),
        ("alter table a inherit migrations", "alters public.migrations"),
        ("alter table migrations rename to old", "renames public.migrations"),
        ("alter table migrations rename column name to n", "renames public.migrations"),
        ("alter table migrations set schema old", "moves public.migrations"),
        ("alter table a rename to migrations", "gives something else the name public.migrations"),
        ("alter view app.migrations set schema public", "gives something else the name"),
        ("insert into migrations (name) values ('x')", "writes to public.migrations"),
        ("update public.migrations set checksum = null", "writes to public.migrations"),
        ("delete from migrations", "deletes from public.migrations"),
        (
            "merge into migrations using a on true when matched then delete",
            "writes to public.migrations",
        ),
        ("copy migrations (name) from stdin", "writes to public.migrations"),
        ("with a as (delete from migrations returning 1) select * from a", "deletes from"),
        ("insert into a with b as (delete from migrations returning 1) select * from b", "deletes"),
        ("explain analyze delete from migrations", "deletes from public.migrations"),
        ("prepare p as delete from migrations", "deletes from public.migrations"),
        (
            "create trigger t before insert on migrations for each row execute function f()",
            "puts a trigger on public.migrations",
        ),
        (
            "create rule r as on insert to migrations do instead nothing",
            "puts a rule on public.migrations",
        ),
        ("create policy p on migrations using (true)", "puts a policy on public.migrations"),
        ("alter policy p on migrations using (true)", "changes a policy of public.migrations"),
        ("create table migrations (id int)", "creates public.migrations"),
        ("create table migrations as select 1", "creates public.migrations"),
        ("create materialized view migrations as select 1", "creates public.migrations"),
        ("select 1 as a into migrations", "creates public.migrations"),
        ("create or replace view migrations as select 1", "creates public.migrations"),
        ("create foreign table migrations (a int) server s", "creates public.migrations"),
        ("create table a () inherits (migrations)", "inherits from public.migrations"),
        ("create temp table migrations (a int)", "puts a temporary table before"),
        ("create temp table if not exists migrations (a int)", "puts a temporary table before"),
        ("delete from migrations_in_progress", "deletes from public.migrations_in_progress"),
        ("drop table public . migrations_in_progress", "drops public.migrations_in_progress"),
        ("drop -- it\n table /* ! */ migrations", "drops public.migrations"),
    ],
)
def test_what_would_change_the_history_is_seen(sql: str, expected: str) -> None:
    """The refusal can say what the statement does, and to which of the two tables."""
    assert (touches(statement(sql), TABLE) or "").startswith(expected)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("create table if not exists migrations (name text)", "creates public.migrations"),
        ("create table if not exists migrations as select 1", "creates public.migrations"),
        ("grant all on migrations to anon", "grants rights on public.migrations"),
        ("revoke all on table a, public.migrations from anon", "revokes rights on"),
        ("alter table migrations enable row level security", "alters public.migrations"),
        ("lock table migrations in exclusive mode", "locks public.migrations"),
    ],
)
def test_what_has_no_effect_passes_and_is_mentioned(sql: str, expected: str) -> None:
    """Old files say such things, and an executed file cannot be changed any more."""
    assert touches(statement(sql), TABLE) is None
    assert (mentions(statement(sql), TABLE) or "").startswith(expected)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from migrations",
        "copy migrations to stdout",
        "comment on table migrations is 'ours'",
        "create index on migrations (executed_at)",
        "insert into a select name from public.migrations",
        "create view v as select * from migrations",
        "create table a (name text references migrations)",
        "create table app.migrations (id int)",
        "drop table app.migrations",
        "alter table app.migrations rename to old",
        "alter table app.a rename to migrations",
        "alter table migrations_old rename to migrations_older",
        "create temp table old_migrations (a int)",
        "drop schema app cascade",
        "alter schema public owner to postgres",
        "alter table app.migrations enable row level security",
        "drop function migrations()",
        "drop policy if exists p on migrations",
        "create function migrations() returns int language sql return 1",
        "create function f() returns void language sql as 'delete from migrations'",
        "do $$ begin execute 'drop table migrations'; end $$",
        "grant usage on schema public to anon",
        "insert into a values ('drop schema public')",
        "alter type migrations add value 'x'",
        "alter domain migrations set default 1",
        "create role migrations",
        'drop table "Migrations"',
        "this is not sql about migrations",
        "alter table migrations set",
    ],
)
def test_what_only_looks_like_it_passes(sql: str) -> None:
    """Reading is free, and so are other schemas, other names and what no parser can see."""
    assert touches(statement(sql), TABLE) is None
    assert mentions(statement(sql), TABLE) is None


def test_the_table_that_is_configured_counts() -> None:
    """With another history, public.migrations is a table like any other."""
    other = Relation("ajour", "Log")
    assert touches(statement("drop table public.migrations"), other) is None
    assert touches(statement("drop schema ajour"), other) == "drops the schema ajour of the history"
    assert touches(statement('truncate ajour."Log"'), other) == "empties ajour.Log"
    assert touches(statement('delete from "Log_in_progress"'), other)
    assert touches(statement("drop table ajour.log"), other) is None


def test_any_kind_of_statement_can_be_judged() -> None:
    """All that was tried on real servers is read without an error, and judged by its kind."""
    cases = json.loads((DATA / "no_transaction.json").read_text())
    found = {str(case["sql"]): touches(statement(str(case["sql"])), NT) for case in cases}
    assert {sql: what for sql, what in found.items() if what} == {
        "alter table nt add constraint nn not null v not valid": "alters public.nt",
        "alter table nt set tablespace pg_default": "alters public.nt",
        "copy nt from stdin": "writes to public.nt",
    }


def test_ordinary_files_do_not_load_the_parser() -> None:
    """Only a text with the table's name in it, or with a schema that goes, is parsed."""
    code = (
        "import sys\n"
        "from ajour.model import Relation, Statement\n"
        "from ajour.sql.touches import touches\n"
        "one = Statement('drop table other cascade', 0, 1, 1)\n"
        "assert touches(one, Relation('public', 'migrations')) is None\n"
        "assert 'postgast' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
