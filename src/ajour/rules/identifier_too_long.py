"""A name of more than 63 bytes, which PostgreSQL cuts off.

Finds
    Names of more than 63 bytes, with or without quotation marks.

Why it hurts
    The server keeps the first 63 bytes and says a notice. Two long names that begin alike are then
    the same name, and what looks for the whole name in the catalog does not find it.

Instead
    Choose a shorter name. `ajour check --fix` writes the one that the server keeps.

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
    for token, name in _long(facts.statement.text):
        yield context.finding(
            RULE,
            facts,
            f"This name has {len(name.encode())} bytes; PostgreSQL keeps 63: {_kept(name)}.",
            "Choose a shorter name; `ajour check --fix` writes the one that PostgreSQL keeps.",
            at=token.start(),
        )


def fix(facts: Facts, context: Context) -> str | None:  # noqa: ARG001 - the shape of every fix
    """Write each name as the server keeps it: what happens is the same, and can be read."""
    text = facts.statement.text
    for token, name in reversed(list(_long(text))):
        kept = _kept(name)
        written = '"' + kept.replace('"', '""') + '"' if token["quoted"] else kept
        text = text[: token.start()] + written + text[token.end() :]
    return text


def _long(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each name that is too long, with what it is without quotation marks."""
    for token in _TOKEN.finditer(text) if _MAYBE.search(text) else ():
        name = (token["quoted"] or "").replace('""', '"') or token["word"] or ""
        if len(name.encode()) > LONGEST:
            yield token, name


def _kept(name: str) -> str:
    return name.encode()[:LONGEST].decode(errors="ignore")
