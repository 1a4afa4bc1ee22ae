import pytest

from projects import Cli, Project, documents

URL = "postgresql://me:s3same@localhost:5433/mine"


def rows(said: str) -> dict[str, list[str]]:
    """Return the words of each line under the first of them."""
    return {line.split()[0]: line.split()[1:] for line in said.splitlines()}


def test_values_and_where_they_come_from(cli: Cli, project: Project) -> None:
    """Flags, the environment, .env, the file and the defaults are told apart."""
    project.write("ajour.toml", 'lock_timeout = "1500ms"\nwait = "1s"\n')
    project.write(".env", f"SUPABASE_DB_URL={URL}\n")
    shown = rows(cli("config", "--wait", "2min", env={"AJOUR_POSTGRES": "/pg"}).stdout)
    assert shown["wait"] == ["2min", "--wait"]
    assert shown["postgres"] == ["/pg", "AJOUR_POSTGRES", "in", "the", "environment"]
    assert shown["url"] == ["me@localhost:5433/mine", "SUPABASE_DB_URL", "in", ".env"]
    assert shown["lock_timeout"] == ["1500ms", "ajour.toml"]
    assert shown["table"] == ["public.migrations", "default"]
    assert shown["root"][0] == str(project.path)


@pytest.mark.parametrize(
    ("words", "env"),
    [
        ((), {"SUPABASE_DB_URL": URL}),
        ((), {"DATABASE_URL": "postgresql://me@localhost/mine", "PGPASSWORD": "s3same"}),
        (("--url", URL), {}),
        (("--json",), {"SUPABASE_DB_URL": URL + "?password=s3same"}),
    ],
    ids=["url", "PGPASSWORD", "flag", "json"],
)
def test_a_password_is_masked(
    cli: Cli, project: Project, words: tuple[str, ...], env: dict[str, str]
) -> None:
    """It is said that there is one, never what it is."""
    done = cli("config", *words, env=env)
    assert "s3same" not in done.stdout + done.stderr
    assert "***" in done.stdout


def test_the_same_as_json(cli: Cli, project: Project) -> None:
    """Each setting has its value and its origin."""
    (shown,) = documents(cli("config", "--json"))
    assert shown["kind"] == "Config"
    assert shown["settings"]["url"] == {"value": "none", "origin": "default"}
    assert set(shown["settings"]) == {"root", *rows(cli("config").stdout)}


def test_no_server_is_started(cli: Cli, project: Project) -> None:
    """To look at the settings needs no database."""
    cli("config")
    assert not (project.path / ".ajour").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('wait = "soon"\n', "ajour.toml:1"),
        ('\nwiat = "1s"\n', "ajour.toml:2"),
        ("wait = \n", "ajour.toml:1"),
        (f'url = "{URL}"\n', "ajour.toml:1"),
    ],
    ids=["value", "key", "syntax", "url"],
)
def test_a_file_that_is_wrong(cli: Cli, project: Project, text: str, says: str) -> None:
    """It is wrong configuration, and its place is named."""
    project.write("ajour.toml", text)
    said = cli("config", code=2).stderr
    assert says in said
    assert "s3same" not in said
