"""What is made of a driver's words. They are real ones: of libpq, PgBouncer and Supavisor."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ajour.db.diagnose import diagnose
from ajour.errors import ConnectionFailed
from ajour.target import Target, parse_url

REF = "abcdefghijklmnopqrst"
SECRET = "hunter2-of-ours"
HERE = f"postgresql://me:{SECRET}@127.0.0.1:5432/mine"
FAR = f"postgresql://me:{SECRET}@db.example.org:5432/mine"
DIRECT = f"postgresql://postgres:{SECRET}@db.{REF}.supabase.co:5432/postgres"
POOLER = f"postgresql://postgres.{REF}:{SECRET}@aws-0-eu-west-3.pooler.supabase.com:6543/postgres"
CASES = json.loads((Path(__file__).parent / "data/connecting.json").read_text("utf-8"))
AT = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


def why(said: str, url: str = FAR) -> ConnectionFailed:
    """Return what is told of the driver's words."""
    return diagnose(parse_url(url), said)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["said"][-40:])
def test_the_drivers_words(case: dict[str, str]) -> None:
    """One sentence says what is wrong, another what to do, and whether time may cure it."""
    failure = why(case["said"].replace("{at}", AT))
    assert case["message"] in failure.message
    assert failure.message.endswith(".")
    assert failure.hint
    assert failure.passes == case["passes"]


@pytest.mark.parametrize("login", ["password authentication failed", "SASL authentication failed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["said"][-40:])
def test_a_login_is_never_tried_again(case: dict[str, str], login: str) -> None:
    """Whatever else was tried and failed beside it: the password is what counts."""
    assert why(f"{case['said']}\n{login} for user").passes == "never"


# --- Supabase ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "connection to server at {at} failed: Network is unreachable",
        "connection to server at {at} failed: No route to host",
        "connection to server at {at} failed: Cannot assign requested address",
        "could not translate host name {host} to address: Name or service not known",
        "failed to resolve host {host}: [Errno -2] Name or service not known",
    ],
)
def test_the_direct_host_has_ipv6_only(said: str) -> None:
    """The session pooler is named, with its port and its kind of user."""
    host = f'"db.{REF}.supabase.co"'
    failure = why(said.format(host=host, at=f"{host} (2600:1f18::1), port 5432"), DIRECT)
    assert "only an IPv6 address" in failure.message
    assert all(word in (failure.hint or "") for word in ("session pooler", "5432", "postgres.<"))
    assert failure.passes == "maybe"


def test_the_direct_host_has_ipv4_too() -> None:
    """With the add-on both are tried, and one answer is worth more than the other's silence."""
    said = f'{AT}Network is unreachable\n{AT}FATAL:  password authentication failed for user "x"'
    failure = why(said, DIRECT)
    assert "does not accept the password" in failure.message
    assert failure.passes == "never"


def test_the_direct_host_through_a_tunnel() -> None:
    """Then it is the bastion that needs IPv6."""
    target = replace(parse_url(DIRECT), local_port=1)
    failure = diagnose(target, f"{AT}server closed the connection unexpectedly")
    assert "far end does not reach" in failure.message


def test_a_pooler_that_is_not_told_the_project() -> None:
    """The user lacks it, and that is said; any other failure is what it is."""
    bare = POOLER.replace(f"postgres.{REF}", "postgres")
    failure = why(f"{AT}FATAL:  Tenant or user not found", bare)
    assert "its project is missing" in failure.message
    assert failure.passes == "never"
    for said, message in (
        ("failed to resolve host 'x': [Errno -2] Name or service not known", "no address here"),
        (f"{AT}Connection refused", "Nothing listens"),
        (f'{AT}FATAL:  password authentication failed for user "postgres"', "password of user"),
        (f"{AT}FATAL:  Max client connections reached", "no connection left"),
        ("connection timeout expired", "does not answer"),
    ):
        assert message in why(said, bare).message


def test_a_pooler_of_another_region() -> None:
    """The project is named, and the pooler does not have it: then it is the host."""
    failure = why(f"{AT}FATAL:  Tenant or user not found", POOLER)
    assert f"does not know the user postgres.{REF}" in failure.message
    assert "region" in (failure.hint or "")


def test_the_systems_cas() -> None:
    """Supabase has a CA of its own."""
    said = f"{AT}SSL error: certificate verify failed"
    assert "signs its certificates itself" in why(said, f"{DIRECT}?sslrootcert=system").message
    assert "signs its certificates itself" not in why(said, f"{FAR}?sslrootcert=system").message
    assert "signs its certificates itself" not in why(said, f"{DIRECT}?sslrootcert=/ca").message


# --- what the URL has to do with it -----------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        (parse_url("postgres://u:p%41ss@h/d"), "write it as %25"),
        (replace(parse_url("postgres://u@h/d"), password="p%40ss"), "taken as it stands"),
        (parse_url("postgres://u:plain@h/d"), "@ is %40"),
    ],
    ids=["decoded", "PGPASSWORD", "plain"],
)
def test_percent_signs_in_a_password(target: Target, hint: str) -> None:
    """Encoded twice, or not at all: the likeliest reason for a right password that is wrong."""
    failure = diagnose(target, f'{AT}FATAL:  password authentication failed for user "u"')
    assert hint in (failure.hint or "")


def test_no_tls_where_none_was_wanted() -> None:
    """A server that knows no such client says “no encryption” too; only sslmode makes it TLS."""
    for version in ("no encryption", "SSL off"):
        said = f'{AT}FATAL:  no pg_hba.conf entry for host "::1", user "me", {version}'
        assert "wants TLS" in why(said, f"{HERE}?sslmode=disable").message
        assert "does not let user me in" in why(said, HERE).message


def test_secrets_stay_in() -> None:
    """Whatever the driver repeats, the password is not in it."""
    failure = why(f'{AT}root certificate file "{SECRET}" does not exist: {SECRET}')
    assert SECRET not in f"{failure.message} {failure.hint} {failure.details}"
    assert failure.details == (
        f'the driver says: {AT}root certificate file "***" does not exist: ***',
    )
