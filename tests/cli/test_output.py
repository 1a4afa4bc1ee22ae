import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import click
import pytest

from ajour.cli.main import app
from ajour.db import lock
from ajour.model import Relation
from projects import Cli, Database, Project, checked, documents, environment, wait_for

ESCAPE = "\x1b"
UNREACHABLE = "postgresql://me:s3same@127.0.0.1:1/d"


@pytest.fixture
def half_broken(project: Project) -> Project:
    """Give a project whose second file fails, with something to warn of in the first."""
    project.migration("1_a.sql", "create table a (); do $$ begin raise warning 'mind'; end $$;")
    project.migration("2_b.sql", "select nonsense;")
    return project


# --- who reads it -----------------------------------------------------------------------------


def test_what_is_piped_has_no_escape_codes(ajour: Cli, half_broken: Project) -> None:
    """Results go to standard output, findings and errors to standard error, both plain."""
    done = ajour("migrate", code=4)
    assert re.search(r"^applied 1_a\.sql", done.stdout, re.MULTILINE)
    assert re.match(r"warning: ", done.stderr)
    assert re.search(r"^error: ", done.stderr, re.MULTILINE)
    assert ESCAPE not in done.stdout + done.stderr


def test_a_terminal_has_colours(ajour: Cli, half_broken: Project) -> None:
    """The words that tell good from bad stand out, and the text is the same."""
    shown = ajour.on_terminal("migrate", code=4)
    assert f"{ESCAPE}[31m{ESCAPE}[1merror:" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert "  1 | select nonsense;" in plain
    assert "    |        ^^^^^^^^" in plain


def test_no_color_is_heeded(ajour: Cli, half_broken: Project) -> None:
    """With NO_COLOR set, a terminal gets plain text."""
    shown = ajour.on_terminal("migrate", code=4, env={"NO_COLOR": "1"})
    assert "error: " in shown
    assert "[31m" not in shown


def test_a_long_statement_on_a_terminal(ajour: Cli, project: Project) -> None:
    """While it runs its line is drawn again and again, as it is, and is gone in the end."""
    project.migration("20240101_[b].sql", "select pg_sleep(1.5);")
    shown = ajour.on_terminal("migrate")
    drawn = shown.index("20240101_[b].sql: line 1 has run for 1 s")
    assert drawn < shown.rindex(f"{ESCAPE}[2K") < shown.index("applied", drawn)
    assert shown.rstrip().endswith("up to date: 1 applied")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letters_that_the_output_lacks(
    ajour: Cli, project: Project, db: Database, encoding: str
) -> None:
    """A name that the encoding of the output lacks does not stop a run."""
    names = ["20240101_łódź.sql", "20240102_b.sql"]
    for name in names:
        project.migration(name, "select 1;")
    ajour("migrate", env={"PYTHONIOENCODING": encoding})
    assert db.history() == names


def commands() -> Iterator[tuple[str, ...]]:
    """Give the words of each command and each group."""
    context = click.Context(app)
    yield ()
    for name in app.list_commands(context):
        yield (name,)
        command = app.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.list_commands(context))


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_help_fits(cli: Cli, words: tuple[str, ...]) -> None:
    """The help of each command is at most 80 columns wide, and -h is as good as --help."""
    said = cli(*words, "-h", env={"COLUMNS": "80"}).stdout
    assert re.match(rf"Usage: .*\b{' '.join(words)} \[OPTIONS\]", said)
    assert [line for line in said.splitlines() if len(line) > 80] == []


def test_the_version(cli: Cli) -> None:
    """One line says it."""
    assert re.fullmatch(r"ajour \d+\.\d+\.\d+\n", cli("--version").stdout)


# --- wrong usage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("migrat",), "No such command 'migrat'"),
        (("migrate", "--dryrun"), "No such option '--dryrun'"),
        (("migrate", "now"), "unexpected extra argument"),
        (("repair", "--rename", "a.sql"), "'--rename' requires 2 arguments"),
        (("db", "psql", "-c", "select 1"), "No such option '-c'"),
        (("migrate", "--wait", "soon"), "wait, from --wait: 'soon' is not a time."),
    ],
)
def test_wrong_words(cli: Cli, words: tuple[str, ...], says: str) -> None:
    """What is wrong is said, and where the help is."""
    said = cli(*words, code=2).stderr
    assert said.startswith("error: ")
    assert says in said
    assert "  next: " in said


def test_wrong_words_as_json(cli: Cli) -> None:
    """A program gets a document here too."""
    (error,) = documents(cli("migrate", "--json", "--dryrun", code=2))
    assert (error["kind"], error["error"], error["exit_code"]) == ("Error", "UsageError", 2)


# --- files that cannot be run ------------------------------------------------------------------


@pytest.mark.parametrize("command", ["migrate", "deploy"])
@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (b"select 1;\nselect '\0';", "2:9", "NUL"),
        ("select 1;".encode("utf-16"), "1:1", "UTF-16"),
    ],
    ids=["NUL", "UTF-16"],
)
def test_a_broken_file(
    cli: Cli, project: Project, command: str, text: bytes, place: str, says: str
) -> None:
    """It is refused with its place before any connection is made."""
    project.migration("20240101_a.sql", "").write_bytes(text)
    said = cli.on(UNREACHABLE)(command, code=3).stderr
    assert f"  at supabase/migrations/20240101_a.sql:{place}" in said.splitlines()
    assert says in said


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("select 1;\nselect 'open;\n", "2:8", "not closed"),
        ("select 1;\n  \\connect other\n", "2:3", "\\connect"),
        ("select 1;\nrollback;", "2:1", "ROLLBACK"),
    ],
    ids=["quote", "psql", "rollback"],
)
def test_a_file_that_cannot_be_cut(
    ajour: Cli, project: Project, db: Database, text: str, place: str, says: str
) -> None:
    """It is refused with its place before anything runs, the files before it included."""
    project.migration("20240101_a.sql", "create table a ();")
    project.migration("20240102_b.sql", text)
    said = ajour("migrate", code=3).stderr
    assert f"  at supabase/migrations/20240102_b.sql:{place}" in said.splitlines()
    assert says in said
    assert db.tables() == []


def test_all_broken_files_are_told_at_once(cli: Cli, project: Project) -> None:
    """One run is enough to learn of all of them."""
    for letter in "abc":
        project.migration(f"20240101_{letter}.sql", "\0")
    done = cli.on(UNREACHABLE)("migrate", "--json", code=3)
    assert len(re.findall(r"^error: ", done.stderr, re.MULTILINE)) == 3
    assert len(documents(done)[-1]["problems"]) == 3


# --- interrupted -------------------------------------------------------------------------------

OTHERS = (
    "select pid from pg_stat_activity where datname = current_database()"
    " and backend_type = 'client backend' and pid <> pg_backend_pid()"
)
"""The server processes that work for the command."""


def interrupt(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> str:
    """Send a signal; return what the command says when it ends within five seconds."""
    with process:
        process.send_signal(how)
        try:
            out, err = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    checked(subprocess.CompletedProcess((), process.returncode, out, err), 128 + how)
    return err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_a_statement_is_interrupted(
    ajour: Cli, project: Project, db: Database, how: signal.Signals
) -> None:
    """It says what is applied, the server gives up too, and nothing of the file stays."""
    project.migration("20240101_a.sql", "create table a ();")
    project.migration("20240102_b.sql", "create table b ();\nselect pg_sleep(30);")
    process = ajour.start("migrate")
    wait_for(lambda: db.values(f"{OTHERS} and query like 'select pg_sleep%'"))
    said = interrupt(process, how)
    assert "in the database now: 1 applied in this run: 20240101_a.sql" in said
    wait_for(lambda: not db.values(OTHERS))
    assert db.history() == ["20240101_a.sql"]
    assert "b" not in db.tables()


def test_a_run_that_tries_again_is_interrupted(ajour: Cli, project: Project, db: Database) -> None:
    """The time until the next try is not waited for."""
    db.run("create table busy ()")
    project.migration("20240101_a.sql", "alter table busy add column a int;")
    with db.connection.transaction():
        db.run("lock table busy")
        process = ajour.start("migrate", "--lock-timeout", "50ms")
        assert process.stdout is not None
        assert any("rolled back; try" in line for line in iter(process.stdout.readline, ""))
        assert "stopped" in interrupt(process).lower()
    assert db.history() == []


@pytest.mark.parametrize("text", ["select 2;", "select 2;\ncommit;\nselect 3;"], ids=["one", "two"])
def test_a_run_that_waits_is_interrupted(
    ajour: Cli, project: Project, db: Database, apply: Callable[[], None], text: str
) -> None:
    """Another run's lock is not waited for any longer, whether the file has one step or two."""
    project.migration("20240101_a.sql", "select 1;")
    apply()
    project.migration("20240102_b.sql", text)
    db.run("select pg_advisory_lock(%s)", lock.key(Relation("public", "migrations")))
    process = ajour.start("migrate")
    tries = "query like '%pg_catalog.pg_locks%' and state = 'idle'"
    wait_for(lambda: db.values(f"{OTHERS} and {tries}"))
    assert "stopped" in interrupt(process).lower()
    assert db.history() == ["20240101_a.sql"]


# --- a reader that has gone --------------------------------------------------------------------


@pytest.mark.parametrize("command", ["migrate", "status", "config"])
def test_nobody_reads_on(ajour: Cli, project: Project, db: Database, command: str) -> None:
    """As behind `| head -1`: the work is done all the same, and nothing is complained of."""
    project.migration("20240101_a.sql", "select 1;")
    done = unheard(ajour, command, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert command != "migrate" or db.history() == ["20240101_a.sql"]


def test_nobody_reads_errors_either(ajour: Cli, half_broken: Project, db: Database) -> None:
    """As behind `2>&1 | head -1`: the exit code still tells how it went."""
    assert unheard(ajour, "migrate", stderr=subprocess.STDOUT).returncode == 4
    assert db.history() == ["1_a.sql"]


def unheard(ajour: Cli, command: str, stderr: int) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose standard output is a pipe that nobody reads."""
    gone, pipe = os.pipe()
    os.close(gone)
    try:
        return subprocess.run(
            [sys.executable, "-m", "ajour", command],
            cwd=ajour.folder,
            env=environment() | dict(ajour.env),
            stdout=pipe,
            stderr=stderr,
            check=False,
        )
    finally:
        os.close(pipe)
