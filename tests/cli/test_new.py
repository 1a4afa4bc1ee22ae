import re

import pytest

from ajour.sql.split import split
from projects import Cli, Project, documents


def test_a_name_of_today(cli: Cli, project: Project) -> None:
    """The description becomes part of the name; its path is said as seen from here."""
    said = cli("new", "Ajouter", "un élève").stdout
    (file,) = project.migrations.iterdir()
    assert re.fullmatch(r"20\d{6}_ajouter_un_eleve\.sql", file.name)
    assert said == f"created supabase/migrations/{file.name}\n"
    assert file.read_text().startswith("-- Ajouter un élève\n")
    assert cli("new", "again", cwd=project.migrations).stdout.startswith("created 20")


@pytest.mark.parametrize("last", ["0042_init.sql", "20981231_zzz.sql", "20981231235959_zzz.sql"])
def test_it_sorts_after_what_is_there(cli: Cli, project: Project, last: str) -> None:
    """Whatever the name of the last file, the new one runs after it."""
    project.migration(last, "select 1;")
    (said,) = documents(cli("new", "a", "--json"))
    assert said["kind"] == "Created"
    made = sorted(file.name for file in project.migrations.iterdir())
    assert made == [last, said["paths"][0].rpartition("/")[2]]


def test_nothing_is_overwritten(cli: Cli, project: Project) -> None:
    """The same description twice makes two files, in their order."""
    first = project.path / cli("new", "a").stdout.split()[1]
    first.write_text("select 1;")
    second = project.path / cli("new", "a").stdout.split()[1]
    assert first.read_text() == "select 1;"
    assert first.name < second.name


def test_what_it_writes_is_only_comments(cli: Cli, project: Project) -> None:
    """A description cannot end the comment that it stands in."""
    cli("new", "drop; */ it\nselect 1;")
    (file,) = project.migrations.iterdir()
    assert split(file.read_text(), file.name) == ()


def test_it_needs_no_database(cli: Cli, project: Project) -> None:
    """A URL that is still a placeholder stops nobody from writing a migration."""
    cli.on("postgresql://u:[YOUR-PASSWORD]@h/d")("new", "a")
    assert not (project.path / ".ajour").exists()


def test_the_folder_is_made(cli: Cli, project: Project) -> None:
    """A folder of migrations that is missing is no obstacle."""
    project.migrations.rmdir()
    cli("new", "a")
    assert len(list(project.migrations.iterdir())) == 1


@pytest.mark.parametrize("words", [(), ("",), ("!?",), ("a" * 101,)])
def test_a_description_that_gives_no_name(cli: Cli, project: Project, words: tuple[str]) -> None:
    """It is wrong usage, and no file is written."""
    cli("new", *words, code=2)
    assert list(project.migrations.iterdir()) == []


def test_a_folder_that_is_a_file(cli: Cli, project: Project) -> None:
    """It is wrong usage, and the path is named."""
    project.write("sql", "")
    assert "/sql: " in cli("new", "a", "--migrations", "sql", code=2).stderr
