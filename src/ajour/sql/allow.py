"""Comments that allow what a rule would find: `-- ajour: allow <rule>[, <rule>] <reason>`.

Such a comment has a line of its own above the statement that it is about, in DO blocks as well.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ajour.model import Statement

_COMMENT = re.compile(
    r"^[ \t]*(--[ \t]*ajour:[ \t]*([^\n]*?)[ \t]*)$", re.IGNORECASE | re.MULTILINE
)
_CODE = re.compile(r"^[ \t]*(?!--)\S", re.MULTILINE)
_BEHIND = re.compile(r"--[ \t]*ajour:[^\n]*", re.IGNORECASE)
_ALLOW = re.compile(r"allow\b[ \t]*([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)?[ \t:–—-]*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that is addressed to ajour."""

    offset: int
    """Where it begins in the text, in characters."""
    text: str
    rules: tuple[str, ...] = ()
    reason: str = ""
    understood: bool = True
    """False where it is no `allow`, or does not stand on a line of its own."""


def comments(text: str, statements: Iterable[Statement]) -> Iterator[tuple[int, Comment]]:
    """Yield each comment to ajour with the index of the statement that it stands above.

    Behind the last statement that is the number of statements. Comments inside of a statement
    are not looked at; see `inside`.
    """
    count = end = 0
    for count, statement in enumerate(statements, 1):
        yield from ((count - 1, each) for each in _between(text, end, statement.offset))
        end = _end(text, statement)
    yield from ((count, each) for each in _between(text, end, len(text)))


def inside(text: str, block: Statement) -> Iterator[tuple[int, Comment]]:
    """Yield each comment inside of a DO block with the number of the line that it stands above."""
    end = _end(text, block)
    for each in _between(text, block.offset + 1, end):
        below = _CODE.search(text, each.offset, end)
        if below:
            yield text.count("\n", 0, below.start()) + 1, each


def _end(text: str, statement: Statement) -> int:
    """Return where a statement ends, with the data of COPY."""
    return statement.data[1] if statement.data else statement.end or len(text)


def _between(text: str, start: int, end: int) -> Iterator[Comment]:
    """Yield what stands between two statements."""
    if text.find("--", start, end) < 0:
        return
    line_end = text.find("\n", start, end) if start else start
    first = end if line_end < 0 else line_end  # of the lines that belong to no statement
    behind = _BEHIND.search(text, start, first)
    if behind:
        yield Comment(behind.start(), behind[0].rstrip(), understood=False)
    for found in _COMMENT.finditer(text, first, end):
        allow = _ALLOW.fullmatch(found[2])
        if allow is None:
            yield Comment(found.start(1), found[1], understood=False)
        else:
            rules = tuple(name.strip().lower() for name in (allow[1] or "").split(",") if name)
            yield Comment(found.start(1), found[1], rules, allow[2].strip())
