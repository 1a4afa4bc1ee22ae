from pathlib import Path

import pytest

from lacking import since
from projects import Cli, Database, Project, documents
from servers import Server, connect

pytestmark = since(18, "what the embedded server has")

SCHEMA = """
create table notes (id int primary key, body text default 'new', owner uuid);
create index notes_owner on notes (owner) where body <> '';
alter table notes enable row level security;
create policy "own notes" on notes for select to authenticated using (auth.uid() = owner);
create policy "no notes" on notes as restrictive for delete to anon using (false);
create function shout(a text) returns text language sql immutable as 'select upper(a)';
create view titles with (security_invoker = on) as select id, body from notes;
create function greet() returns trigger language plpgsql as $$begin
  return new;
end$$;
create trigger on_auth_user_created after insert on auth.users
  for each row execute function greet();
create policy "own files" on storage.objects for select to authenticated
  using (owner_id = auth.uid()::text);
"""

CLOSED = "create table {0} (); alter table {0} enable row level security;"

BY_HAND = {
    "alter table notes alter body set default 'old'": "changed  column public.notes.body: default",
    "grant select on notes to public": "changed  table public.notes: grants",
    'alter policy "own notes" on notes to anon': "changed  policy own notes on public.notes: roles",
    "alter function shout(text) volatile": "changed  function public.shout(text): volatility",
    "drop index notes_owner; create index notes_owner on notes (owner)": (
        "changed  index notes_owner on public.notes: definition"
    ),
    "alter view titles reset (security_invoker)": "changed  view public.titles: options",
    "alter table notes disable row level security": "changed  table public.notes: row security",
    'drop policy "no notes" on notes': "missing  policy no notes on public.notes",
    "create table made_by_hand (id int primary key)": "added    table public.made_by_hand",
    "create policy theirs on storage.objects for select to anon using (false)": (
        "added    policy theirs on storage.objects"
    ),
    "drop trigger on_auth_user_created on auth.users": (
        "missing  trigger on_auth_user_created on auth.users"
    ),
    "create extension citext with schema extensions": "added    extension citext",
}


@pytest.fixture
def made(ajour: Cli, project: Project) -> Cli:
    """Give the command, on a database that is what its one migration makes."""
    project.migration("20240101_a.sql", SCHEMA)
    ajour("migrate")
    return ajour


def test_no_drift(made: Cli, project: Project) -> None:
    """What the migrations made is no difference, and nothing is left behind."""
    assert made("drift").stdout.splitlines()[1:] == [
        "no drift: the database has what 1 migration makes"
    ]
    assert not list((project.path / ".ajour").glob("scratch-*"))


def test_what_was_made_by_hand(made: Cli, db: Database) -> None:
    """Each change is found and named, on the platform's own tables too; the exit code is 1."""
    for sql in BY_HAND:
        db.connection.execute(sql.encode())
    said = made("drift", code=1).stdout.splitlines()
    named = [line for line in said if line.startswith(("added", "missing", "changed"))]
    assert sorted(named) == sorted(BY_HAND.values())
    assert said[-1] == f"{len(BY_HAND)} differences from what 1 migration makes"
    change = said.index("changed  column public.notes.body: default")
    assert said[change + 1 : change + 3] == [
        "  migrations: 'new'::text",
        "  database:   'old'::text",
    ]


def test_for_a_program(made: Cli, db: Database) -> None:
    """With --json each difference comes with both states."""
    db.run("alter table notes alter body set default 'old'")
    (document,) = documents(made("drift", "--json", code=1))
    assert (document["kind"], document["replayed"]) == ("Drift", 1)
    assert document["differences"] == [
        {
            "kind": "column",
            "schema": "public",
            "name": "body",
            "table": "notes",
            "object": "column public.notes.body",
            "what": "changed",
            "attribute": "default",
            "migrations": "'new'::text",
            "database": "'old'::text",
        }
    ]
    assert document["draft"] is None


def test_what_is_pending_is_no_drift(made: Cli, project: Project) -> None:
    """Only what the history lists is replayed."""
    project.migration("20240102_b.sql", CLOSED.format("later"))
    assert "no drift" in made("drift").stdout


def test_a_long_text(made: Cli, db: Database) -> None:
    """Of a body of many lines those are shown that differ."""
    db.run(
        "create or replace function greet() returns trigger language plpgsql as"
        " $$begin\n  perform 1;\n  return new;\nend$$"
    )
    said = made("drift", code=1).stdout
    assert "changed  function public.greet(): body\n" in said
    assert "   begin\n  +  perform 1;\n     return new;\n" in said
    assert "end" not in said


def test_files_that_do_not_fit(made: Cli, project: Project, db: Database) -> None:
    """What was edited or is gone makes the comparison doubtful: that is said."""
    project.migration("20240101_a.sql", SCHEMA.replace("'new'", "'edited'"))
    db.run("insert into migrations (name) values ('20230101_lost.sql')")
    done = made("drift", code=1)
    assert "20240101_a.sql was edited since it was applied" in done.stderr
    assert "20230101_lost.sql is applied and not in the folder" in done.stderr
    assert "changed  column public.notes.body: default" in done.stdout


def test_migrations_that_do_not_run(made: Cli, project: Project, db: Database) -> None:
    """Where they need what no file makes, it refuses and says how to begin with it."""
    project.migration("20240102_b.sql", "alter table made_by_hand add column a int;")
    db.run("create table made_by_hand ()")
    made("migrate")
    said = made("drift", code=3).stderr
    assert "The applied migrations do not run on a scratch database" in said
    assert 'relation "made_by_hand" does not exist' in said
    assert "20240102_b.sql:1:" in said
    assert "ajour db base --from URL" in said


# --- another scratch server -------------------------------------------------------------------


@pytest.fixture
def databases(server: Server) -> set[str]:
    """Give the names of the server's databases as they are before the test."""
    return _databases(server)


def _databases(server: Server) -> set[str]:
    with connect(server.url("postgres")) as connection:
        return {row[0] for row in connection.execute("select datname from pg_database")}


def test_a_scratch_server(made: Cli, db: Database, server: Server, databases: set[str]) -> None:
    """The migrations are replayed in a new database there, which is dropped afterwards."""
    url = server.url("postgres")
    assert "no drift" in made("drift", "--scratch", url).stdout
    db.run("drop view titles")
    assert "missing  view public.titles" in made("drift", "--scratch", url, code=1).stdout
    assert _databases(server) == databases


def test_another_owner(cli: Cli, project: Project, plain_database_url: str) -> None:
    """The roles that migrate here and on the scratch server are not told apart by their names."""
    project.write("ajour.toml", 'profile = "plain"\n')
    project.migration(
        "20240101_a.sql",
        "create table t (a int); create view v as select a from t;"
        " alter default privileges grant select on tables to anon;"
        " grant select on t to service_role;",
    )
    with connect(plain_database_url) as connection:
        connection.execute("create role app_owner login superuser")
        try:
            connection.execute("alter role app_owner password 'owner-of-the-app'")
            head, _, tail = plain_database_url.partition("@")
            on = cli.on(f"{head.partition('://')[0]}://app_owner:owner-of-the-app@{tail}")
            on("migrate")
            assert "no drift" in on("drift").stdout
            assert "no drift" in cli.on(plain_database_url)("drift").stdout
            connection.execute("alter table t owner to postgres")
            assert "changed  table public.t: owner" in on("drift", code=1).stdout
            connection.execute("alter table t owner to app_owner; set role app_owner")
            connection.execute("create table u (a int); grant select on t to public; reset role")
            assert "\nproven: " in on("drift", "--sql", "by hand", code=1).stdout
        finally:
            connection.execute("reassign owned by app_owner to postgres")
            connection.execute("drop owned by app_owner")
            connection.execute("drop role app_owner")


def test_a_server_that_is_not_supabases(made: Cli, server: Server) -> None:
    """Without the platform's roles there, it refuses and says what helps."""
    with connect(server.url("template1")) as connection:
        connection.execute("alter role anon rename to anon_elsewhere")
        try:
            said = made("drift", "--scratch", server.url("template1"), code=3).stderr
        finally:
            connection.execute("alter role anon_elsewhere rename to anon")
    assert "The scratch server has no role anon" in said


# --- the draft of a migration -----------------------------------------------------------------


def drafted(project: Project) -> Path:
    """Return the one file that was written."""
    (path,) = project.migrations.glob("*_by_hand.sql")
    return path


def test_a_draft(made: Cli, project: Project, db: Database) -> None:
    """It takes over all that was made by hand; recorded, there is no drift any more."""
    for sql in BY_HAND:
        db.connection.execute(sql.encode())
    said = made("drift", "--sql", "by hand", code=1).stdout.splitlines()
    path = drafted(project)
    assert said[-4:] == [
        f"created supabase/migrations/{path.name}",
        "proven: behind the migrations it makes the schema that the database has",
        "Look it through. The database has it already: there, record it without running it:",
        f"  ajour repair --mark-applied {path.name}",
    ]
    text = path.read_text()
    assert "alter table public.notes alter column body set default 'old'::text;\n" in text
    assert "-- Proven on a scratch database (PostgreSQL 18." in text
    assert "NOT PROVEN" not in text
    made("repair", "--mark-applied", path.name, "--yes")
    assert "no drift: the database has what 2 migrations make" in made("drift").stdout


def test_a_draft_is_a_migration(
    made: Cli, cli: Cli, project: Project, db: Database, server: Server
) -> None:
    """On another database it runs like any other, and there is no drift there."""
    db.run("create table made_by_hand (id int primary key, v int references notes)")
    made("drift", "--sql", "by hand", code=1)
    with server.database() as url:
        cli.on(url)("migrate")
        assert "no drift" in cli.on(url)("drift").stdout


def test_a_draft_is_printed(made: Cli, project: Project, db: Database) -> None:
    """With - the SQL alone is on standard output, and no file is written."""
    db.run("drop view titles")
    said = made("drift", "--sql", "-", code=1).stdout
    assert said.startswith("-- What the database has, and the migrations that are applied there")
    assert said.endswith("\n\ndrop view public.titles;\n")
    assert [path.name for path in project.migrations.iterdir()] == ["20240101_a.sql"]


def test_a_draft_for_a_program(made: Cli, project: Project, db: Database) -> None:
    """The document has its path and its text."""
    db.run("drop view titles")
    (document,) = documents(made("drift", "--json", "--sql", "by hand", code=1))
    path = drafted(project)
    assert document["draft"] == {
        "path": f"supabase/migrations/{path.name}",
        "sql": path.read_text(),
        "why_not": None,
    }


def test_a_draft_that_is_not_proven(made: Cli, project: Project, db: Database) -> None:
    """What still differs behind it is said in the file and beside it; so is what was pending."""
    project.migration("20240102_b.sql", "create table top (id int); create table below (id int);")
    made("migrate")
    project.migration("20240103_c.sql", CLOSED.format("later"))
    db.run("drop table below")
    db.run("create table below () inherits (top)")
    said = made("drift", "--sql", "by hand", code=1).stdout
    text = drafted(project).read_text()
    left = "The database still has another schema: column public.below.id (inherited)."
    assert f"not proven: {left}" in said
    assert f"-- NOT PROVEN:\n-- {left}" in text
    assert "what is pending, which is to run first: 20240103_c.sql\n" in said
    assert "what was pending, which is to run first: 20240103_c.sql.\n" in text


def test_no_draft(made: Cli, project: Project) -> None:
    """Where there is no drift nothing is written; a name that is none is refused at once."""
    assert "no drift" in made("drift", "--sql", "by hand").stdout
    assert made("drift", "--sql", "-").stdout == ""
    assert "no letter or digit" in made("drift", "--sql", "!", code=2).stderr
    assert [path.name for path in project.migrations.iterdir()] == ["20240101_a.sql"]


# --- the gate ---------------------------------------------------------------------------------


def test_a_deploy_that_wants_no_drift(made: Cli, project: Project, db: Database) -> None:
    """It goes on where there is none; else it refuses, names what differs and changes nothing."""
    project.migration("20240102_b.sql", CLOSED.format("later"))
    assert "no drift" in made("deploy", "--no-drift").stdout
    project.migration("20240103_c.sql", CLOSED.format("last"))
    db.run("drop view titles")
    said = made("deploy", "--no-drift", code=3).stderr
    assert "missing  view public.titles" in said
    assert "last" not in db.tables()


def test_settings_for_new_sessions(made: Cli, project: Project, db: Database) -> None:
    """Of roles that the migrations make or change, and of the database; secrets are not shown."""
    name = db.connection.info.dbname
    role = f"reader_{name}"
    project.migration(
        "20240102_b.sql",
        f"create role {role}; alter role {role} set work_mem = '3MB';"
        f" alter role {role} set app.token = 'of-the-files';",
    )
    made("migrate")
    try:
        assert "no drift" in made("drift").stdout
        db.connection.execute(f"alter role {role} set work_mem = '4MB'".encode())
        db.connection.execute(f"alter role {role} set app.token = 'of-another'".encode())
        db.connection.execute(f"alter role {role} in database {name} set jit = off".encode())
        db.connection.execute(f"alter database {name} set app.settings.jwt_secret = 's'".encode())
        db.connection.execute(f"alter database {name} set timezone = 'Asia/Tokyo'".encode())
        done = made("drift", code=1)
        assert "of-another" not in done.stdout
        assert done.stdout.splitlines()[1:] == [
            "added    database setting jit of role " + role,
            "added    database setting timezone",
            f"changed  role setting app.token of role {role}: hidden values",
            f"changed  role setting work_mem of role {role}: value",
            "  migrations: 3MB",
            "  database:   4MB",
            "4 differences from what 2 migrations make",
        ]
        found = documents(made("drift", "--json", code=1))
        assert "of-another" not in str(found)
    finally:
        db.connection.execute(f"drop role {role}".encode())
