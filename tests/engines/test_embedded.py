"""The embedded server of a project, from the first use to the last."""

import os
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from ajour.engines import embedded, serve
from ajour.engines.binaries import find_binaries
from ajour.engines.run_as import run_as
from ajour.engines.template import copy_template
from ajour.errors import Refusal
from ajour.profiles import PLAIN, SUPABASE
from projects import Project
from servers import connect

ENSURE = """
import sys
from pathlib import Path
from ajour.engines.embedded import ensure
print(ensure(Path(sys.argv[1])))
"""


def ensure_elsewhere(project: Path) -> subprocess.Popen[str]:
    """Call ensure() in a process of its own."""
    command = [sys.executable, "-c", ENSURE, str(project)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def mode(path: Path) -> int:
    """Return the permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


def pid_of(project: Project) -> int:
    """Return the server's process id."""
    pid = embedded.status(project.path).pid
    assert pid is not None
    return pid


def kill_server(project: Project) -> None:
    """Kill the server as the system does when memory runs out, and see it gone."""
    pid = pid_of(project)
    os.kill(pid, signal.SIGKILL)
    while embedded.status(project.path).running:
        time.sleep(0.002)


def fill(url: str) -> None:
    """Leave a committed row."""
    with connect(url) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (42)")


def kept(url: str) -> list[tuple[int]]:
    """Return the rows left by fill()."""
    with connect(url) as connection:
        return connection.execute("select n from kept").fetchall()


def test_from_nothing(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no cache and no data, one call gives a server; the next project only copies."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    url = embedded.ensure(project.path)
    with connect(url) as connection:
        assert connection.execute("select current_user, auth.uid()").fetchall() == [
            ("postgres", None)
        ]
    (template,) = (tmp_path / "cache" / "ajour").glob("supabase-*")
    made = template.stat().st_ino
    embedded.reset(project.path)
    assert template.stat().st_ino == made
    assert mode(tmp_path / "cache" / "ajour") == 0o700


def test_only_the_owner_gets_in(project: Project) -> None:
    """Folder, password and log are the owner's alone; nothing outside `.ajour/` is changed."""
    project.path.chmod(0o751)
    before = {path: path.stat() for path in (project.path, *project.path.parents)}
    url = embedded.ensure(project.path)
    home = project.path / ".ajour"
    assert (home / ".gitignore").read_text() == "*\n"
    assert mode(home) == mode(home / "data") == 0o700
    assert mode(home / "data" / "ajour.json") == mode(home / "server.log") == 0o600
    assert not [path for path in home.rglob("*") if path.is_socket()]
    for path, was in before.items():
        now = path.stat()
        assert (now.st_mode, now.st_uid, now.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    wrong = url.replace(str(urlsplit(url).password), "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(wrong)


def test_a_running_server_is_found_again(project: Project) -> None:
    """A second call gives the same URL and starts nothing."""
    assert embedded.address(project.path) is None
    url = embedded.ensure(project.path)
    pid = pid_of(project)
    assert embedded.ensure(project.path) == url == embedded.address(project.path)
    assert pid_of(project) == pid
    log = (project.path / ".ajour" / "server.log").read_text()
    assert "incomplete startup packet" not in log, "the question whether it answers is not logged"
    assert "FATAL" not in log


def test_stop_keeps_rows_and_address(project: Project) -> None:
    """After a stop and a start the rows are there, under the same URL."""
    url = embedded.ensure(project.path)
    fill(url)
    assert embedded.stop(project.path) is True
    assert embedded.stop(project.path) is False
    assert embedded.status(project.path).exists
    assert not embedded.status(project.path).running
    assert embedded.ensure(project.path) == url
    assert kept(url) == [(42,)]


def test_reset_begins_anew(project: Project) -> None:
    """Reset takes tables, roles and connections away and keeps the URL."""
    url = embedded.ensure(project.path)
    fill(url)
    with connect(url) as connection:
        connection.execute("create role left_behind")
        connection.execute("alter role authenticated set statement_timeout = '1ms'")
        assert embedded.reset(project.path) == url
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    with connect(url) as connection:
        rows = connection.execute(
            "select to_regclass('kept'), to_regrole('left_behind'), "
            "(select rolconfig from pg_roles where rolname = 'authenticated')"
        ).fetchall()
    assert rows == [(None, None, ["statement_timeout=8s"])]


def test_a_killed_server_comes_back_with_its_rows(project: Project) -> None:
    """After SIGKILL the next call recovers what was committed."""
    url = embedded.ensure(project.path)
    fill(url)
    kill_server(project)
    assert embedded.ensure(project.path) == url
    assert kept(url) == [(42,)]


def test_a_recycled_pid_is_not_believed_and_not_killed(project: Project) -> None:
    """A pid file that names a stranger neither passes for a server nor hurts the stranger."""
    url = embedded.ensure(project.path)
    fill(url)
    pid_file = project.path / ".ajour" / "data" / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    kill_server(project)
    while serve.in_use(pid_file.parent):  # its last processes end a moment later
        time.sleep(0.002)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert not embedded.status(project.path).running
        assert embedded.stop(project.path) is False
        assert embedded.ensure(project.path) == url
        assert kept(url) == [(42,)]
        embedded.stop(project.path)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_eight_processes_at_once(project: Project) -> None:
    """Eight processes that begin together on a new project get one server."""
    processes = [ensure_elsewhere(project.path) for _ in range(8)]
    said = [process.communicate(timeout=60) for process in processes]
    assert {error for _, error in said} == {""}
    urls = {url.strip() for url, _ in said}
    assert urls == {embedded.address(project.path)}, "and it outlives the one that started it"
    log = (project.path / ".ajour" / "server.log").read_text()
    assert log.count("starting PostgreSQL") == 1


def test_a_client_killed_at_any_moment(project: Project) -> None:
    """Whenever a starting client is killed, the next one gets a good server."""
    for delay in (0.15, 0.2, 0.25, 0.35):
        with ensure_elsewhere(project.path) as client:
            time.sleep(delay)
            client.kill()
        with connect(embedded.ensure(project.path)) as connection:
            assert connection.execute("select count(*) from auth.users").fetchall() == [(0,)]
        embedded.stop(project.path)
        shutil.rmtree(project.path / ".ajour" / "data")


def test_a_taken_port_is_left_alone(project: Project) -> None:
    """When another program has the port, the server moves on and keeps the new one."""
    url = embedded.ensure(project.path)
    fill(url)
    embedded.stop(project.path)
    port = urlsplit(url).port
    assert port is not None
    with socket.create_server(("127.0.0.1", port)):
        moved = embedded.ensure(project.path)
    assert urlsplit(moved).port != port
    assert kept(moved) == [(42,)]
    embedded.stop(project.path)
    assert embedded.ensure(project.path) == moved


def test_a_copy_of_a_project_has_a_server_of_its_own(project: Project, tmp_path: Path) -> None:
    """A project copied while its server runs does not take that server for its own."""
    url = embedded.ensure(project.path)
    fill(url)
    with connect(url) as connection:
        connection.execute("checkpoint")
    copy = tmp_path / "copy"
    shutil.copytree(project.path, copy)
    try:
        other = embedded.ensure(copy)
        assert other != url
        with connect(other) as connection:
            connection.execute("delete from kept")
        assert kept(url) == [(42,)]
    finally:
        embedded.stop(copy)
    assert embedded.address(project.path) == url


def test_a_lost_password_is_replaced(project: Project) -> None:
    """With ajour.json gone, even under a running server, the rows are reached again."""
    fill(embedded.ensure(project.path))
    (project.path / ".ajour" / "data" / "ajour.json").unlink()
    assert kept(embedded.ensure(project.path)) == [(42,)]


def test_long_paths_with_spaces(tmp_path: Path) -> None:
    """Paths that are long, hold spaces and letters of any language are no hindrance."""
    folder = tmp_path / ("a long name with spaces " * 8) / "l'été à Łódź" / "deep"
    folder.mkdir(parents=True)
    try:
        url = embedded.ensure(folder)
        fill(url)
        kill_server(Project(folder))
        assert kept(embedded.ensure(folder)) == [(42,)]
    finally:
        embedded.stop(folder)


def test_without_a_cache_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the user has no cache folder, `.ajour/` holds the template."""
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a-file"))
    url = embedded.ensure(project.path)
    with connect(url) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]
    assert list((project.path / ".ajour" / "cache").glob("supabase-*"))


def test_our_environment_stays_with_us(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of production in our environment does not reach the server's processes."""
    monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://u:s3cr3t-of-production@db/x")
    with connect(embedded.ensure(project.path)) as connection:
        connection.execute("create temp table environment (line text)")
        connection.execute("copy environment from program 'env'")
        lines = {row[0].split("=")[0] for row in connection.execute("table environment")}
    assert "PATH" in lines
    assert "SUPABASE_DB_URL" not in lines


def test_it_waits_for_the_disk(project: Project) -> None:
    """The project's server loses nothing that it confirmed."""
    with connect(embedded.ensure(project.path)) as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes")
        values = [connection.execute(f"show {name}").fetchall() for name in names]
    assert values == [[("on",)]] * 3


def test_another_profile_needs_a_reset(project: Project) -> None:
    """A project that changes its profile is told to reset, and then gets what it asked for."""
    url = embedded.ensure(project.path, profile=SUPABASE)
    for _ in ("running", "stopped"):
        with pytest.raises(Refusal, match="profile 'supabase'") as refused:
            embedded.ensure(project.path, profile=PLAIN)
        assert "reset" in str(refused.value.hint)
        embedded.stop(project.path)
    assert embedded.reset(project.path, profile=PLAIN) == url
    with connect(url) as connection:
        assert connection.execute(
            "select to_regnamespace('auth'), to_regrole('anon')"
        ).fetchall() == [(None, None)]
    assert embedded.status(project.path).profile == "plain"


def test_data_of_another_major_version(project: Project) -> None:
    """Data that this PostgreSQL cannot read are refused, both versions named."""
    embedded.ensure(project.path)
    embedded.stop(project.path)
    (project.path / ".ajour" / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Refusal, match=r"made by PostgreSQL 12.* are PostgreSQL 1\d"):
        embedded.ensure(project.path)


def test_a_major_that_cannot_be_made_ready_is_refused(tmp_path: Path) -> None:
    """PostgreSQL 13 would fail in the middle of the baseline, with the server's own words."""
    old = replace(find_binaries(), version="13.23")
    with pytest.raises(Refusal, match=r"PostgreSQL 13 .* profile supabase") as refused:
        copy_template(tmp_path / "data", SUPABASE, old, run_as())
    assert "from 14 on" in (refused.value.hint or "")
    assert copy_template(tmp_path / "plain", PLAIN, find_binaries(), run_as()).data.is_dir()


def test_damaged_data_are_not_thrown_away(project: Project) -> None:
    """Data that cannot be recognised stay, until the user asks for a reset."""
    embedded.ensure(project.path)
    embedded.stop(project.path)
    data = project.path / ".ajour" / "data"
    (data / "PG_VERSION").unlink()
    with pytest.raises(Refusal, match="damaged"):
        embedded.ensure(project.path)
    assert (data / "base").is_dir()


def test_what_the_caller_was_given_is_not_kept(project: Project) -> None:
    """The server holds no pipe of its starter: whoever waits for its end is not kept waiting."""
    reading, writing = os.pipe()
    command = [sys.executable, "-c", ENSURE, str(project.path)]
    subprocess.run(command, check=True, capture_output=True, pass_fds=[writing], timeout=60)
    os.close(writing)
    assert select.select([reading], [], [], 10)[0], "the end is seen"
    assert os.read(reading, 1) == b""
    os.close(reading)
    assert embedded.address(project.path) is not None


def test_a_server_that_does_not_start_says_why(project: Project) -> None:
    """When PostgreSQL does not start, its own last words are shown."""
    embedded.ensure(project.path)
    embedded.stop(project.path)
    with (project.path / ".ajour" / "data" / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(Refusal, match="does not start") as refused:
        embedded.ensure(project.path)
    assert "no_such_setting" in "\n".join(refused.value.details)


def test_a_place_that_cannot_be_used(project: Project) -> None:
    """When `.ajour` cannot be a folder the refusal says so, without a traceback."""
    (project.path / ".ajour").touch()
    with pytest.raises(Refusal, match="cannot be kept"):
        embedded.ensure(project.path)
    (project.path / ".ajour").unlink()
