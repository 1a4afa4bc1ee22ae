"""Secrets that are written into SQL: found by their shape, and masked."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ajour.sql.mentioned import mentioned

MASK = "***"

_SHAPES = {
    "a password": r"\bpassword\s+e?'(?P<role>(?:[^']|'')+)'",
    "a URL with a password": r"""://[^\s/:@?#'"$]+:(?P<url>(?:[^\s'"@/{$%]|%[0-9a-f]{2})+)@(?!localhost|127\.)""",
    "a JWT": r"\b(?P<jwt>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,})",
    "a private key": r"(?P<pem>-----BEGIN (?:\w+ )*PRIVATE KEY-----[^-]{40,})",
    "a key of Supabase": r"\b(?P<supabase>sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,})",
    "a key of Stripe": r"\b(?P<stripe>[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[\w+/=]{24,})",
    "a key of AWS": r"\b(?P<aws>AKIA[0-9A-Z]{16})\b",
    "a token of GitHub": r"\b(?P<github>gh[pousr]_\w{36,}|github_pat_\w{40,})",
    "a key of OpenAI or Anthropic": r"\b(?P<ai>sk-(?:proj-|ant-)?[\w-]{32,})",
    "a token of Slack": r"\b(?P<slack>xox[abprs]-[\w-]{20,})",
    "a key of Google": r"\b(?P<google>AIza[\w-]{35})\b",
}
_SECRET = re.compile("|".join(_SHAPES.values()), re.IGNORECASE)
_NAMES = dict(zip(_SECRET.groupindex, _SHAPES, strict=True))
_HINTS = (
    *(
        "password",
        "://",
        "eyj",
        "private key",
        "sbp_",
        "sb_secret_",
        "k_live_",
        "k_test_",
        "whsec_",
    ),
    *("akia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "sk-", "xox", "aiza"),
)
"""One of these, in some case, is in every text that has a secret in it."""

_PLACEHOLDER = re.compile(
    r"your|example|placeholder|change|replace|insert|xxxx|<|\*\*\*|\.\.\.", re.IGNORECASE
)
"""What people write where a secret will stand."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, by its place in a text and by what it is. Never by its letters."""

    start: int
    end: int
    what: str


def secrets(text: str) -> Iterator[Secret]:
    """Yield the secrets in a text.

    A placeholder is none, nor is a JWT that is for everybody (the role `anon`) or for demos.
    """
    if not mentioned(text, *_HINTS):
        return
    for found in _SECRET.finditer(text):
        group = found.lastgroup or ""
        if _PLACEHOLDER.search(found[group]):
            continue
        if group != "jwt" or not _public(found[group]):
            yield Secret(*found.span(group), _NAMES[group])


def masked(text: str) -> str:
    """Return the text with each secret in it replaced by as many stars, so that places stay."""
    for each in secrets(text):
        length = each.end - each.start
        text = text[: each.start] + (MASK * length)[:length] + text[each.end :]
    return text


def _public(jwt: str) -> bool:
    payload = jwt.split(".")[1]
    try:
        said = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        return False
    return b'"anon"' in said or b"supabase-demo" in said
