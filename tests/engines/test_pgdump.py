"""Which pg_dump reads a real database, and what is said where none can."""

from dataclasses import replace
from pathlib import Path

import pytest

from ajour.engines.binaries import find_binaries
from ajour.engines.pgdump import dump_schema, login
from ajour.errors import Refusal
from ajour.target import parse_url
from servers import PASSWORD, Server, connect
from tls import Authority, tls_server

WHEEL = find_binaries()


def test_the_schema_of_a_database(database_url: str) -> None:
    """It comes as plain SQL, without the schemas that are to be left out, and without rows."""
    with connect(database_url) as connection:
        connection.execute("create schema app; create schema gone; create table gone.x ();")
        connection.execute("create table app.t (n int); insert into app.t values (4711)")
    text = dump_schema(parse_url(database_url), 180000, WHEEL, ["gone", "auth", "storage"])
    assert "CREATE TABLE app.t" in text
    assert "4711" not in text
    assert "gone.x" not in text
    assert "CREATE TABLE auth" not in text


def test_a_server_that_is_too_new(server: Server) -> None:
    """A pg_dump reads no server newer than itself; what was found is told, and what helps."""
    with pytest.raises(Refusal) as refused:
        dump_schema(parse_url(server.url("postgres")), 990000, WHEEL, [])
    assert any("is of PostgreSQL 18" in line for line in refused.value.details)
    assert "postgresql-client-99" in str(refused.value.hint)
    assert "ajour db base --from dump.sql" in str(refused.value.hint)


def test_pg_dump_says_why(server: Server) -> None:
    """Its own words are shown, without the password."""
    target = parse_url(server.url("nowhere"))
    with pytest.raises(Refusal) as refused:
        dump_schema(target, 180000, WHEEL, [])
    assert 'database "nowhere" does not exist' in " ".join(refused.value.details)
    assert PASSWORD not in " ".join(refused.value.details)


def test_a_database_behind_tls(tmp_path: Path) -> None:
    """The wheel's pg_dump has no TLS: one of the system's is taken, and it checks who answers."""
    authority = Authority.make(tmp_path / "ca")
    with tls_server(authority, "localhost") as server:
        url = server.url("postgres").replace("127.0.0.1", "localhost")
        good = parse_url(f"{url}?sslrootcert={authority.file}")
        assert good.sslmode == "verify-full"
        with connect(f"{url}?sslmode=require") as connection:
            version = connection.info.server_version
        assert "CREATE SCHEMA auth" in dump_schema(good, version, WHEEL, [])
        other = Authority.make(tmp_path / "other")
        with pytest.raises(Refusal) as refused:
            dump_schema(parse_url(f"{url}?sslrootcert={other.file}"), version, WHEEL, [])
    assert "certificate verify failed" in " ".join(refused.value.details)


def test_how_it_logs_in() -> None:
    """Password and TLS go by variables; a tunnel's near end is where it connects."""
    url = "postgresql://me:pw%40@db.example.test:5433/app?sslrootcert=ca.pem&options=-csearch_path%3Da"
    target = parse_url(url)
    assert login(target) == {
        "PGHOST": "db.example.test",
        "PGPORT": "5433",
        "PGUSER": "me",
        "PGDATABASE": "app",
        "PGPASSWORD": "pw@",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "ca.pem",
        "PGOPTIONS": "-csearch_path=a",
        "PGAPPNAME": "ajour",
    }
    through = login(replace(target, local_port=4000))
    assert (through["PGHOST"], through["PGHOSTADDR"], through["PGPORT"]) == (
        "db.example.test",
        "127.0.0.1",
        "4000",
    )
