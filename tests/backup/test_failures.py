"""Backups that end in the middle: a full disk, a killed pg_dump, a server that goes away."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacking import leave_out
from projects import Cli, Finished, Project, checked, documents, environment, wait_for
from servers import PASSWORD, Connection, Server, connect, running
from small_disk import apart
from tls import Authority, tls_server

BLOCKED = "lock table pg_catalog.pg_transform"
"""What a pg_dump waits for in the middle of its work."""


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def filled(cli: Cli, plain_database_url: str) -> Cli:
    """Give the command on a database with a filled table."""
    with connect(plain_database_url) as connection:
        fill(connection)
    return cli.on(plain_database_url)


def fill(connection: Connection) -> None:
    """Make a table with rows."""
    connection.execute(
        "create table notes (id int primary key, body text);"
        "insert into notes select n, md5(n::text) from generate_series(1, 500) n;"
    )


@contextlib.contextmanager
def halfway(cli: Cli, *words: str, prefix: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """Give an `ajour <words>` whose pg_dump is at work, and held up until the block ends."""
    url = str(cli.env["SUPABASE_DB_URL"])
    with connect(url) as blocker, blocker.transaction():
        blocker.execute(BLOCKED)
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "ajour", *words],
            cwd=cli.folder,
            env=environment() | dict(cli.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            with connect(url) as other:
                wait_for(lambda: other.execute(WAITING).fetchone() is not None)
            yield process
        except BaseException:
            process.kill()
            process.communicate()
            raise


WAITING = """select 1 from pg_stat_activity
  where wait_event_type = 'Lock' and datname = current_database()"""


def ended(process: subprocess.Popen[str], code: int) -> Finished:
    """Wait for its end, and return what it said."""
    out, err = process.communicate(timeout=60)
    return checked(Finished(process.args, process.returncode, out, err), code)


def pg_dump_of(process: subprocess.Popen[str]) -> int:
    """Return the process ID of the pg_dump that a command has started; everyone reads its words."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process.pid)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert PASSWORD not in listed
    (found,) = (int(line.split()[0]) for line in listed.splitlines() if "pg_dump" in line)
    return found


def test_a_killed_pg_dump(filled: Cli, folder: Path) -> None:
    """Its end is told, with the signal, and nothing of it is a backup."""
    with halfway(filled, "backup") as process:
        os.kill(pg_dump_of(process), signal.SIGKILL)
        done = ended(process, 3)
    assert "killed (SIGKILL)" in done.stderr
    assert list(folder.iterdir()) == []
    assert "there is none" in filled("backups").stdout


def test_connections_that_the_server_ends(cli: Cli, folder: Path) -> None:
    """As a restart does: the lost connection is told, and nothing of it is a backup."""
    with running() as server:
        url = server.url("postgres")
        with connect(url) as connection:
            fill(connection)
        command = cli.on(url)
        with halfway(command, "backup") as process, connect(url) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'ajour' and pid <> pg_backend_pid()"
            )
            done = ended(process, 3)
        assert "terminating connection" in done.stderr
        assert list(folder.iterdir()) == []
        command("backup")
        assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("command", ["backup", "deploy"])
def test_a_disk_that_fills_up(
    filled: Cli, project: Project, tmp_path: Path, plain_database_url: str, command: str
) -> None:
    """Room there was at first; somebody else took it. Nothing stays, and nothing is destroyed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    project.write("ajour.toml", 'backup_folder = "../disk"\nprofile = "plain"\n')
    project.migration("20240101_a.sql", "-- ajour: allow drop-table not needed\ndrop table notes;")
    prefix = apart(disk, "1m")
    if prefix is None:
        leave_out("no disk can be mounted by a user here")
    with halfway(filled, command, prefix=(*prefix, "/usr/bin/env")) as process:
        seen = Path(f"/proc/{process.pid}/root{disk}")  # as that process sees it
        take_all(seen / "others")
        left = os.open(seen, os.O_RDONLY)
    try:
        done = ended(process, 3)
        assert os.listdir(left) == ["others"]  # noqa: PTH208 - the path leads there no more
    finally:
        os.close(left)
    assert "No space left on device" in done.stderr
    assert "backup_folder" in done.stderr
    assert ("Nothing was run" in done.stderr) == (command == "deploy")
    with connect(plain_database_url) as connection:
        assert connection.execute("select count(*) from notes").fetchone() == (500,)


def take_all(file: Path) -> None:
    """Write until the disk is full."""
    with file.open("wb", buffering=0) as out, pytest.raises(OSError, match="No space left"):
        out.writelines(itertools.repeat(b"x" * 4096))


def test_files_that_are_broken_are_listed_so(filled: Cli, folder: Path, project: Project) -> None:
    """One that was cut, one that was changed, one as it was: each is told."""
    cut, changed, whole = (dict(documents(filled("backup", "--json"))[0]) for _ in range(3))
    content = Path(cut["file"]).read_bytes()
    Path(cut["file"]).write_bytes(content[:-100])
    other = bytearray(Path(changed["file"]).read_bytes())
    other[-9] ^= 1
    Path(changed["file"]).write_bytes(other)
    lines = {line.split()[0]: line for line in filled("backups").stdout.splitlines()[1:]}
    assert "CUT SHORT" in lines[cut["id"]]
    assert "CHANGED SINCE" in lines[changed["id"]]
    assert "verified" in lines[whole["id"]]
    (found,) = documents(filled("backups", "--json"))
    assert {each["id"]: each["verified"] for each in found["backups"]} == {
        cut["id"]: False,
        changed["id"]: False,
        whole["id"]: True,
    }
    for each in (cut, changed):
        refused = filled("restore", each["id"], "--yes", code=3)
        assert "is not the file that was verified" in refused.stderr


# --- TLS --------------------------------------------------------------------------------------


PACKAGED = Path("/usr/lib/postgresql")


def with_the_wheels_alone(cli: Cli, *words: str, code: int = 0) -> Finished:
    """Run the command where no pg_dump is to be seen but the wheel's, which has no TLS."""
    prefix: tuple[str, ...] | None = ()
    if PACKAGED.is_dir():
        prefix = apart(PACKAGED, "64k")
    if prefix is None:
        leave_out("no folder can be hidden from a process here")
    done = subprocess.run(
        [*prefix, "/usr/bin/env", sys.executable, "-m", "ajour", *words],
        cwd=cli.folder,
        env=environment() | dict(cli.env),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return checked(done, code)


def test_there_and_back_through_tls(cli: Cli, tmp_path: Path) -> None:
    """A server that wants TLS is saved and restored by a pg_dump that has none."""
    authority, stranger = (Authority.make(tmp_path / name) for name in ("ca", "other"))
    with (
        tls_server(authority, "localhost") as server,
        own_database(server, "one") as first,
        own_database(server, "two") as second,
    ):
        with connect(f"{first}?sslmode=require") as connection:
            fill(connection)
        trusted = f"?sslmode=verify-full&sslrootcert={authority.file}"
        saved = with_the_wheels_alone(cli.on(first + trusted), "backup", "--json")
        (made,) = documents(saved)
        assert made["made_by"] == "pg_dump"
        with_the_wheels_alone(cli.on(second + trusted), "restore", made["id"])
        rows = "select md5(string_agg(t::text, ',' order by id)), count(*) from notes t"
        found = []
        for url in (first, second):
            with connect(f"{url}?sslmode=require") as connection:
                found.append(connection.execute(rows).fetchone())
        assert found[0] == found[1]
        distrusted = cli.on(f"{first}?sslmode=verify-full&sslrootcert={stranger.file}")
        refused = with_the_wheels_alone(distrusted, "backup", code=3)
        assert "certificate" in refused.stderr


@contextlib.contextmanager
def own_database(server: Server, name: str) -> Iterator[str]:
    """Make a database of that name; give its URL, by the name in the certificate."""
    admin = f"{server.url('template1')}?sslmode=require"
    with connect(admin) as connection:
        connection.execute(f"create database {name} template template0".encode())
    yield server.url(name).replace("127.0.0.1", "localhost")
