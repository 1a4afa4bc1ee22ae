"""A Supabase project's database: its own schemas are saved, and come back into a new project."""

from collections.abc import Callable

from backups import back_up
from projects import Cli, Project
from servers import connect

TABLES = """
create table public.notes (id uuid primary key default gen_random_uuid(),
  owner uuid references auth.users, body text);
alter table public.notes enable row level security;
create policy own on public.notes to authenticated using (owner = (select auth.uid()));
insert into auth.users (id) values ('00000000-0000-0000-0000-000000000001');
insert into public.notes (owner, body) values ('00000000-0000-0000-0000-000000000001', 'x');
alter publication supabase_realtime add table public.notes;
"""


def test_into_a_new_project(
    cli: Cli, project: Project, made_by: str, new_database: Callable[[], str]
) -> None:
    """Tables and policies come back; what the platform owns is neither saved nor replaced.

    The users are the platform's: a row that refers to one that is missing stops it all.
    """
    project.write("ajour.toml", 'backup_folder = "../backups"\nprofile = "supabase"\n')
    old, new = new_database(), new_database()
    with connect(old) as connection:
        connection.execute(TABLES)
    saved = back_up(cli.on(old), made_by)
    assert saved["tables"] == ["public.notes"]
    refused = cli.on(new)("restore", saved["id"], code=3)
    assert "foreign key" in refused.stderr
    with connect(new) as connection:
        assert connection.execute("select to_regclass('public.notes')").fetchone() == (None,)
        connection.execute(
            "insert into auth.users (id) values ('00000000-0000-0000-0000-000000000001')"
        )
        cli.on(new)("restore", saved["id"])
        assert connection.execute("select body from public.notes").fetchall() == [("x",)]
        policies = connection.execute(
            "select policyname from pg_policies where tablename = 'notes'"
        )
        assert policies.fetchall() == [("own",)]
        connection.execute("delete from public.notes; alter table public.notes drop column body")
    cli.on(new)("restore", saved["id"], "--table", "notes")
    with connect(new) as connection:
        closed = """select relname like 'notes_restored_%', relrowsecurity,
            has_table_privilege('anon', oid, 'select') from pg_class
            where relname like 'notes%' and relkind = 'r' order by relname desc limit 1"""
        assert connection.execute(closed).fetchone() == (True, True, False)


CLOSED = """
create table public.secrets (id int primary key);
revoke all on public.secrets from anon, authenticated;
insert into public.secrets values (1);
create table public.open (id int primary key);
create function public.hello() returns int language sql as 'select 1';
revoke execute on function public.hello() from public, anon;
"""

RIGHTS = """select has_table_privilege('anon', 'public.secrets', 'select'),
  has_table_privilege('service_role', 'public.secrets', 'select'),
  has_table_privilege('anon', 'public.open', 'select'),
  has_function_privilege('anon', 'public.hello()', 'execute'),
  has_function_privilege('service_role', 'public.hello()', 'execute')"""


def test_who_was_refused_stays_refused(
    cli: Cli, project: Project, made_by: str, new_database: Callable[[], str]
) -> None:
    """A new project gives rights on what is new: on later tables, and not on what comes back."""
    project.write("ajour.toml", 'backup_folder = "../backups"\nprofile = "supabase"\n')
    old, new = new_database(), new_database()
    with connect(old) as connection:
        connection.execute(CLOSED)
        rights = connection.execute(RIGHTS).fetchone()
    assert rights == (False, True, True, False, True)
    saved = back_up(cli.on(old), made_by)
    cli.on(new)("restore", saved["id"])
    with connect(new) as connection:
        assert connection.execute(RIGHTS).fetchone() == rights
        connection.execute("drop table public.secrets")
        cli.on(new)("restore", saved["id"], "--table", "secrets")
        assert connection.execute(RIGHTS).fetchone() == rights
        connection.execute("create table public.later (id int)")
        given = "select has_table_privilege('anon', 'public.later', 'select')"
        assert connection.execute(given).fetchone() == (True,)
