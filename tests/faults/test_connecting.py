"""Connections that fail, really: each is told in one sentence, with the one thing to do."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ajour.db.connect import connect
from ajour.db.rows import fetch
from ajour.errors import ConnectionFailed
from ajour.target import parse_url
from servers import PASSWORD, Server
from servers import connect as admin
from tls import ONLY_TLS, Authority, tls_server

ALSO_PLAIN = ONLY_TLS + "hostnossl all all 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give the CA that the server's certificate is from."""
    return Authority.make(tmp_path_factory.mktemp("ca") / "ours")


@pytest.fixture(scope="module")
def tls(authority: Authority) -> Iterator[Server]:
    """Give a server for localhost and db.example.test that wants TLS."""
    with tls_server(authority, "localhost", "db.example.test") as server:
        yield server


def refused(url: str, far: str | None = None) -> ConnectionFailed:
    """Return why there is no connection; nothing of it holds the password.

    far: the name of the host, where the URL's is only the near end of a tunnel.
    """
    target = parse_url(url)
    if far:
        target = replace(target, host=far, local_port=target.port)
    with pytest.raises(ConnectionFailed) as failed:
        connect(target)
    failure = failed.value
    assert PASSWORD not in f"{failure.message} {failure.hint} {failure.details}"
    return failure


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


# --- the login --------------------------------------------------------------------------------


def test_a_wrong_password(server: Server) -> None:
    """It is not tried again: who fails too often is banned."""
    failure = refused(server.url("postgres").replace(PASSWORD, "wr%6Fng"))
    assert "does not accept the password of user postgres" in failure.message
    assert "%25" in (failure.hint or "")
    assert failure.passes == "never"


def test_no_password(server: Server) -> None:
    """A URL without one is told apart from a wrong one."""
    failure = refused(server.url("postgres").replace(f":{PASSWORD}", ""))
    assert "wants a password" in failure.message
    assert "PGPASSWORD" in (failure.hint or "")
    assert failure.passes == "never"


def test_a_role_that_is_not_there(server: Server) -> None:
    """The server does not say so before a right password, and neither do we."""
    failure = refused(server.url("postgres", user="nobody_such"))
    assert "password of user nobody_such" in failure.message
    assert failure.passes == "never"


def test_a_role_that_may_not_log_in(server: Server) -> None:
    """The hint names the statement."""
    with admin(server.url("template1")) as db:
        db.execute(f"create role sleeper nologin password '{PASSWORD}'")
        try:
            failure = refused(server.url("postgres", user="sleeper"))
        finally:
            db.execute("drop role sleeper")
    assert "may not log in" in failure.message
    assert "alter role" in (failure.hint or "")


def test_a_database_that_is_not_there(server: Server) -> None:
    """Its name is at the end of the URL."""
    failure = refused(server.url("no_such_database"))
    assert failure.message.startswith("There is no database no_such_database")
    assert failure.passes == "never"


def test_a_database_that_takes_nobody(server: Server) -> None:
    """It is there, and closed."""
    with server.database(supabase=False) as url:
        name = url.rpartition("/")[2]
        with admin(server.url("template1")) as db:
            db.execute(f"alter database {name} allow_connections false")
            failure = refused(url)
    assert f"The database {name}" in failure.message
    assert failure.passes == "never"


@pytest.mark.parametrize("whose", ["role", "database"])
def test_no_connection_left(server: Server, whose: str) -> None:
    """That passes: it is the only refusal of a server that is worth another try."""
    with server.database(supabase=False) as url, admin(server.url("template1")) as db:
        name = url.rpartition("/")[2]
        db.execute(f"create role crowd login password '{PASSWORD}'")
        limited = "role crowd" if whose == "role" else f"database {name}"
        db.execute(f"alter {limited} connection limit 0")
        try:
            failure = refused(url.replace("//postgres:", "//crowd:"))
        finally:
            db.execute("drop role crowd")
    assert "no connection left" in failure.message
    assert failure.passes == "soon"


# --- the way ----------------------------------------------------------------------------------


def test_an_abstract_socket_is_not_looked_up_as_a_name() -> None:
    """Its name is libpq's to understand, as a folder's is."""
    failure = refused(f"postgresql://u:{PASSWORD}@/db?host=%40ajour-nobody&port=5433")
    assert failure.message == "Nothing listens at @ajour-nobody:5433."
    assert 'on socket "@ajour-nobody/.s.PGSQL.5433"' in failure.details[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_that_nobody_listens_at(host: str) -> None:
    """It may be a server that comes back."""
    port = free_port()
    failure = refused(f"postgresql://u:{PASSWORD}@{host}:{port}/d")
    assert failure.message == f"Nothing listens at {host}:{port}."
    assert failure.passes == "maybe"


def test_a_name_without_an_address() -> None:
    """A spelling mistake, or a VPN that is off."""
    failure = refused(f"postgresql://u:{PASSWORD}@no-such-host.invalid/d")
    assert failure.message == "The host no-such-host.invalid has no address here."
    assert failure.passes == "maybe"


def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    """The whole path is named."""
    failure = refused(f"postgresql://u:{PASSWORD}@/d?host={tmp_path}")
    assert failure.message == f"There is no socket {tmp_path}/.s.PGSQL.5432 on this machine."
    assert failure.passes == "maybe"


@contextlib.contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """Listen at a port; give everyone `answer` and hang up, or with None say nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    guest, _ = door.accept()
                    kept.append(guest)
                    if answer is not None:
                        guest.recv(1024)
                        guest.sendall(answer)
                        guest.shutdown(socket.SHUT_RDWR)

        kept: list[socket.socket] = []
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()
            for guest in kept:
                guest.close()


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", b"SSH-2.0-OpenSSH_9.2p1\r\n"],
    ids=["http", "ssh"],
)
def test_a_port_that_speaks_something_else(answer: bytes, mode: str) -> None:
    """A web server or sshd is no PostgreSQL, and time will not make it one."""
    with listening(answer) as port:
        failure = refused(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/d?sslmode={mode}")
    if answer.startswith(b"S") and mode == "require":  # S is also PostgreSQL's yes to TLS
        assert "version of TLS" in failure.message or "closed the connection" in failure.message
    else:
        assert failure.message == f"What listens at 127.0.0.1:{port} is not PostgreSQL."
        assert failure.passes == "never"


def test_a_port_that_says_nothing() -> None:
    """A paused project, a firewall, something that waits for us to speak another language."""
    with listening(None) as port:
        failure = refused(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/d?connect_timeout=2")
    assert failure.message == f"127.0.0.1:{port} does not answer."
    assert failure.passes == "maybe"


def test_a_port_that_hangs_up() -> None:
    """Somebody is there, and wants nothing to do with us."""
    with listening(b"") as port:
        failure = refused(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/d")
    assert "closed the connection" in failure.message
    assert failure.passes == "maybe"


@pytest.mark.parametrize(
    "option", ["connect_timeout=soon", "channel_binding=maybe", "keepalives_idle=x"]
)
def test_a_parameter_with_an_impossible_value(server: Server, option: str) -> None:
    """It stands behind the question mark."""
    failure = refused(f"{server.url('postgres')}?{option}")
    assert "parameter of the database URL" in failure.message
    assert failure.passes == "never"


# --- TLS --------------------------------------------------------------------------------------


def test_a_server_without_tls(server: Server) -> None:
    """Who asks for TLS gets no password through without it."""
    failure = refused(f"{server.url('postgres')}?sslmode=require")
    assert "does not speak TLS" in failure.message
    assert (failure.passes, failure.about_tls) == ("never", True)


def test_off_this_machine_tls_is_asked_for(server: Server) -> None:
    """Also where the way begins on it, in a tunnel."""
    failure = refused(server.url("postgres"), far="db.example.test")
    assert "does not speak TLS" in failure.message


def test_a_server_that_wants_tls(tls: Server) -> None:
    """sslmode=disable is the user's own word: it is the thing to change."""
    failure = refused(f"{tls.url('postgres')}?sslmode=disable")
    assert "wants TLS" in failure.message
    assert "sslmode" in (failure.hint or "")
    assert failure.passes == "never"


@pytest.mark.parametrize("option", ["", "?sslmode=require"])
def test_tls_without_a_question(tls: Server, option: str) -> None:
    """It is used where it is to be had."""
    connection = connect(parse_url(tls.url("postgres") + option))
    asked = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()"
    assert fetch(connection, asked) == [("true",)]
    connection.finish()


def test_a_wrong_password_over_tls(tls: Server) -> None:
    """The driver tries again without TLS; it is the first answer that counts."""
    failure = refused(tls.url("postgres").replace(PASSWORD, "wrong"))
    assert "password" in failure.message
    assert failure.passes == "never"


def test_the_right_ca(tls: Server, authority: Authority) -> None:
    """With a CA, host and certificate are compared."""
    url = tls.url("postgres").replace("127.0.0.1", "localhost")
    connect(parse_url(f"{url}?sslrootcert={authority.file}")).finish()


def test_the_name_of_the_far_end(tls: Server, authority: Authority) -> None:
    """Through a tunnel it is the far name that the certificate has to have."""
    near = parse_url(f"{tls.url('postgres')}?sslrootcert={authority.file}")
    connect(replace(near, host="db.example.test", local_port=near.port)).finish()
    failure = refused(f"{tls.url('postgres')}?sslrootcert={authority.file}", far="other.test")
    assert "not for other.test" in failure.message


def test_a_certificate_for_another_host(tls: Server, authority: Authority) -> None:
    """Both names are said."""
    failure = refused(f"{tls.url('postgres')}?sslrootcert={authority.file}")
    assert "is for localhost, not for 127.0.0.1" in failure.message
    assert (failure.passes, failure.about_tls) == ("never", True)


def test_another_ca(tls: Server, tmp_path: Path) -> None:
    """The certificate is good, and not from whom we trust."""
    other = Authority.make(tmp_path / "other")
    url = tls.url("postgres").replace("127.0.0.1", "localhost")
    failure = refused(f"{url}?sslrootcert={other.file}")
    assert "not signed by the CA" in failure.message
    assert failure.passes == "never"


@pytest.mark.parametrize("file", ["missing.crt", "empty.crt"])
def test_a_ca_file_that_is_no_use(tls: Server, tmp_path: Path, file: str) -> None:
    """The path is named, whether nothing is there or no certificate is in it."""
    (tmp_path / "empty.crt").write_text("not a certificate\n")
    failure = refused(f"{tls.url('postgres')}?sslrootcert={tmp_path / file}")
    assert str(tmp_path / file) in failure.message
    assert (failure.passes, failure.about_tls) == ("never", True)


def test_the_cas_of_the_system(tls: Server) -> None:
    """They know public authorities; Supabase signs for itself, and that is said."""
    url = f"{tls.url('postgres')}?sslrootcert=system"
    assert "not signed by the CA" in refused(url, far="db.example.test").message
    failure = refused(url, far="db.abcdefghij.supabase.co")
    assert "Supabase signs its certificates itself" in failure.message
    assert failure.passes == "never"
