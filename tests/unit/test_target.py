"""Database URLs: what is understood, and what is refused in which words."""

import os
import socket
import subprocess
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ajour.errors import UsageError
from ajour.target import Target, parse_url

SECRET = "hunter2"


def refused(url: str) -> UsageError:
    """Return the error of a URL. It has a remedy, and nothing of the secret."""
    with pytest.raises(UsageError) as error:
        parse_url(url)
    assert error.value.hint
    assert SECRET not in error.value.message + error.value.hint
    assert error.value.__context__ is None or SECRET not in str(error.value.__context__)
    return error.value


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("postgresql://u:p@db.example.org:6543/app", "u@db.example.org:6543/app", "p"),
        ("postgres://u:p@h/d", "u@h:5432/d", "p"),
        ("POSTGRESQL://u:p@h:/d", "u@h:5432/d", "p"),
        (" \npostgres://u:p@h/d\r\n", "u@h:5432/d", "p"),
        ("postgres://u@h/d", "u@h:5432/d", None),
        ("postgres://u:@h/d", "u@h:5432/d", None),
        ("postgres://postgres.abcd:p@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true",
         "postgres.abcd@aws-0-eu.pooler.supabase.com:6543/postgres", "p"),
        ("postgres://u:p%40%2F%23%3F%25%20:+&=@h/d", "u@h:5432/d", "p@/#?% :+&="),
        ("postgres://u:é%C3%A9@h/d", "u@h:5432/d", "éé"),
        ("postgres://u:p[x]@h/d", "u@h:5432/d", "p[x]"),
        ("postgres://u%40corp:p@h/my%2Fdb", "u@corp@h:5432/my/db", "p"),
        ("postgres://u:p@[::1]/d", "u@[::1]:5432/d", "p"),
        ("postgres://u:p@[fe80::1%25eth0]:6000/d", "u@[fe80::1%eth0]:6000/d", "p"),
        ("postgres://u:p@%2Frun%2Fpg:5433/d", "u@/run/pg:5433/d", "p"),
        ("postgres://u@/d?host=/tmp&port=5433", "u@/tmp:5433/d", None),
        ("postgres:///?host=/tmp&user=u&dbname=d&password=a%26b", "u@/tmp:5432/d", "a&b"),
        ("postgres://u:p@localhost/d?host=/cloudsql/x", "u@/cloudsql/x:5432/d", "p"),
    ],
)  # fmt: skip
def test_a_url_is_read_as_libpq_reads_it(url: str, shown: str, password: str | None) -> None:
    """What is printed names the place and never the password."""
    target = parse_url(url)
    assert (str(target), target.password) == (shown, password)


@given(
    st.text(st.characters(categories=["L", "N", "P", "S"]) | st.just(" "), min_size=1),
    st.text(st.characters(categories=["L", "N"]), min_size=1),
)
def test_every_encoded_password_comes_back(password: str, name: str) -> None:
    """Percent-encoding carries any printable password, and the printed form never shows it."""
    user, secret = quote(name, safe=""), quote(f"<{password}>", safe="")
    target = parse_url(f"postgresql://{user}:{secret}@host/{user}")
    assert (target.user, target.password) == (name, f"<{password}>")
    assert f"<{password}>" not in str(target) + repr(target)


@given(st.text(max_size=40))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    """Whatever stands in the variable, the answer is a target or a usage error."""
    for url in (text, f"postgres://{text}", f"postgres://u:{text}@h/d", f"postgres://u@h/d?{text}"):
        try:
            assert isinstance(parse_url(url), Target)
        except UsageError as error:
            assert error.hint  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("url", "words", "hint"),
    [
        ("", "is empty", "postgresql://user"),
        ("  \n", "is empty", "postgresql://user"),
        (f'"postgres://u:{SECRET}@h/d"', "quotation marks", "Remove"),
        (f"'postgres://u:{SECRET}@h/d'", "quotation marks", "Remove"),
        (f"SUPABASE_DB_URL=postgres://u:{SECRET}@h/d", "a variable's name", "what follows"),
        (f'export X="postgres://u:{SECRET}@h/d', "a variable's name", "what follows"),
        (f"psql postgres://u:{SECRET}@h/d", "psql command", "URL alone"),
        (f"host=h user=u password={SECRET}", "key=value", "as a URL"),
        ("https://abcd.supabase.co", "web address", "Session pooler"),
        (f"jdbc:postgresql://h/d?user=u&password={SECRET}", "JDBC", "Drop `jdbc:`"),
        (f"postgresql+psycopg://u:{SECRET}@h/d", "SQLAlchemy", "Write postgresql://"),
        (f"postgresql+asyncpg://u:{SECRET}@h/d", "SQLAlchemy", "Write postgresql://"),
        (f"mysql://u:{SECRET}@h/d", "`mysql://` is not", "postgresql://"),
        (f"{SECRET}", "does not begin with", "postgresql://"),
        (f"postgres:{SECRET}@h/d", "does not begin with", "postgresql://"),
        (f"u:{SECRET}://h", "does not begin with", "postgresql://"),
        ("postgres://postgres:[YOUR-PASSWORD]@h/d", "placeholder", "Database"),
        ("postgres://postgres:<password>@h/d", "placeholder", "Database"),
        ("postgres://postgres:YOUR_PASSWORD@h/d", "placeholder", "Database"),
        (f"postgres://postgres.[YOUR-PROJECT-REF]:{SECRET}@h/d", "placeholder", "pooler"),
        (f"postgres://u:{SECRET}@db.<project-ref>.supabase.co/d", "placeholder", "pooler"),
        (f"postgres://u:a@{SECRET}@h/d", "more than one `@`", "@ is %40"),
        (f"postgres://u:a/{SECRET}@h/d", "unencoded `/`", "/ is %2F"),
        (f"postgres://u:a@b/{SECRET}@h/d", "unencoded `/`", "/ is %2F"),
        (f"postgres://u:a?{SECRET}@h/d", "unencoded `?`", "? is %3F"),
        (f"postgres://u:a@b?{SECRET}@h/d", "unencoded `?`", "? is %3F"),
        (f"postgres://u:a#{SECRET}@h/d", "unencoded `#`", "# is %23"),
        (f"postgres://u:a@b#{SECRET}@h/d", "unencoded `#`", "# is %23"),
        (f"postgres://u:{SECRET}@h/d#x", "unencoded `#`", "# is %23"),
        (f"postgres://u:{SECRET}%zz@h/d", "password.*unencoded `%`", "% is %25"),
        (f"postgres://u:{SECRET}%@h/d", "password.*unencoded `%`", "% is %25"),
        (f"postgres://u:{SECRET}%ff@h/d", "password.*not UTF-8", "Percent-encode"),
        (f"postgres://u:{SECRET}%00@h/d", "password.*control character", "again"),
        (f"postgres://u:{SECRET} x@h/d", "a space", "a space is %20"),
        (f"postgres://u:{SECRET}@h/d\nx", "control character .character 25", "again"),
        (f"postgres://u:{SECRET}@h:54a/d", "port", "postgresql://"),
        (f"postgres://u:{SECRET}@h:0/d", "port", "1 to|postgresql://"),
        (f"postgres://u:{SECRET}@h:65536/d", "1 to 65535", "postgresql://"),
        ("postgres://", "no host", "never guesses"),
        (f"postgres://u:{SECRET}@/d", "no host", "never guesses"),
        ("postgres://h/d", "no user", "never guesses"),
        (f"postgres://:{SECRET}@h/d", "no user", "never guesses"),
        (f"postgres://u:{SECRET}@h", "no database", "On Supabase it is `postgres`"),
        (f"postgres://u:{SECRET}@h/", "no database", "On Supabase it is `postgres`"),
        (f"postgres://u:{SECRET}@h/d/", "holds a `/`", "one name"),
        (f"postgres://u:{SECRET}@a,b/d", "several hosts", "writes"),
        (f"postgres://u:{SECRET}@/d?host=a,b", "several hosts", "writes"),
        (f"postgres://u:{SECRET}@::1/d", "cannot be read", "brackets"),
        (f"postgres://u:{SECRET}@h/d?sslmod=require", "`sslmod`", "Did you mean `sslmode`"),
        (f"postgres://u:{SECRET}@h/d?frobnicate=1", "`frobnicate`", "Remove it"),
        (f"postgres://u:a?{SECRET}=@h/d", "unencoded `.`", "is %3F"),
        (f"postgres://u:p@b?{SECRET}=@h/d", "unencoded `.`", "is %3F"),
        (f"postgres://u:p@h/d?sslmode={SECRET}", "sslmode.*unknown", "verify-full"),
        (f"postgres://u:{SECRET}@h/d?x", "has no value", "name=value"),
        (f"postgres://u:{SECRET}@h/d?schema=app", "`schema`", "search_path"),
        (f"postgres://u:{SECRET}@h/d?search_path=app", "`search_path`", "search_path"),
        (f"postgres://u:{SECRET}@h/d?hostaddr=10.0.0.1", "`hostaddr`", "Did you mean `host`"),
        (f"postgres://u:{SECRET}@h/d?service=x", "`service`", "Remove it|Did you mean"),
    ],
)
def test_what_cannot_be_meant_is_refused(url: str, words: str, hint: str) -> None:
    """One sentence for the one thing that is wrong, and what to do about it."""
    error = refused(url)
    with pytest.raises(UsageError, match=words):
        raise error
    assert any(word in str(error.hint) for word in hint.split("|"))


@pytest.mark.parametrize(
    "query",
    ["pgbouncer=true&connection_limit=1", "schema=public", "supa=base-pooler.x", "", "&",
     "statement_cache_size=0&prepareThreshold=0", "client_encoding=utf8"],
)  # fmt: skip
def test_what_other_tools_add_is_dropped(query: str) -> None:
    """One URL serves Prisma and ajour."""
    assert parse_url(f"postgres://u:p@h/d?{query}").options == ()


def test_options_of_libpq_are_passed_on() -> None:
    """As they are written, decoded, in their order."""
    target = parse_url("postgres://u:p@h/d?connect_timeout=5&options=-c%20geqo%3Doff&sslsni=1")
    expected = (("connect_timeout", "5"), ("options", "-c geqo=off"), ("sslsni", "1"))
    assert target.options == expected
    assert target.conninfo() == {
        "host": "h",
        "hostaddr": "",
        "port": "5432",
        "user": "u",
        "password": "p",
        "dbname": "d",
        "sslmode": "require",
        **dict(expected),
    }


@pytest.mark.parametrize(
    ("host", "query", "mode"),
    [
        ("db.example.org", "", "require"),
        ("10.0.0.1", "", "require"),
        ("127.example.org", "", "require"),
        ("h", "sslmode=require", "require"),
        ("h", "sslmode=no-verify", "require"),
        ("h", "ssl=true", "require"),
        ("h", "sslmode=verify-ca", "verify-ca"),
        ("h", "sslmode=verify-full", "verify-full"),
        ("h", "sslrootcert=/ca.crt", "verify-full"),
        ("h", "sslrootcert=system", "verify-full"),
        ("h", "sslrootcert=/ca.crt&sslmode=require", "verify-full"),
        ("h", "sslrootcert=/ca.crt&sslmode=verify-ca", "verify-ca"),
        ("localhost", "", "prefer"),
        ("LocalHost", "sslmode=disable", "disable"),
        ("127.0.0.1", "sslmode=allow", "allow"),
        ("[::1]", "sslmode=require", "require"),
        ("%2Ftmp", "", "prefer"),
        ("localhost", "sslrootcert=/ca.crt", "verify-full"),
        ("localhost", "sslrootcert=/ca.crt&sslmode=disable", "disable"),
    ],
)
def test_off_this_machine_tls_is_required(host: str, query: str, mode: str) -> None:
    """At least `require`; with a certificate authority the host's name is checked too."""
    assert parse_url(f"postgres://u:p@{host}/d?{query}").conninfo()["sslmode"] == mode


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_tls_cannot_be_turned_off_over_a_network(mode: str) -> None:
    """The password would travel for everyone to read."""
    error = refused(f"postgres://u:{SECRET}@db.example.org/d?sslmode={mode}")
    assert f"sslmode={mode} would let" in error.message


def test_a_password_that_is_a_public_name_is_no_secret() -> None:
    """To mask `postgres` in `postgres:postgres@…` would only blot out the user's name."""
    assert parse_url("postgres://postgres:postgres@localhost/d").secrets == ()
    assert parse_url("postgres://postgres:s3cret@localhost/d").secrets == ("s3cret",)
    assert parse_url("postgres://postgres@localhost/d").secrets == ()


def test_the_environment_does_not_lead_a_connection_elsewhere() -> None:
    """PGHOSTADDR and its kin fill what is missing: nothing that chooses the place is missing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        port = listener.getsockname()[1]
        code = "import sys, psycopg; from ajour.target import parse_url\n"
        code += "psycopg.connect(**parse_url(sys.argv[1]).conninfo())"
        elsewhere = {"PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1"}
        also = {"PGUSER": "x", "PGDATABASE": "x", "PGOPTIONS": "-c x=y", "PGSSLMODE": "require"}
        url = f"postgres://someone:p@127.0.0.1:{port}/somewhere?sslmode=disable&gssencmode=disable"
        with subprocess.Popen(
            [sys.executable, "-c", code, url],
            env=os.environ | elsewhere | also,
            stderr=subprocess.DEVNULL,
        ) as client:
            connection, _ = listener.accept()
            with connection:
                startup = connection.recv(4096)
            client.wait()
    # The startup packet: length, protocol version, then pairs of strings.
    words = startup[8:].rstrip(b"\0").decode().split("\0")
    sent = dict(zip(words[::2], words[1::2], strict=True))
    assert (sent["user"], sent["database"]) == ("someone", "somewhere")
    assert "options" not in sent
