"""No password comes out: not of what commands say, however they end, nor of their processes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from ajour.cli.main import _report
from projects import Cli, Project, wait_for
from servers import PASSWORD, connect

SECRET = "pä@s/s %41+wörd"
"""As awkward as it can be: no way to write it is the way it is."""

SPELLINGS = {
    SECRET,
    quote(SECRET, safe=""),
    quote_plus(SECRET),
    re.sub("%..", lambda found: found[0].lower(), quote(SECRET, safe="")),
    json.dumps(SECRET)[1:-1],
    SECRET.encode("unicode_escape").decode(),
}

BROKEN = "create table t ();\nselect 1 / 0;"


@pytest.fixture
def secret_url(database_url: str) -> Iterator[str]:
    """Give the URL of a database for a role with that password."""
    with connect(database_url) as admin:
        admin.execute(f"create role keeper login superuser password '{SECRET}'")
        try:
            encoded = quote(SECRET, safe="")
            yield database_url.replace(f"postgres:{PASSWORD}", f"keeper:{encoded}")
        finally:
            admin.execute("drop owned by keeper")
            admin.execute("drop role keeper")


def spoken(cli: Cli, *words: str, **env: str) -> str:
    """Run a command to whatever end it comes, and return all that it says."""
    with cli.start(*words, env=env) as process:
        out, err = process.communicate(timeout=60)
    return out + err


def must_not_hold(said: str) -> None:
    """Fail if a text holds the secret in any spelling, or a longer piece of it."""
    assert said
    for spelling in SPELLINGS:
        assert spelling not in said
    assert "wörd" not in said
    assert "w%C3%B6rd" not in said


COMMANDS = [
    ("doctor",),
    ("doctor", "--json"),
    ("config",),
    ("config", "--json"),
    ("status",),
    ("status", "--json"),
    ("migrate",),
    ("migrate", "--json"),
    ("migrate", "--dry-run"),
    ("deploy",),
    ("deploy", "--json"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_commands_say(
    cli: Cli, project: Project, secret_url: str, words: tuple[str, ...]
) -> None:
    """As text and as JSON, when all goes well and when a migration fails."""
    project.migration("20240101_a.sql", "select 1;")
    must_not_hold(spoken(cli.on(secret_url), *words))
    project.migration("20240102_b.sql", BROKEN)
    must_not_hold(spoken(cli.on(secret_url), *words))


WRONG = {
    "port": (r":\d+/", ":1/"),
    "host": ("127.0.0.1", "no-such-host.invalid"),
    "login": ("keeper", "postgres"),
    "database": ("/test_", "/no_test_"),
    "tls": ("$", "?sslmode=require"),
    "parameter": ("$", "?sslmod=x"),
    "value": ("$", "?connect_timeout=x"),
    "scheme": ("//", "/"),
    "at": ("%40", "@"),
    "percent": ("%25", "%"),
    "slash": ("%2F", "/"),
    "space": ("%20", " "),
    "newline": ("%40", "\n"),
}
"""What may be wrong with a URL, as a pattern and what takes its place."""


@pytest.mark.parametrize("wrong", WRONG)
def test_what_commands_say_of_a_url_that_is_wrong(
    cli: Cli, project: Project, secret_url: str, wrong: str
) -> None:
    """Refused before a connection, or failed on the way: the words hold no piece of it."""
    url = re.sub(*WRONG[wrong], secret_url, count=1)
    for words in (("doctor",), ("doctor", "--json"), ("migrate",), ("status", "--json")):
        must_not_hold(spoken(cli.on(url), *words))


@pytest.mark.parametrize("words", [("doctor",), ("status", "--json"), ("config",)], ids=" ".join)
@pytest.mark.parametrize("place", ["flag", "dotenv", "query", "PGPASSWORD", "PGPASSWORD in .env"])
def test_wherever_it_was_written(
    cli: Cli, project: Project, secret_url: str, words: tuple[str, ...], place: str
) -> None:
    """On the command line, in .env, behind the question mark, beside the URL."""
    encoded = quote(SECRET, safe="")
    bare = secret_url.replace(f":{encoded}", "")
    match place:
        case "flag":
            said = spoken(cli, *words, "--url", secret_url)
        case "dotenv":
            project.write(".env", f"SUPABASE_DB_URL={secret_url}\n")
            said = spoken(cli, *words)
        case "query":
            said = spoken(cli.on(f"{bare}?password={encoded}"), *words)
        case "PGPASSWORD":
            said = spoken(cli.on(bare), *words, PGPASSWORD=SECRET)
        case _:
            project.write(".env", f"SUPABASE_DB_URL={bare}\nPGPASSWORD='{SECRET}'\n")
            said = spoken(cli, *words)
    must_not_hold(said)


def test_rows_stay_with_the_server_in_ci(cli: Cli, project: Project, secret_url: str) -> None:
    """DETAIL may hold a row, and a row may hold anything; where logs are kept it is left out."""
    row = "create table t (a text primary key); insert into t values ('{0}'), ('{0}');"
    project.migration("20240101_a.sql", row.format("ada-s-card-number"))
    assert "Key (a)=(ada-s-card-number)" in spoken(cli.on(secret_url), "migrate")
    for words in (("migrate",), ("migrate", "--json"), ("deploy", "--profile", "plain")):
        said = spoken(cli.on(secret_url), *words, CI="true")
        assert "hidden, because it may hold rows" in said
        assert "Key (a)" not in said
    assert "Key (a)=" in spoken(cli.on(secret_url), "migrate", "--show-detail", CI="true")


@pytest.mark.parametrize("place", ["environment", "command line", "dotenv", "PGPASSWORD"])
def test_a_bug_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """A traceback is looked through for whatever the user wrote down as a password."""
    encoded = quote(SECRET, safe="")
    url = f"postgresql://keeper:{encoded}@h/d"
    (tmp_path / "ajour.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUPABASE_DB_URL", raising=False)
    monkeypatch.setattr("sys.argv", ["ajour", "status"])
    if place == "environment":
        monkeypatch.setenv("SUPABASE_DB_URL", url)
    elif place == "command line":
        monkeypatch.setattr("sys.argv", ["ajour", "status", "--url", url])
    elif place == "dotenv":
        (tmp_path / ".env").write_text(f"SUPABASE_DB_URL='{url}'\n")
    else:
        monkeypatch.setenv("PGPASSWORD", SECRET)
    _report(ValueError(f"password={SECRET} or {encoded} in {url}"))
    said = capsys.readouterr().err
    assert "ValueError: password=*** or *** in" in said
    must_not_hold(said)


def test_the_words_of_psql(cli: Cli, project: Project) -> None:
    """Everyone on the machine can read a command line; psql gets the password elsewhere."""
    cli("db", "start")
    password = json.loads((project.path / ".ajour/data/ajour.json").read_text())["password"]
    with cli.start("db", "psql", "--", "-Atc", "select pg_sleep(1), 'slept'") as process:
        words = Path(f"/proc/{process.pid}/cmdline")
        wait_for(lambda: b"psql\0-Atc" in words.read_bytes())
        assert password.encode() not in words.read_bytes()
        out, _ = process.communicate(timeout=30)
    assert "slept" in out
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(password.encode() in line for line in running)
