"""The one place that takes secrets out of text, before anybody sees it."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

MASK = "***"

# The password of a URL that we were not told about. It may hold a raw `@` or `/`: all up to
# the last `@` goes. Rather too much than too little.
_USERINFO = re.compile(r"""(://[^\s/:@?#'"]*):[^\s'"]+@""")

_WRITTEN = (
    re.compile(r"""://[^\s/:@?#'"]*:([^\s'"]+)@"""),
    re.compile(r"""[?&]password=([^&\s'"]+)"""),
    re.compile(r"""^\s*(?:export\s+)?PGPASSWORD\s*=\s*(['"]?)(.+?)\1\s*$""", re.MULTILINE),
)
"""Where a password stands in a URL, in a query, in a line of .env; it is the last group."""


def passwords_in(text: str) -> set[str]:
    """Return the passwords that stand in a text, as they are written and as they are meant."""
    found = {hit[hit.lastindex or 0] for pattern in _WRITTEN for hit in pattern.finditer(text)}
    return found | set(map(unquote, found))


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` with each secret, however it is percent-encoded, and URL passwords masked."""
    # The longest first: a secret that holds another one goes as a whole.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = re.sub("".join(map(_spellings, secret)), MASK, text)
    return _USERINFO.sub(rf"\1:{MASK}@", text)


def _spellings(char: str) -> str:
    """Return a pattern for a character as it is, or percent-encoded in either case."""
    encoded = "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
    # The longer spelling first: `%25` for `%` would otherwise leave its digits behind.
    return f"(?:(?i:{encoded})|{re.escape(char)}{'|[+]' if char == ' ' else ''})"
