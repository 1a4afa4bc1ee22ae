from datetime import UTC, datetime
from hashlib import sha256

import pytest

from ajour.errors import HistoryRefused
from ajour.model import Applied, History, Migration, Relation, Unfinished
from ajour.plan import compare, make_plan
from ajour.sql.steps import done_checksum, script

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = Relation("public", "migrations")


def file(name: str, text: str = "select 1;") -> Migration:
    """Return a migration as the folder would give it."""
    return Migration(name, name, text, sha256(text.encode()).hexdigest())


def row(migration: Migration, checksum: str | None = "same") -> Applied:
    """Return the history row of a migration."""
    return Applied(migration.name, NOW, migration.checksum if checksum == "same" else checksum)


def test_an_empty_history_leaves_all_pending() -> None:
    """Without a history every file is pending, in the order of the names."""
    files = (file("1_a.sql"), file("2_b.sql", "select 2;"))
    plan = make_plan(compare(files, History()), History(), table=TABLE)
    assert [item.migration.name for item in plan.pending] == ["1_a.sql", "2_b.sql"]
    assert plan.applied == 0


def test_an_executed_file_is_not_pending() -> None:
    """What the history lists does not run again, with a checksum or without one."""
    first, second = file("1_a.sql"), file("2_b.sql", "select 2;")
    history = History((row(first), row(second, None)))
    comparison = compare((first, second), history)
    assert comparison.pending == ()
    assert [known.name for known in comparison.applied] == ["1_a.sql", "2_b.sql"]


def test_an_edited_file_is_refused() -> None:
    """A file that differs from what was run stops everything, with the repair named."""
    old, new = file("1_a.sql"), file("1_a.sql", "select 2;")
    history = History((row(old),))
    with pytest.raises(HistoryRefused, match="edited after") as caught:
        make_plan(compare((new,), history), history, table=TABLE)
    assert "repair --accept 1_a.sql" in (caught.value.hint or "")


def test_a_missing_file_is_refused() -> None:
    """A history row without a file means that this checkout is older than the database."""
    history = History((row(file("1_a.sql")),))
    with pytest.raises(HistoryRefused, match=r"not in the folder: 1_a\.sql"):
        make_plan(compare((), history), history, table=TABLE)


def test_a_renamed_file_is_named_as_such() -> None:
    """The same content under a new name is a rename, not a loss."""
    history = History((row(file("1_a.sql")),))
    with pytest.raises(HistoryRefused, match="same content") as caught:
        make_plan(compare((file("1_b.sql"),), history), history, table=TABLE)
    assert "--rename 1_a.sql 1_b.sql" in (caught.value.hint or "")


def test_out_of_order_is_refused_unless_allowed() -> None:
    """A pending file before an executed one runs only when that is said."""
    late, early = file("2_b.sql"), file("1_a.sql", "select 2;")
    history = History((row(late),))
    comparison = compare((early, late), history)
    with pytest.raises(HistoryRefused, match="sorting before"):
        make_plan(comparison, history, table=TABLE)
    plan = make_plan(comparison, history, table=TABLE, allow_out_of_order=True)
    assert plan.pending[0].out_of_order
    assert [finding.rule for finding in plan.findings] == ["out-of-order"]


def test_an_interrupted_migration_resumes_at_its_step() -> None:
    """A migration resumes behind the steps that are done, if those were not edited."""
    migration = file("1_a.sql", "select 1; commit; select 2;")
    done = Unfinished("1_a.sql", 1, done_checksum(script(migration), 1), NOW)
    history = History(unfinished=(done,))
    assert (
        make_plan(compare((migration,), history), history, table=TABLE).pending[0].first_step == 1
    )
    edited = file("1_a.sql", "select 9; commit; select 2;")
    with pytest.raises(HistoryRefused, match="was edited since"):
        make_plan(compare((edited,), history), history, table=TABLE)


def test_a_file_that_changes_the_history_is_refused() -> None:
    """The statement is pointed at, and the way out is a table of the project's own."""
    files = (file("1_a.sql"), file("2_b.sql", "select 1;\n\n  drop table migrations cascade;\n"))
    with pytest.raises(HistoryRefused, match=r"drops public\.migrations") as refused:
        make_plan(compare(files, History()), History(), table=TABLE)
    where = refused.value.where
    assert where is not None
    assert (where.file, where.line, where.column, where.width) == ("2_b.sql", 3, 3, 29)
    assert where.source == "  drop table migrations cascade;"
    assert "--table" in (refused.value.hint or "")
    elsewhere = Relation("ajour", "migrations")
    text = "create table public.migrations (id int);"
    make_plan(compare((file("1_a.sql", text),), History()), History(), table=elsewhere)


def test_what_is_about_the_history_without_effect_is_a_finding() -> None:
    """An old first file that makes the table runs, and a word is said about it."""
    text = "create table if not exists migrations (name text);\ngrant all on migrations to anon;"
    plan = make_plan(compare((file("1_a.sql", text),), History()), History(), table=TABLE)
    assert [(each.rule, each.level, each.where and each.where.line) for each in plan.findings] == [
        ("history-table", "warning", 1),
        ("history-table", "warning", 2),
    ]
