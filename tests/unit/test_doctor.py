"""What facts mean to the doctor: those that no test server can be made to have."""

from dataclasses import replace
from pathlib import Path

import pytest

from ajour.db.examine import Extension, Facts, Rights, Role, Table
from ajour.db.network import Address, Tls
from ajour.doctor import server
from ajour.doctor.way import dns, encryption, is_tracked
from ajour.model import Check, Relation
from ajour.profiles import PLAIN, SUPABASE
from ajour.report import doctor
from ajour.sql.needs import SUPERUSER, Needs
from ajour.target import Target, parse_url

GB = 1 << 30
TABLE = Relation("public", "migrations")

FACTS = Facts(
    version="18.6",
    number=180006,
    role=Role("me", False, False, False, False),
    rights=Rights(True, True, True, None, False, False),
    time_zone="UTC",
    encoding="UTF8",
    data_directory=None,
    size=50 * GB,
    timeouts=(),
    access=(),
    largest=(("big", 40 * GB),),
    tables=(),
    extensions=(),
    invalid=(),
)
BIG = Table("big", "me", owned=True, size=40 * GB)


@pytest.mark.parametrize(
    ("number", "verdict"),
    [(120022, "failed"), (130000, "ok"), (180006, "ok"), (190000, "warning")],
)
def test_the_versions_that_are_known(number: int, verdict: str) -> None:
    """13 to 18; a newer one may well do, an older one lacks what is relied on."""
    assert server.version(replace(FACTS, number=number)).verdict == verdict


@pytest.mark.parametrize(
    ("tables", "room", "verdict"),
    [
        ((), None, "ok"),
        ((BIG,), None, "warning"),
        ((replace(BIG, size=GB // 2),), None, "ok"),
        ((), (90 * GB, 100 * GB), "ok"),
        ((), (4 * GB, 100 * GB), "warning"),
        ((BIG,), (90 * GB, 100 * GB), "ok"),
        ((BIG,), (60 * GB, 100 * GB), "warning"),
    ],
)
def test_room_on_the_disk(
    tables: tuple[Table, ...], room: tuple[int, int] | None, verdict: str
) -> None:
    """A large table that changes may be written anew, and a full disk stops the server."""
    check = server.disk(replace(FACTS, tables=tables), room)
    assert check.verdict == verdict
    assert check.said.startswith("the database has 50 GB; largest: big 40 GB")
    assert (check.next is None) == (verdict == "ok")


def test_a_size_that_is_not_known() -> None:
    """A role may lack the right to know."""
    assert server.disk(replace(FACTS, size=None, largest=()), None).said == "size unknown"


def test_an_extension_for_superusers() -> None:
    """A trusted one is for everybody; Supabase lets its own role make the others too."""
    wanted = Extension("x", available=True, installed=False, trusted=False)
    facts, needs = replace(FACTS, extensions=(wanted,)), Needs(extensions={"x"})
    assert server.rights(facts, needs, TABLE, PLAIN).next == (
        'Let a superuser run: create extension "x";'
    )
    assert server.rights(facts, needs, TABLE, SUPABASE).verdict == "ok"
    for other in (replace(wanted, trusted=True), replace(wanted, installed=True)):
        facts = replace(FACTS, extensions=(other,))
        assert server.rights(facts, needs, TABLE, PLAIN).verdict == "ok"


def test_a_superuser_may_do_all() -> None:
    """What belongs to others too."""
    theirs = replace(BIG, owned=False, owner="them")
    facts, needs = replace(FACTS, tables=(theirs,)), Needs(rights={SUPERUSER})
    check = server.rights(facts, needs, TABLE, PLAIN)
    assert "big, which belongs to them" in check.said
    assert "superuser" in check.details[0]
    facts = replace(facts, role=replace(facts.role, superuser=True))
    assert server.rights(facts, needs, TABLE, PLAIN).verdict == "ok"


# --- the way ----------------------------------------------------------------------------------

FAR = "postgres://u@db.example.org/d"
FOUR = Address("IPv4", ("203.0.113.1", 5432))
SIX = Address("IPv6", ("2001:db8::1", 5432))


def test_a_host_with_ipv6_alone() -> None:
    """Many networks do not reach it."""
    assert dns(parse_url(FAR), (SIX, FOUR)).verdict == "ok"
    check = dns(parse_url(FAR), (SIX,))
    assert check.verdict == "warning"
    assert "2001:db8::1 (IPv6)" in check.said
    assert "session pooler" in (check.next or "")


@pytest.mark.parametrize(
    ("target", "verdict", "said"),
    [
        (parse_url(FAR), "warning", "TLSv1.3, AES. The certificate is not verified"),
        (parse_url(FAR + "?sslrootcert=/ca"), "ok", "certificate and host name verified by /ca"),
        (parse_url(FAR + "?sslmode=verify-ca&sslrootcert=/ca"), "ok", "not the host name"),
        (parse_url("postgres://u@localhost/d"), "ok", "not verified on this machine"),
        (replace(parse_url("postgres://u@localhost/d"), local_port=1), "ok", "at the bastion"),
        (replace(parse_url(FAR), local_port=1), "warning", "not verified"),
    ],
)
def test_whose_certificate_it_is(target: Target, verdict: str, said: str) -> None:
    """Off this machine, encryption alone does not say who is at the other end."""
    check = encryption(target, Tls("TLSv1.3", "AES"))
    assert (check.verdict, said in check.said) == (verdict, True), check


def test_what_git_tracks(tmp_path: Path) -> None:
    """The index is read as it is: the name, and its length before it."""
    (tmp_path / "sub").mkdir()
    assert not is_tracked(tmp_path / "sub" / ".env")
    (tmp_path / ".git").mkdir()
    assert not is_tracked(tmp_path / "sub" / ".env")
    index = tmp_path / ".git" / "index"
    index.write_bytes(b"DIRC\0\x0csub/.env.example\0\0\x0aother/.env\0")
    assert not is_tracked(tmp_path / "sub" / ".env")
    index.write_bytes(b"DIRC\0\0\0\x08sub/.env\0\0\0")
    assert is_tracked(tmp_path / "sub" / ".env")
    assert not is_tracked(tmp_path / ".env")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {tmp_path / '.git'}\n")
    assert is_tracked(tree / "sub" / ".env")


# --- the report -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([("role", "ok")], "all is well"),
        ([("role", "warning")], "nothing failed, 1 warning"),
        ([("role", "failed"), ("disk", "warning"), ("TLS", "warning")], "1 failed, 2 warnings"),
        (
            [("TLS", "warning"), ("authentication", "failed")],
            "failed at authentication: what comes after it could not be looked at",
        ),
    ],
)
def test_the_last_line(checks: list[tuple[str, str]], said: str) -> None:
    """It counts, or says where the way ended."""
    found = [Check(name, verdict, "") for name, verdict in checks]  # type: ignore[arg-type]  # the verdicts are right
    assert doctor.summary(found) == said


def test_a_check_as_lines() -> None:
    """The verdict first, what was found in a column, and below it what to do."""
    check = Check("disk", "warning", "nearly full", "Free room.", ("a", "b"))
    assert list(doctor.lines(check)) == [
        "warning  disk            nearly full",
        "                         a",
        "                         b",
        "                         next: Free room.",
    ]
