"""A Supabase project's database: its own schemas are saved, and come back into a new project."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lacking import leave_out
from projects import Cli, Project, documents
from servers import MAJOR, connect

OLDER = Path("/usr/lib/postgresql/15")

TABLES = """
create table public.notes (id uuid primary key default gen_random_uuid(),
  owner uuid references auth.users, body text);
alter table public.notes enable row level security;
create policy own on public.notes to authenticated using (owner = (select auth.uid()));
insert into auth.users (id) values ('00000000-0000-0000-0000-000000000001');
insert into public.notes (owner, body) values ('00000000-0000-0000-0000-000000000001', 'x');
alter publication supabase_realtime add table public.notes;
"""


@pytest.mark.parametrize("made_by", ["pg_dump", "copy"])
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
    env = {}
    if made_by == "copy":  # every pg_dump there is too old
        if not OLDER.is_dir() or MAJOR <= 15:
            leave_out("there is no older PostgreSQL beside")
        env = {"AJOUR_POSTGRES": str(OLDER)}
    (saved,) = documents(cli.on(old)("backup", "--json", env=env))
    assert saved["made_by"] == made_by
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
