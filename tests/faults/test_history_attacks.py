import pytest

from ajour.errors import HistoryRefused, MigrationFailed
from ajour.events import Done, Planned
from runs import file, migrate
from servers import connect
from ways import Way, cases, hidden, open_to

MORE = {
    "truncate with its sibling": "truncate public.migrations cascade",
    "drop with its sibling": "drop table public.migrations cascade",
    "drop the sibling": "drop table public.migrations_in_progress",
    "truncate the sibling": "truncate public.migrations_in_progress",
    "delete from the sibling": "delete from public.migrations_in_progress",
    "let go of the guard": "update public.migrations_in_progress set holds = null",
    "drop the guard": "alter table public.migrations_in_progress"
    ' drop constraint "only ajour may COMMIT a migration"',
    "update": "update public.migrations set checksum = 'x'",
    "insert and delete": "insert into public.migrations (name) values ('0_x.sql');"
    " delete from public.migrations where name = '0_x.sql'",
    "delete and insert again": "create table kept as table public.migrations;"
    " delete from public.migrations; insert into public.migrations table kept; drop table kept",
    "delete without triggers": "set session_replication_role = replica;"
    " delete from public.migrations",
    "trigger that alters the row": "create function public.tn() returns trigger language plpgsql"
    " as $$begin new.checksum = 'x'; return new; end$$; create trigger t before insert on"
    " public.migrations for each row execute function public.tn()",
    "trigger that deletes the others": "create function public.tn() returns trigger language"
    " plpgsql as $$begin delete from public.migrations where name <> new.name; return new; end$$;"
    " create trigger t after insert on public.migrations for each row execute function public.tn()",
    "rule on the sibling": "create rule r as on delete to public.migrations_in_progress"
    " do instead nothing",
    "child with a row": "create table kid () inherits (public.migrations);"
    " insert into kid (name) values ('9_x.sql')",
    "add a column": "alter table public.migrations add column z int",
    "lock": "lock table public.migrations",
    "row level security on": "alter table public.migrations enable row level security",
    "row level security off": "alter table public.migrations disable row level security",
    "policy": "create policy p on public.migrations using (true)",
}
ATTACKS = {name: sql or "" for name, sql in (cases("history_attacks.json") | MORE).items()}

PASS_AND_ARE_SAID = {
    "create table if not exists migrations",
    "grant to anon",
    "revoke from owner",
    "lock",
    "row level security on",
}
PASS = PASS_AND_ARE_SAID | {"create other-schema migrations"}
HARMLESS = PASS | {
    "default change",
    "enable+force rls (no policy)",
    "policy",
    "row level security off",
}
"""Where only the server sees them. The history is true afterwards, and closed."""

FIRST = file("1_a.sql", "create table a ();")
THIRD = file("3_c.sql", "create table c ();")


def test_files_that_change_the_history_are_refused(way: Way) -> None:
    """What parsing sees is refused before anything runs, with the place and a way out."""
    migrate(way.url, FIRST)
    truth, session = history_rows(way), way.session()
    for name in ATTACKS.keys() - PASS:
        second = file("2_b.sql", f"create table b ();\n  {ATTACKS[name]};\n")
        with pytest.raises(HistoryRefused) as refused:
            migrate(way.url, FIRST, second)
        where = refused.value.where
        assert where, name
        assert (where.file, where.line) == ("2_b.sql", 2), name
        assert refused.value.hint, name
    assert (history_rows(way), way.tables(), way.session()) == (truth, {"a"}, session)
    second = file("2_b.sql", "create table b ();")
    the_history_is_well(way, truth, migrate(way.url, FIRST, second, THIRD) != [])


@pytest.mark.parametrize("name", sorted(PASS))
def test_what_has_no_effect_passes(way: Way, name: str) -> None:
    """An old file with CREATE TABLE IF NOT EXISTS runs, and a finding says what becomes of it."""
    migrate(way.url, FIRST)
    second, truth = file("2_b.sql", f"create table b ();{ATTACKS[name]};"), history_rows(way)
    planned, *_ = migrate(way.url, FIRST, second)
    assert isinstance(planned, Planned)
    said = [each.rule for each in planned.findings]
    assert said == (["history-table"] if name in PASS_AND_ARE_SAID else [])
    the_history_is_well(way, truth, migrate(way.url, FIRST, second, THIRD) != [])


def test_files_that_change_the_history_unseen_are_rolled_back(way: Way) -> None:
    """What only the server sees undoes the whole file, and the next run finds all as it was."""
    migrate(way.url, FIRST)
    truth, session = history_rows(way), way.session()
    for name in [name for name in ATTACKS if name not in HARMLESS]:
        second = file("2_b.sql", f"create table b ();\n{hidden(ATTACKS[name])}\n")
        with pytest.raises(MigrationFailed) as failed:
            migrate(way.url, FIRST, second)
        assert failed.value.progress.failed == "2_b.sql", name
        assert (history_rows(way), way.tables(), way.session()) == (truth, {"a"}, session), name
        assert way.rows("select * from public.migrations_in_progress") == [], name
    second = file("2_b.sql", "create table b ();")
    the_history_is_well(way, truth, migrate(way.url, FIRST, second, THIRD) != [])


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_what_is_harmless_unseen_leaves_the_history_true(way: Way, name: str) -> None:
    """Where a change gets past the server's checks, the history is true afterwards, and closed."""
    migrate(way.url, FIRST)
    second = file("2_b.sql", f"create table b ();\n{hidden(ATTACKS[name])}\n")
    truth, session = history_rows(way), way.session()
    migrate(way.url, FIRST, second)
    assert way.session() == session
    the_history_is_well(way, truth, migrate(way.url, FIRST, second, THIRD) != [])


def test_a_trigger_that_goes_does_not_hide_a_row_that_comes(way: Way) -> None:
    """Both are counted into one number; behind another file of the run nothing else is."""
    migrate(way.url, FIRST)
    with connect(way.direct) as db:
        db.execute(
            "create function public.f() returns trigger language plpgsql as"
            " 'begin return new; end'; create trigger t after delete on public.migrations"
            " for each row execute function public.f()"
        )
    truth = history_rows(way)
    change = "drop trigger t on public.migrations; insert into public.migrations values ('0_x.sql')"
    with pytest.raises(MigrationFailed, match="changes the history table itself"):
        migrate(way.url, FIRST, file("2_b.sql", "select 1"), file("3_c.sql", hidden(change)))
    assert history_rows(way)[:-1] == truth
    assert way.history() == ["1_a.sql", "2_b.sql"]


LOOP = """create table b ();
    do $$ declare its text; begin
      for its in select tablename from pg_tables where schemaname = 'public' loop
        execute format('alter table public.%I {}', its);
      end loop;
    end $$;"""


@pytest.mark.parametrize("change", ["enable row level security", "replica identity full"])
def test_a_loop_over_all_tables_passes(way: Way, change: str) -> None:
    """Two tables of the schema are ours: the guard that is in the way goes aside."""
    migrate(way.url, FIRST)
    truth, session = history_rows(way), way.session()
    happened = migrate(way.url, FIRST, file("2_b.sql", LOOP.format(change)), THIRD)
    assert [each.name for each in happened if isinstance(each, Done)] == ["2_b.sql", "3_c.sql"]
    assert way.session() == session
    the_history_is_well(way, truth, went_on=True)


def test_a_loop_that_changes_the_history_is_told_to_leave_it_out(way: Way) -> None:
    """What would change what the history is, is rolled back, and the hint names the way out."""
    migrate(way.url, FIRST)
    column = "add column updated_at timestamptz"
    with pytest.raises(MigrationFailed, match="changes the history table itself") as failed:
        migrate(way.url, FIRST, file("2_b.sql", LOOP.format(column)))
    assert "A loop over all tables" in (failed.value.hint or "")
    assert way.tables() == {"a"}
    others = LOOP.format(column).replace("'public'", r"'public' and tablename !~ '^migrations'")
    migrate(way.url, FIRST, file("2_b.sql", others))
    assert way.history() == ["1_a.sql", "2_b.sql"]


@pytest.mark.parametrize("again", ["", "create index concurrently on b (i);"])
def test_a_hidden_commit_behind_such_a_loop_fails_too(way: Way, again: str) -> None:
    """The guard that went aside is a guard: deferred constraints are checked, and it is there."""
    migrate(way.url, FIRST)
    text = LOOP.format("enable row level security").replace("b ()", "b (i int)")
    checks = file("2_b.sql", f"{text}\nset constraints all immediate;\n{again}")
    with pytest.raises(MigrationFailed, match="one of them is ajour's own"):
        migrate(way.direct if again else way.url, FIRST, checks)
    assert way.tables() == {"a"}


def history_rows(way: Way) -> list[tuple[object, ...]]:
    """Return the history, whole."""
    return way.rows("select * from public.migrations order by name")


def the_history_is_well(way: Way, truth: list[tuple[object, ...]], went_on: bool) -> None:
    """See that the next run went on, that nothing was lost, and that nobody else can get in."""
    assert went_on
    assert way.history() == ["1_a.sql", "2_b.sql", "3_c.sql"]
    assert history_rows(way)[:1] == truth
    assert {"a", "b", "c"} <= way.tables()
    assert way.rows("select * from public.migrations_in_progress") == []
    with connect(way.direct) as db:
        assert open_to(db) == []
