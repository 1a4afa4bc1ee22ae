from dataclasses import replace

from ajour.inverse.undo import body
from ajour.trial import attempt
from lifecycle.test_lifecycle import file
from stages import Staged


def test_a_database_by_its_name(staged: Staged) -> None:
    """Its settings go with a copy, where its name stands for the copy; the undoing says no name."""
    with staged("create table t (a int)") as stage:
        name = stage.project.target.dbname
        stage.forward(file(f"alter database {name} set timezone = 'Asia/Tokyo'"))
        change = (
            f'alter database "{name}" reset timezone; ALTER DATABASE {name} SET jit = off;'
            f" alter role anon in database {name} set work_mem = '1MB'"
        )
        with stage.fork() as copy, copy.fork() as another:
            trial = attempt(another, replace(file(change), name="20240102_change.sql"))
    assert trial.why_not is None
    assert trial.inverse.lost == ()
    begin, end = "do $do$ begin execute format('alter", "', current_database()); end $do$;"
    assert body(trial.inverse).splitlines() == [
        f"{begin} database %I reset jit{end}",
        f"{begin} role anon in database %I reset work_mem{end}",
        f"{begin} database %I set timezone to ''Asia/Tokyo''{end}",
    ]
