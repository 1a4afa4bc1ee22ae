"""Rules about who may do what: what later files mend, what stays secret, what the server has."""

import base64
import json

import pytest

from ajour.check import Circumstances, check
from ajour.fix import fixed
from ajour.model import Finding
from ajour.profiles import SUPABASE
from ajour.report.text import finding
from ajour.sql.parse import parse
from ajour.sql.schema import Schema, begin
from ajour.sql.split import split
from lacking import since
from runs import TABLE, file
from servers import connect

WHERE = Circumstances(SUPABASE, 18, TABLE, {"revoke": "off"})


def found(*texts: str, only: int | None = None) -> list[tuple[str, str]]:
    """Return which rules find something in which file; `only` judges one, the first is 1."""
    files = [file(f"{number}.sql", text) for number, text in enumerate(texts, 1)]
    names = None if only is None else [f"{only}.sql"]
    every = check(files, WHERE, only=names)
    return [(each.rule, each.where.file) for each in every if each.where]


OPEN = "create table notes (id bigint primary key);"
ON = "alter table notes enable row level security;"
POLICY = "create policy own on notes for select using (id > 0);"


@pytest.mark.parametrize(
    ("texts", "rules"),
    [
        ([OPEN], [("rls-disabled-in-public", "1.sql")]),
        ([OPEN, "select 1;", POLICY, ON], []),
        ([OPEN + ON, POLICY, "drop policy own on notes;"], [("rls-without-policy", "1.sql")]),
        ([OPEN, "drop table notes;"], [("drop-table", "2.sql")]),
        ([OPEN, "revoke all on notes from anon;"], [("rls-disabled-in-public", "1.sql")]),
        ([OPEN, "revoke all on notes from anon, authenticated;"], []),
        ([OPEN, "revoke all on all tables in schema public from anon, authenticated;"], []),
        (
            [OPEN, "revoke all on notes from anon, authenticated; grant select on notes to anon;"],
            [("rls-disabled-in-public", "1.sql")],
        ),
        (
            [OPEN, "do $$ begin alter table public.notes enable row level security; end $$;"],
            [("rls-without-policy", "2.sql")],
        ),
        (
            [
                OPEN + POLICY,
                (
                    "do $$ begin execute format('alter table %I enable row level security', 'x');"
                    " end $$;"
                ),
            ],
            [],
        ),
        (
            ["create schema inside; create table inside.notes (id bigint primary key);"],
            [],
        ),
        (
            [
                (
                    "create schema inside; create table inside.notes (id bigint primary key);"
                    " alter table inside.notes set schema public;"
                )
            ],
            [("rls-disabled-in-public", "1.sql")],
        ),
    ],
)
def test_what_a_later_file_mends_is_no_finding(
    texts: list[str], rules: list[tuple[str, str]]
) -> None:
    """A table is judged by what it is after the last file, and told of where it was made."""
    assert found(*texts) == rules


def test_an_older_file_is_judged_with_what_came_after_it() -> None:
    """Also when it alone is looked at: the files behind it are read for that."""
    assert found(OPEN, POLICY + ON, only=1) == []
    assert found(OPEN, POLICY, only=1) == [("rls-disabled-in-public", "1.sql")]


def test_findings_keep_their_order() -> None:
    """What had to wait for the last file stands between the others, in the order of lines."""
    rules = found("drop table gone;\n" + OPEN + "\ndrop table more;", "drop table last;")
    assert rules == [
        ("drop-table", "1.sql"),
        ("rls-disabled-in-public", "1.sql"),
        ("drop-table", "1.sql"),
        ("drop-table", "2.sql"),
    ]


def jwt(role: str) -> str:
    """Return what looks like a key of Supabase, and opens nothing."""
    parts = ({"alg": "HS256"}, {"iss": "supabase", "role": role})
    words = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join([*(word.rstrip("=") for word in words), "bm8tc2lnbmF0dXJlLWF0LWFsbA"])


SECRETS = {
    "create role r password 'correct-horse'": "correct-horse",
    "comment on schema public is 'postgres://me:hunter2@db.test/x'": "hunter2",
    f"select '{jwt('service_role')}'": jwt("service_role"),
    "-- sk_live_" + "a1B2" * 6 + "\nselect 1": "a1B2" * 6,
    "select 'ghp_" + "0aZ9" * 9 + "'": "0aZ9" * 9,
    "select 'AKIA" + "Q7" * 8 + "'": "Q7" * 8,
    "select '-----BEGIN PRIVATE KEY-----" + "MIIE" * 12 + "'": "MIIE" * 12,
}


@pytest.mark.parametrize("sql", SECRETS)
def test_a_secret_is_found_and_not_told(sql: str) -> None:
    """The finding says what kind it is and where; its letters are nowhere, whoever points there."""
    every = list(check((file("1.sql", sql + "; drop table gone;"),), WHERE))
    assert [each.rule for each in every if each.rule != "drop-table"] == ["secret-in-file"]
    assert len(every) == 2, every
    shown = "\n".join(line for each in every for line in finding(each, source=True))
    assert SECRETS[sql] not in shown + repr(every)
    assert "***" in shown


@pytest.mark.parametrize(
    "sql",
    [
        f"select '{jwt('anon')}'",
        "create role r password 'your-password'",
        "select 'postgres://postgres:postgres@localhost:54322/postgres'",
        "select 'https://example.org/a:b@c'",
        "create table t (password text default 'x')",
        "select format('postgres://%s:%s@host/db', 'a', 'b')",
    ],
)
def test_what_is_no_secret_is_not_found(sql: str) -> None:
    """Public keys, placeholders, a server of one's own machine, and what only looks like one."""
    assert [rule for rule, _ in found(sql) if rule == "secret-in-file"] == []


@pytest.mark.parametrize(
    ("sql", "now"),
    [
        (
            "create view v as select id from customers",
            "create view v with (security_invoker = on) as select id from customers",
        ),
        (
            'create or replace view "V" (a) with (security_barrier) as select 1 from t',
            (
                'create or replace view "V" (a) with (security_invoker = on, security_barrier)'
                " as select 1 from t"
            ),
        ),
        (
            "create policy p on t using (é = 'ü' and auth.uid() = a or a = auth . uid ( ))",
            (
                "create policy p on t using (é = 'ü' and (select auth.uid()) = a"
                " or a = (select auth . uid ( )))"
            ),
        ),
        (
            "create function f() returns int language sql as 'select count(*)::int from t'",
            (
                "create function f() returns int language sql set search_path = public, extensions,"
                " pg_temp\nas 'select count(*)::int from t'"
            ),
        ),
        ("create extension pg_trgm", "create extension pg_trgm with schema extensions"),
        ("create view v as (select 1)", "create view v as (select 1)"),
    ],
)
def test_fixes_change_what_they_must(sql: str, now: str) -> None:
    """Everything else of the statement stays letter by letter."""
    one = file("1.sql", sql + ";")
    assert fixed((one,), WHERE, one)[0].text == now + ";"


BOTH = {"public", "anon"}
"""By either of them anon may call a function."""

GUARD = """
create table a (id int); create table b (id int); create table c (id int);
alter table a enable row level security; alter table b enable row level security;
alter table b disable row level security;
do $$ begin alter table public.c enable row level security; end $$;
create policy one on a for insert to authenticated with check (id > 0);
create policy two on a as restrictive using (id > 1);
create policy three on b for select to anon, service_role using (true);
alter policy two on a rename to zwei; drop policy three on b; create policy vier on b using (true);
alter table c rename to d;
create view v1 as select 1; create view v2 with (security_invoker) as select 1;
create view v3 with (security_invoker = true) as select 1;
create or replace view v3 as select 1;
create view v4 as select 1; alter view v4 set (security_invoker = on);
create view v5 with (security_invoker = on) as select 1; alter view v5 reset (security_invoker);
create view v6 with (security_invoker = off) as select 1;
create function f(x int, y text default 'a') returns text language sql security definer
  set search_path = '' as 'select y';
create function f(x bigint) returns bigint language sql as 'select x';
create or replace function f(x bigint) returns bigint language sql security definer as 'select x';
create function g(out a int, out b text) language sql as 'select 1, ''x''';
create function h(numeric(10, 2), varchar(3)[], timestamp with time zone) returns setof int
  language sql set search_path to public as 'select 1';
create procedure p(inout z int) language plpgsql security definer as 'begin end';
alter function f(int, text) security invoker; alter function f(bigint) set search_path = public;
alter function h reset search_path; alter procedure p(int) set search_path from current;
create function gone() returns int language sql as 'select 1'; drop function gone();
create function old() returns int language sql security definer as 'select 1';
alter function old() rename to young;
revoke execute on function f(bigint) from public, anon;
revoke all on all functions in schema public from authenticated;
grant execute on function g() to authenticated;
revoke all on d from anon; revoke all on d from authenticated; grant select on d to authenticated;
"""


def known(text: str) -> Schema:
    """Return what the text tells."""
    schema = begin(SUPABASE)
    for statement in split(text):
        for node in parse(statement.text) or ():
            schema = schema.after(node, "1.sql")
    return schema


@since(15, "security_invoker")
def test_what_is_known_is_what_the_server_has(database_url: str) -> None:
    """Row security, policies, views, functions and who may call them, after the same statements."""
    with connect(database_url) as connection:
        connection.execute(GUARD.encode())
        tables = connection.execute(
            b"select relname, relrowsecurity,"
            b" coalesce(reloptions::text ~* 'invoker=(on|true)', false)"
            b" from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
        ).fetchall()
        policies = connection.execute(
            b"select tablename, policyname, lower(cmd), roles::text[], permissive = 'PERMISSIVE'"
            b" from pg_policies where schemaname = 'public'"
        ).fetchall()
        routines = connection.execute(
            b"select proname, prosecdef, coalesce(proconfig::text ~ 'search_path', false),"
            b" pronargs - pronargdefaults, has_function_privilege('anon', oid, 'execute')"
            b" from pg_proc where pronamespace = 'public'::regnamespace"
        ).fetchall()
    schema = known(GUARD)
    assert {(name, on) for name, on, _ in tables if name < "v"} == {
        (each.relation.name, each.row_security)
        for each in schema.tables.values()
        if each.kind == "table"
    }
    assert {(name, invoker) for name, _, invoker in tables if name >= "v"} == {
        (each.relation.name, each.invoker) for each in schema.tables.values() if each.kind == "view"
    }
    assert {
        (table, name, command, tuple(roles), kind) for table, name, command, roles, kind in policies
    } == {
        (each.relation.name, one.name, one.command, one.roles, one.permissive)
        for each in schema.tables.values()
        for one in each.policies
    }
    assert sorted(routines) == sorted(
        (each.name.name, each.definer, each.path, each.required, not each.closed >= BOTH)
        for same in schema.routines.values()
        for each in same
    )


def test_types_are_the_same_however_they_are_written() -> None:
    """An argument's type tells functions apart, its modifier and its other spelling do not."""
    (first,), (second,) = (
        known(f"create function f({one}) returns void language sql as ''").routines.values()
        for one in ("int, varchar(3), public.t, t[]", "int4, character varying, t, public.t[]")
    )
    assert first[0].arguments == second[0].arguments == ("int4", "varchar", "t", "t[]")


def levels(sql: str) -> list[tuple[str, str]]:
    """Return rule and level of the findings about one file."""
    every: list[Finding] = list(check((file("1.sql", sql),), WHERE))
    return [(each.rule, each.level) for each in every]


def test_the_level_goes_by_who_can_do_what() -> None:
    """Everybody may change any row: an error. May add one, or is signed in: a warning."""
    policy = "create policy p on t for {} with check (true);"
    assert levels(policy.format("all")) == [("policy-always-true", "error")]
    assert levels(policy.format("insert")) == [("policy-always-true", "warning")]
    assert levels(policy.format("update to authenticated")) == [("policy-always-true", "warning")]
    assert levels(policy.format("all to service_role")) == []
