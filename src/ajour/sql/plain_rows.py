"""Tells INSERTs of nothing but constants: most of a large file, and nothing to be judged in it."""

from collections.abc import Iterable, Iterator

from ajour.model import Script, Statement

_LARGE = 1 << 18
"""Characters of a text from which on it is worth leaving the constants out."""
_HEAD = 256
"""Characters within which an INSERT names its table."""

_GAP = r"[ \t\n\r]*+"
# A quoted character may have four bytes; a name of more than 63 is the rules' business.
_NAME = r'(?:[a-z_][a-z0-9_]{0,62}+|"[^"\n]{1,15}+")'
_STRING = r"'[^']*+'(?:'[^']*+'|(?!))*+"
_CAST = r"::[a-z][a-z0-9_]{0,62}+"
_NUMBER = r"-?[0-9]++(?:\.[0-9]++|(?!))?+"
_CONSTANT = rf"(?:{_STRING}|{_NUMBER}|null|true|false|default)(?:{_CAST}|(?!))?+"
_NAMES = rf"\({_GAP}{_NAME}(?:{_GAP},{_GAP}{_NAME}|(?!))*+{_GAP}\)"
_ROW = rf"\({_GAP}{_CONSTANT}(?:{_GAP},{_GAP}{_CONSTANT}|(?!))*+{_GAP}\)"
PLAIN_ROWS = (
    rf"(?ai:insert[ \t\n\r]++into[ \t\n\r]++{_NAME}(?:\.{_NAME}|(?!))?+{_GAP}"
    rf"(?:{_NAMES}{_GAP}|(?!))?+values{_GAP}{_ROW}(?:{_GAP},{_GAP}{_ROW}|(?!))*+)"
)
"""An INSERT … VALUES of constants, without a comment in it: a regular expression; see split.py for
its (?!). Such a statement can be read, calls nothing, and has no name of more than 63 bytes."""


def looked_at(script: Script) -> Iterator[tuple[int, Statement]]:
    """Yield the statements but for rows of constants, each with the index of its step."""
    for index, step in enumerate(script.steps):
        yield from ((index, each) for each in step.statements if not each.rows)


def telling(text: str, statements: Iterable[Statement]) -> str:
    """Return what of a text can do anything: of a large one without its rows of constants.

    The data of COPY and the comments between the statements of a large text are left out as well.
    """
    if len(text) < _LARGE:
        return text
    return "\n".join(each.text[: _HEAD if each.rows else None] for each in statements)
