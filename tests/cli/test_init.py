from pathlib import Path

import pytest

from projects import Cli, documents

FILES = [".env.example", ".gitignore", "ajour.toml"]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Give an empty folder."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_a_project_from_nothing(empty: Path) -> None:
    """It has a folder of migrations, settings, and an .env that is never committed."""
    ajour = Cli(empty)
    said = ajour("init").stdout
    assert sorted(path.name for path in empty.iterdir()) == [*FILES, "supabase"]
    assert all(f"created {name}" in said for name in FILES)
    assert (empty / ".gitignore").read_text() == ".env\n"
    assert "nothing to do" in ajour("init").stdout
    assert ajour("new", "first").stdout.startswith("created supabase/migrations/")


def test_the_example_of_an_env_is_a_url_that_can_be_read(empty: Path) -> None:
    """Copied to .env, it is a setting that `ajour config` shows."""
    ajour = Cli(empty)
    ajour("init")
    (empty / ".env").write_text((empty / ".env.example").read_text())
    assert "postgres@localhost:5432/postgres" in ajour("config").stdout


def test_what_is_there_stays(empty: Path) -> None:
    """Files are left as they are; .gitignore gets the one line that it lacks."""
    (empty / "ajour.toml").write_text('wait = "1s"\n')
    (empty / ".env.example").write_text("MINE=1\n")
    (empty / ".gitignore").write_text("dist")
    (said,) = documents(Cli(empty)("init", "--json"))
    assert said["paths"] == ["supabase/migrations/", ".gitignore"]
    assert [(empty / name).read_text() for name in FILES] == [
        "MINE=1\n",
        "dist\n.env\n",
        'wait = "1s"\n',
    ]


def test_a_file_in_the_way(empty: Path) -> None:
    """It is wrong usage, and the path is named."""
    (empty / "supabase").write_text("")
    assert "supabase" in Cli(empty)("init", code=2).stderr
