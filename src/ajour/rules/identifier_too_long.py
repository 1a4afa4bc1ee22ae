"""A name of more than 63 bytes, which PostgreSQL cuts off.

Finds
    Names of more than 63 bytes, with or without quotation marks.

Why it hurts
    The server keeps the first 63 bytes and says a notice. Two long names that begin alike are then
    the same name, and what looks for the whole name in the catalog does not find it.

Instead
    Choose a shorter name.

When it is fine
    Never in a name of one's own. What another tool made has the cut name: write that.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("identifier-too-long", level="warning", family="runner")

LONGEST = 63
"""Bytes of a name (NAMEDATALEN - 1)."""

_TOKEN = re.compile(
    r"(?P<skip>'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|(?P<tag>\$\w*\$).*?(?P=tag))"
    r'|"(?P<quoted>(?:[^"]|"")+)"|(?P<word>[^\W\d][\w$]*)',
    re.DOTALL,
)
_MAYBE = re.compile(r'[\w$]{22}|"[^"]{22}')  # a letter may have three bytes, or four


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each name that is cut off."""
    text = facts.statement.text
    if not _MAYBE.search(text):
        return
    for token in _TOKEN.finditer(text):
        name = (token["quoted"] or "").replace('""', '"') or token["word"] or ""
        size = len(name.encode())
        if size > LONGEST:
            kept = name.encode()[:LONGEST].decode(errors="ignore")
            yield context.finding(
                RULE,
                facts,
                f"This name has {size} bytes; PostgreSQL keeps 63: {kept}.",
                "Choose a shorter name.",
                at=token.start(),
            )
