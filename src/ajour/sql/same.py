"""Whether two texts are the same SQL: comments, blanks and the case of words do not count."""

import hashlib
import re
from collections.abc import Iterator

from ajour.errors import Refusal
from ajour.sql.facts import control
from ajour.sql.split import skip, split

_TOKEN = re.compile(
    r"""[eE]'(?:[^'\\]+|\\.)*'"""
    r"""|'[^']*'|"[^"]*\""""
    r"""|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$"""
    r"""|(?P<word>\w[\w$]*)|.""",
    re.DOTALL,
)


def sameness(text: str) -> str | None:
    """Return a digest that two texts share when they do the same in the same words.

    What stands in quotes counts to the letter. A BEGIN and COMMIT around it do not count.
    None for a text without statements, and for one that cannot be cut into statements.
    """
    try:
        statements = split(text.replace("\r\n", "\n"))
    except Refusal:
        return None
    digest, any_left = hashlib.sha256(), False
    for statement in statements:
        if control(statement) in {"begin", "commit"}:
            continue
        any_left = True
        for part in (*_tokens(statement.text), ";", statement.copy_data or ""):
            digest.update(part.encode() + b"\0")
    return digest.hexdigest() if any_left else None


def _tokens(sql: str) -> Iterator[str]:
    """Yield the words, quoted things and signs of a statement."""
    pos = skip(sql, 0)
    while found := _TOKEN.match(sql, pos):
        yield found[0].lower() if found["word"] else found[0]
        pos = skip(sql, found.end())
