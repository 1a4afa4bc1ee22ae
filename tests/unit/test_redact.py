"""Secrets do not come out."""

import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ajour.redact import MASK, passwords_in, redact

SECRETS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
"""No secret holds a NUL, which stands around it in the tests."""


def lower_hex(text: str) -> str:
    """Percent-encode with lower-case digits, as some tools do."""
    return re.sub("%..", lambda found: found[0].lower(), quote(text, safe=""))


@given(SECRETS, st.sampled_from([str, quote, quote_plus, lower_hex]))
def test_a_secret_goes_however_it_is_written(secret: str, spelling: Callable[[str], str]) -> None:
    """As it is, or percent-encoded as any tool would."""
    written = spelling(secret)
    assert redact(f"\0{written}\0", [secret]) == f"\0{MASK}\0"


@given(SECRETS)
def test_a_secret_goes_when_only_some_of_it_is_encoded(secret: str) -> None:
    """People encode what they know to be special, and leave the rest."""
    mixed = "".join(
        char if number % 2 else "".join(f"%{byte:02X}" for byte in char.encode())
        for number, char in enumerate(secret)
    )
    assert redact(f"\0{mixed}\0", [secret]) == f"\0{MASK}\0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:hunter2@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("see jdbc:postgres://u.x%40y:p%2F@h/db.", "see jdbc:postgres://u.x%40y:***@h/db."),
        ("postgres://u:p@ss/w@rd@h/db", "postgres://u:***@h/db"),
        ("'postgres://:p@h' and \"redis://u:p@h\"", "'postgres://:***@h' and \"redis://u:***@h\""),
        ("postgres://u@h:5432/db and http://[::1]:80/", None),
        ("https://example.org:8080/path", None),
        ("user@host:5432/db", None),
    ],
)
def test_the_password_of_a_url_goes_unasked(text: str, expected: str | None) -> None:
    """Also when nobody told us the secret; what has no password stays."""
    assert redact(text) == (expected or text)


def test_the_longer_secret_goes_first() -> None:
    """A secret that holds another one leaves nothing of itself."""
    assert redact("abcdef abc", ["abc", "abcdef"]) == "*** ***"


def test_empty_secrets_do_nothing() -> None:
    """No password is no reason to change a text."""
    assert redact("text", ["", ""]) == "text"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:p%40ss@h/db", {"p%40ss", "p@ss"}),
        ("--url=postgres://u@h/d?sslmode=require&password=a%2Fb", {"a%2Fb", "a/b"}),
        ("A=1\nexport PGPASSWORD = 'a b'\nB=2", {"a b"}),
        ("SUPABASE_DB_URL='postgres://u:one@h/d'\nPGPASSWORD=two\n", {"one", "two"}),
        ("postgres://u@h/db PGHOST=x", set()),
    ],
)
def test_passwords_are_found_where_they_are_written(text: str, expected: set[str]) -> None:
    """On the command line, in the environment and in .env: what a traceback might repeat."""
    assert passwords_in(text) == expected
