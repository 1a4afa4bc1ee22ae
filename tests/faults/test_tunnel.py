"""Through a tunnel to the database, by the real ssh and a real sshd on this machine."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ajour import target
from ajour.db.rows import fetch
from ajour.db.session import Session
from ajour.errors import ConnectionFailed, UsageError
from ajour.target import parse_bastion, parse_url
from ajour.tunnel import Tunnel
from bastions import Bastion, bastion
from projects import Cli, Project, checked, documents, wait_for
from servers import PASSWORD, connect

OTHERS = "select count(*) from pg_stat_activity where query like 'select pg_sleep(%'"


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    """Give an SSH server that forwards."""
    with bastion(tmp_path_factory.mktemp("ssh") / "far") as found:
        yield found


@pytest.fixture
def through(cli: Cli, far: Bastion, database_url: str) -> Cli:
    """Give the command with a database that it reaches through the tunnel."""
    (far.folder / "called").unlink(missing_ok=True)
    cli = cli.on(database_url)
    return Cli(cli.folder, {**cli.env, **far.env, "AJOUR_TUNNEL": far.name})


@pytest.fixture
def path(far: Bastion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let our own process find the tests' ssh."""
    monkeypatch.setenv("PATH", far.env["PATH"])
    (far.folder / "called").unlink(missing_ok=True)


# --- it works ---------------------------------------------------------------------------------


def test_commands_go_through_it(through: Cli, project: Project, far: Bastion) -> None:
    """Each command opens one and closes it again, and says how it goes."""
    project.migration("20240101_a.sql", "create table a ();")
    assert f", through {far.name}" in through("migrate").stdout
    assert "up to date" in through("status").stdout
    through("deploy")
    through("repair", "--accept", "20240101_a.sql", "--yes", code=3)
    assert len(far.calls()) >= 4
    assert far.running() == []


def test_the_setting_in_the_file(
    cli: Cli, project: Project, far: Bastion, database_url: str
) -> None:
    """In ajour.toml it holds for everyone who works on the project; a flag wins over it."""
    project.write("ajour.toml", 'tunnel = "nobody@127.0.0.1:1"\n')
    there = Cli(cli.folder, {**cli.on(database_url).env, **far.env})
    assert "cannot be reached" in there("status", code=3).stderr
    assert far.name in there("status", "--tunnel", far.name).stdout
    assert "tunnel     " in there("config").stdout


def test_the_embedded_server_needs_none(cli: Cli, project: Project, far: Bastion) -> None:
    """Without a URL the way does not leave this machine, whatever the setting says."""
    (far.folder / "called").unlink(missing_ok=True)
    cli("status", "--tunnel", far.name, env=far.env)
    assert far.calls() == []


def test_a_doctor_looks_at_it(through: Cli, project: Project, far: Bastion) -> None:
    """The tunnel takes the place of the name's addresses."""
    (found,) = documents(through("doctor", "--json"))
    names = [check["name"] for check in found["checks"]]
    assert names.index("tunnel") < names.index("TCP") < names.index("authentication")
    assert "DNS" not in names
    assert far.running() == []


def test_nothing_secret_is_told_to_ssh(through: Cli, project: Project, far: Bastion) -> None:
    """Neither its command line nor its environment holds the password."""
    wrapper = far.folder / "bin" / "ssh"
    text = wrapper.read_text()
    wrapper.write_text(text.replace("exec ", f"env > {far.folder}/environment\nexec "))
    try:
        through("status")
    finally:
        wrapper.write_text(text)
    assert PASSWORD not in "\n".join(far.calls())
    assert PASSWORD not in (far.folder / "environment").read_text()


# --- its life ---------------------------------------------------------------------------------


def test_two_connections_share_it(far: Bastion, path: None, database_url: str) -> None:
    """The one that works and the one that looks on go through one ssh, which ends with them."""
    session = Session(parse_url(database_url), Tunnel(parse_bastion(far.name)))
    assert fetch(session.pgconn, "select 1::text") == [("1",)]
    assert session.onlooker is not None
    assert len(far.running()) == 1
    session.close()
    assert (len(far.calls()), far.running()) == (1, [])


def test_it_comes_back(far: Bastion, path: None, database_url: str) -> None:
    """When ssh has died, the next connection has a new one."""
    session = Session(parse_url(database_url), Tunnel(parse_bastion(far.name)))
    fetch(session.pgconn, "select 1")
    (pid,) = far.running()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ConnectionFailed):
        fetch(session.pgconn, "select 1")
    session.close()
    assert fetch(session.pgconn, "select 1::text") == [("1",)]
    assert len(far.calls()) == 2
    session.close()


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name
)
def test_it_ends_with_us(
    through: Cli, project: Project, far: Bastion, database_url: str, how: signal.Signals
) -> None:
    """However the command ends, no ssh is left; a signal that can be heeded rolls back first.

    PostgreSQL 13 does not notice in a statement that its client is gone; it rolls back after it.
    """
    project.migration("20240101_a.sql", "create table a ();\nselect pg_sleep(60);")
    with connect(database_url) as db, through.start("migrate") as process:
        wait_for(lambda: db.execute(OTHERS).fetchone() == (1,))
        assert len(far.running()) == 1
        process.send_signal(how)
        out, err = process.communicate(timeout=10)
        wait_for(lambda: far.running() == [])
        if how is not signal.SIGKILL or db.info.server_version >= 140000:
            wait_for(lambda: db.execute(OTHERS).fetchone() == (0,))
        assert db.execute("select to_regclass('a')").fetchone() == (None,)
    if how is not signal.SIGKILL:
        done = subprocess.CompletedProcess((), process.returncode, out, err)
        assert "0 applied in this run" in checked(done, 128 + how).stderr


def test_ctrl_c_does_not_reach_ssh(through: Cli, project: Project, far: Bastion) -> None:
    """It is in a session of its own: the terminal's signal is for us, who still need the line."""
    project.migration("20240101_a.sql", "select pg_sleep(60);")
    with through.start("migrate") as process:
        wait_for(far.running)
        assert os.getsid(far.running()[0]) != os.getsid(process.pid)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


# --- it does not work -------------------------------------------------------------------------


def refused(where: Bastion, url: str) -> ConnectionFailed:
    """Return why there is no connection; no ssh is left."""
    session = Session(parse_url(url), Tunnel(parse_bastion(where.name)))
    with pytest.raises(ConnectionFailed) as failed:
        fetch(session.pgconn, "select 1")
    session.close()
    assert where.running() == []
    return failed.value


def test_no_ssh(far: Bastion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program is named, and where to have it from."""
    monkeypatch.setenv("PATH", str(tmp_path))
    failure = refused(far, "postgres://u@h/d")
    assert "the program ssh" in failure.message
    assert "openssh-client" in (failure.hint or "")


def test_a_key_that_is_not_accepted(far: Bastion, path: None) -> None:
    """Nobody is asked for a password: there may be nobody."""
    keys = far.folder / "authorized_keys"
    known = keys.read_text()
    keys.write_text("")
    try:
        failure = refused(far, "postgres://u@h/d")
    finally:
        keys.write_text(known)
    assert "accepts none of this user's keys" in failure.message
    assert any("Permission denied" in detail for detail in failure.details)
    assert failure.passes == "never"


@pytest.mark.parametrize("known", ["nothing", "another"])
def test_a_host_key_that_is_not_known(far: Bastion, path: None, known: str) -> None:
    """An unknown server is not trusted at first sight, a changed one still less."""
    hosts = far.folder / "known_hosts"
    right = hosts.read_text()
    other = (far.folder / "key.pub").read_text()
    hosts.write_text(f"[127.0.0.1]:{far.port} {other}" if known == "another" else "")
    try:
        failure = refused(far, "postgres://u@h/d")
    finally:
        hosts.write_text(right)
    assert "a key that this machine does not know" in failure.message
    assert (
        failure.hint
        == f"Connect once by hand and compare the key: ssh -p {far.port} "
        + (far.name.rpartition(":")[0])
    )
    assert failure.passes == "never"


def test_a_bastion_that_is_not_there(far: Bastion, path: None) -> None:
    """A refused port and a name without an address may pass."""
    for name, message in (("127.0.0.1:1", "cannot be reached"), ("no.invalid", "no address here")):
        with pytest.raises(ConnectionFailed) as failed:
            Tunnel(parse_bastion(name)).reach(parse_url("postgres://u@h/d"))
        assert message in failed.value.message
        assert failed.value.passes == "maybe"


def test_a_database_that_the_bastion_does_not_reach(far: Bastion, path: None) -> None:
    """The tunnel stands, and ends nowhere: ssh's own words say why."""
    failure = refused(far, f"postgresql://u:{PASSWORD}@localhost:1/d")
    assert failure.message == "The tunnel stands, but its far end does not reach localhost:1."
    assert any("Connection refused" in detail for detail in failure.details)
    assert PASSWORD not in str(failure.details)


def test_a_bastion_that_does_not_forward(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets us in, and no further."""
    with bastion(tmp_path / "closed", forwarding="no") as closed:
        monkeypatch.setenv("PATH", closed.env["PATH"])
        failure = refused(closed, database_url)
    assert "far end does not reach" in failure.message
    assert any("prohibited" in detail for detail in failure.details)


def test_a_port_that_someone_else_took(
    far: Bastion, path: None, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only ssh's own word counts: who listens there could be anybody. Another port is taken."""
    taken, free = urlsplit(database_url).port, iter(range(29_000, 29_999))
    ports = iter([taken])
    monkeypatch.setattr("ajour.tunnel._free_port", lambda: next(ports, None) or next(free))
    tunnel = Tunnel(parse_bastion(far.name))
    reached = tunnel.reach(parse_url(database_url))
    tunnel.close()
    assert reached.local_port not in (None, taken)


# --- what may be written ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bastion", ("bastion",)),
        ("me@bastion.example.org", ("me@bastion.example.org",)),
        ("me@bastion:2222", ("-p", "2222", "me@bastion")),
        ("ssh://me@bastion:22", ("-p", "22", "me@bastion")),
        ("me@[::1]:2222", ("-p", "2222", "me@::1")),
        ("[fe80::1%eth0]", ("fe80::1%eth0",)),
    ],
)
def test_how_a_bastion_is_named(text: str, words: tuple[str, ...]) -> None:
    """As ssh itself takes it, with a port behind a colon."""
    assert parse_bastion(text).words == words
    assert str(parse_bastion(text)) == text.removeprefix("ssh://")


@pytest.mark.parametrize(
    "text",
    [
        *("", "-oProxyCommand=touch x", "me@-oProxyCommand=x", "-l@host", "me:secret@bastion"),
        *("me@host:0", "me@host:70000", "me@host:x", "a b", "me@host;id", "::1", "me@host\n"),
    ],
)
def test_what_is_no_bastion(text: str) -> None:
    """Nothing that ssh would read as an option; and the words do not repeat what was written."""
    with pytest.raises(UsageError) as refusal:
        parse_bastion(text)
    assert "secret" not in f"{refusal.value.message}{refusal.value.hint}"


def test_the_far_end_is_named_as_ssh_names_it() -> None:
    """IPv6 stands in brackets, and a Unix socket of the bastion has its path."""
    from ajour.tunnel import _far_end

    assert _far_end(parse_url("postgres://u@[::1]:6/d")) == "[::1]:6"
    assert _far_end(parse_url("postgres://u@h/d?host=/run/pg")) == "/run/pg/.s.PGSQL.5432"
    assert target.Bastion("h").words == ("h",)
