"""What is read of supabase/config.toml, and what the Supabase CLI makes of names."""

from pathlib import Path

import pytest

from ajour.supabase import Config, about, cli_version, read_config, seed_files, unmirrored


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a project with a folder supabase/."""
    (tmp_path / "supabase" / "migrations").mkdir(parents=True)
    return tmp_path


def config(root: Path, text: str) -> Config:
    """Write supabase/config.toml and read it."""
    (root / "supabase" / "config.toml").write_text(text, "utf-8")
    return read_config(root)


def touch(root: Path, *names: str) -> None:
    """Make files below supabase/."""
    for name in names:
        path = root / "supabase" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()


def test_no_file(root: Path) -> None:
    """Without the file, the CLI's defaults hold."""
    found = read_config(root)
    assert found == Config(root)
    assert (found.seed, found.seed_paths, found.schema_paths) == (True, ("./seed.sql",), ())


def test_what_is_heeded(root: Path) -> None:
    """The settings of migrations, seed and version are read; all others are passed over."""
    found = config(
        root,
        "project_id = 'x'\n[db]\nmajor_version = 17\n[db.seed]\nenabled = false\n"
        "sql_paths = ['./seeds/*.sql']\n[db.migrations]\nschema_paths = ['./schemas/*.sql']\n",
    )
    assert (found.seed, found.seed_paths) == (False, ("./seeds/*.sql",))
    assert (found.schema_paths, found.major_version) == (("./schemas/*.sql",), 17)


@pytest.mark.parametrize(
    "text", ["[db\n", "db = 1\n", "[db]\nseed = 'x'\nmajor_version = 'env(V)'"]
)
def test_a_file_that_is_wrong(root: Path, text: str) -> None:
    """It is the CLI's: what cannot be read stops nothing here."""
    found = config(root, text)
    assert (found.seed, found.seed_paths, found.major_version) == (True, ("./seed.sql",), None)
    rules = [each.rule for each in found.findings]
    assert rules == (["config-not-read"] if text == "[db\n" else [])


def test_seeds_in_their_order(root: Path) -> None:
    """Patterns in their order, the files of one by name, none twice; a wrong one is said."""
    touch(root, "seeds/b.sql", "seeds/a.sql", "seeds/z.txt", "first.sql", "outside/c.sql")
    found = config(
        root,
        "[db.seed]\nsql_paths = ['first.sql', './seeds/*.sql', 'seeds/b.sql', 'no/*.sql',"
        " '../supabase/outside/*.sql']\n",
    )
    paths, findings = seed_files(found)
    names = [str(path.relative_to(root / "supabase")) for path in paths]
    assert names == ["first.sql", "seeds/a.sql", "seeds/b.sql", "outside/c.sql"]
    assert [each.message for each in findings] == ["No file is found by 'no/*.sql'."]


def test_no_seed(root: Path) -> None:
    """A project without one is like any other; one that is switched off is said to be."""
    assert seed_files(read_config(root)) == ((), ())
    touch(root, "seed.sql")
    assert [path.name for path in seed_files(read_config(root))[0]] == ["seed.sql"]
    paths, findings = seed_files(config(root, "[db.seed]\nenabled = false\n"))
    assert (paths, [each.rule for each in findings]) == ((), ["seed-disabled"])


def test_declarative_schemas(root: Path) -> None:
    """Files of schema_paths are named as not run, unless they are the migrations."""
    touch(root, "schemas/a.sql", "migrations/1_b.sql")
    text = "[db.migrations]\nschema_paths = ['./schemas/*.sql', './migrations/*.sql']\n"
    (finding,) = about(config(root, text), root / "supabase" / "migrations", None)
    assert finding.rule == "declarative-schema"
    assert "schemas/a.sql" in finding.message
    assert "1_b.sql" not in finding.message


@pytest.mark.parametrize(("embedded", "said"), [(None, 0), (17, 0), (18, 1)])
def test_another_major_version(root: Path, embedded: int | None, said: int) -> None:
    """It is said of the embedded server alone, and only where the two differ."""
    found = list(about(config(root, "[db]\nmajor_version = 17\n"), root, embedded))
    assert len(found) == said


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("20240101_a.sql", ("20240101", "a")),
        ("0018_a.b.sql", ("0018", "a.b")),
        ("1_.sql", ("1", "")),
        ("20240101-4c7a.sql", None),
        ("seed.sql", None),
    ],
)
def test_names_of_the_cli(name: str, version: tuple[str, str] | None) -> None:
    """Digits, an underscore and anything: other names it skips."""
    assert cli_version(name) == version


def test_what_its_history_has_no_room_for() -> None:
    """One finding for skipped names and one for second files, whatever their number."""
    names = ["1_a.sql", "1_b.sql", "1_c.sql", "2_d.sql", "x.sql", "y.sql"]
    skipped, second = unmirrored(names)
    assert "x.sql, y.sql" in skipped.message
    assert "1_b.sql (after 1_a.sql), 1_c.sql (after 1_a.sql)" in second.message
    assert list(unmirrored(["1_a.sql", "2_b.sql"])) == []
