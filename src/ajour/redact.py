"""The one place that takes secrets out of text, before anybody sees it."""

import re
from collections.abc import Iterable

MASK = "***"

# The password of a URL that we were not told about. It may hold a raw `@` or `/`: all up to
# the last `@` goes. Rather too much than too little.
_USERINFO = re.compile(r"""(://[^\s/:@?#'"]*):[^\s'"]+@""")


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
