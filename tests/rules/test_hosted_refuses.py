import pytest

from ajour.check import Circumstances, check
from ajour.model import Finding
from ajour.profiles import SUPABASE
from runs import TABLE, file


def refused(sql: str) -> list[Finding]:
    """Return what the rule finds."""
    found = check((file("20240101_a.sql", sql),), Circumstances(SUPABASE, 18, TABLE))
    return [each for each in found if each.rule == "hosted-refuses"]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("alter table storage.objects enable row level security", "alters storage.objects"),
        ("alter table auth.users add column x int", "alters auth.users"),
        ("create index on auth.users (email)", "makes an index on auth.users"),
        ("create table auth.mine (a int)", "makes the table auth.mine"),
        ("create function auth.f() returns int language sql as 'select 1'", "function auth.f"),
        ("delete from storage.objects where bucket_id = 'x'", "deletes rows of storage.objects"),
        ("truncate auth.users", "empties auth.users"),
        ("drop table storage.objects", "drops storage.objects"),
        ("alter system set work_mem = '1GB'", "changes a setting of the server"),
        ("alter role anon noinherit", "alters the role anon"),
        ("drop role if exists mine, service_role", "drops the role service_role"),
        ("create role authenticator", "makes the role authenticator"),
    ],
)
def test_what_hosted_refuses_is_found(sql: str, what: str) -> None:
    """The finding names what it does, and where."""
    (found,) = refused(f"select 1;\n{sql};")
    assert what in found.message
    assert found.where is not None
    assert found.where.line == 2


@pytest.mark.parametrize(
    "sql",
    [
        "create policy p on storage.objects for select using (true)",
        "create trigger t after insert on auth.users for each row execute function public.f()",
        "drop policy p on storage.objects",
        "insert into storage.buckets (id, name) values ('a', 'a')",
        "create table public.mine (id uuid references auth.users (id))",
        "delete from public.storage where a = 1",
        "select auth.uid(), vault.create_secret('a')",
        "create function public.f() returns uuid language sql as 'select auth.uid()'",
    ],
)
def test_what_hosted_lets_pass_is_not(sql: str) -> None:
    """Policies, triggers, buckets and what is the project's own."""
    assert refused(f"{sql};") == []
