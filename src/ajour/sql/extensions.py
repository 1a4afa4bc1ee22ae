"""CREATE EXTENSION as a text: what it asks for, and the same statement without its version.

Words, not the parser: hundreds of files are looked through, and most have none.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from ajour.model import Statement
from ajour.sql.split import leading_words, skip


@dataclass(frozen=True, slots=True)
class Extension:
    """What a statement asks for. Names are as the server stores them."""

    name: str
    version: str | None = None
    schema: str | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["word", "name", "string", "other"]
    value: str
    start: int
    end: int


_TOKEN = re.compile(
    r'"(?P<name>(?:[^"]|"")+)"'
    r"|'(?P<string>(?:[^']|'')*)'"
    r"|(?P<tag>\$\w*\$)(?P<body>.*?)(?P=tag)"
    r"|(?P<word>[^\W\d][\w$]*)"
    r"|(?P<other>.)",
    re.DOTALL,
)


def asked(statement: Statement) -> Extension | None:
    """Return what CREATE EXTENSION or ALTER EXTENSION … UPDATE asks for; None for all others."""
    read = _read(statement.text)
    return read[0] if read else None


def without_version(statement: Statement) -> str:
    """Return the statement's text with blanks for its version, so that the server takes its own.

    Everything else stands where it stood: an error's position is right in both.
    """
    read = _read(statement.text)
    if read is None or read[1] is None:
        return statement.text
    start, end = read[1]
    blank = re.sub(r"[^\n]", " ", statement.text[start:end])
    return (statement.text[:start] + blank + statement.text[end:]).rstrip()


def _read(sql: str) -> tuple[Extension, tuple[int, int] | None] | None:
    """Return what is asked for, and where the version stands in the text."""
    first = leading_words(sql, 2)
    if first not in {("create", "extension"), ("alter", "extension")}:
        return None
    tokens = _tokens(sql)[2:]
    there = _take(tokens, "if", "not", "exists")
    if not tokens or tokens[0].kind not in {"word", "name"}:
        return None
    found = Extension(tokens.pop(0).value, if_not_exists=there)
    if "alter" in first:
        return _update(tokens, found)
    _take(tokens, "with")
    span = None
    while tokens:
        option = tokens.pop(0)
        if option.value == "cascade":
            continue
        if option.value not in {"schema", "version"} or not tokens:
            return None
        value = tokens.pop(0)
        if value.kind == "other" or (option.value == "schema" and value.kind == "string"):
            return None
        if option.value == "schema":
            found = replace(found, schema=value.value)
        else:
            found, span = replace(found, version=value.value), (option.start, value.end)
    return found, span


def _update(
    tokens: list[_Token], found: Extension
) -> tuple[Extension, tuple[int, int] | None] | None:
    """Read the rest of ALTER EXTENSION name: only UPDATE has to do with versions."""
    if not _take(tokens, "update"):
        return None
    if not tokens:
        return found, None
    if len(tokens) != 2 or tokens[0].value != "to" or tokens[1].kind == "other":
        return None
    return replace(found, version=tokens[1].value), (tokens[0].start, tokens[1].end)


def _take(tokens: list[_Token], *words: str) -> bool:
    """Take the words away if the tokens begin with them."""
    begin = [(token.kind, token.value) for token in tokens[: len(words)]]
    if begin != [("word", word) for word in words]:
        return False
    del tokens[: len(words)]
    return True


def _tokens(sql: str) -> list[_Token]:
    tokens: list[_Token] = []
    pos = skip(sql, 0)
    while match := _TOKEN.match(sql, pos):
        start, pos = match.span()
        if match["name"] is not None:
            token = _Token("name", match["name"].replace('""', '"'), start, pos)
        elif match["string"] is not None:
            token = _Token("string", match["string"].replace("''", "'"), start, pos)
        elif match["tag"] is not None:
            token = _Token("string", match["body"], start, pos)
        elif match["word"] is not None:
            token = _Token("word", match["word"].lower(), start, pos)
        else:
            token = _Token("other", match["other"], start, pos)
        tokens.append(token)
        pos = skip(sql, pos)
    return tokens
