"""A text cut into SQL statements as psql cuts it, each with its exact place.

The rules are psql's (psqlscan.l, standard_conforming_strings on): a semicolon ends a statement
unless it stands in quotes, a comment, parentheses or the BEGIN ATOMIC body of a function. No
grammar is needed, so statements of servers that are newer than ajour pass as well. Where psql
reads line by line and the server does not (an E'' string that goes on in the next line), the
server's reading is taken.

Speed comes from one expression that takes a whole statement where it is an ordinary one, and
jumps over all that cannot end it where not. Its repeats are possessive: what they took they never
give back, so that they need no memory, and no text takes longer than its length.
"""

import re
from collections.abc import Iterator
from typing import NoReturn

from ajour.errors import Refusal
from ajour.model import Statement
from ajour.sql.plain_rows import PLAIN_ROWS
from ajour.sql.position import place

# Letters, digits, _ and all beyond ASCII. Said by what they are not: the other way round costs
# 10 ms at import.
_NAME_CHAR = r"[^\x00-/:-@\[-^`{-\x7f]"
_NAME_CHAR_OR_DOLLAR = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
_BLANK = " \t\n\r\f\v"
_BLANKS = re.compile(r"[ \t\n\r\f\v]*")
_BETWEEN = re.compile(r"[ \t\n\r\f\v;]*")
_LINE = re.compile(r"[^\n\r]*")
_PLAIN = re.compile(r"""[^'"$/\-;()\\]*""")
# The empty (?!) never matches, and has the search stand where it began: before 3.11.5 a possessive
# repeat goes on from where its last, failed attempt had come to.
_PIECE = (
    r"""[^'"$/\-;()\\]++(?:(?<![eE])'[^']*+'|(?!))?+|(?<![eE])'[^']*+'|"[^"]*+"|-(?!-)"""
    r"""|/(?!\*)|--[^\n\r]*+"""
)
_INNER = rf"\((?:{_PIECE}|(?!))*+\)"
_MIDDLE = rf"\((?:{_PIECE}|{_INNER}|(?!))*+\)"
_PIECES = rf"(?:{_PIECE}|\((?:{_PIECE}|{_MIDDLE}|(?!))*+\)|(?!))*+"
_BORING = re.compile(_PIECES)
"""Cannot end a statement: parentheses within parentheses up to the third, closed ones only."""
_AHEAD = r"(?:[ \t\n\r\f\v;]++|--[^\n\r]*+|/\*(?:[^*/]++|\*(?!/)|/(?!\*)|(?!))*+\*/|(?!))*+"
"""Blanks, semicolons and comments; none that holds another one."""
_WATCHED_START = (
    r"(copy\b)|(create\s+(?:or\s+replace\s+)?(?:function|procedure)\b)"
    r"|create\s*(?:or\s*)?(?:replace\s*)?(?:--|/\*)"
)
_WATCHED = re.compile(_WATCHED_START, re.IGNORECASE | re.ASCII)
_ORDINARY = re.compile(
    rf"{_AHEAD}(?:({PLAIN_ROWS})[ \t\n\r\f\v]*+(?:;|\Z)"
    rf"|((?![/\\\-]|(?=[cC])(?ai:{_WATCHED_START})){_PIECES});)"
)
"""A whole statement in which no words need be watched, and what stands before it: rows of
constants, which are told at once, or another one."""
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ESCAPE = re.compile(r"\\.|''|'", re.DOTALL)
_TAG = re.compile(rf"\$(?:(?![0-9]){_NAME_CHAR}+)?\$")
_DIGITS = re.compile(r"[0-9]+\Z")
_NAME_REST = re.compile(rf"{_NAME_CHAR_OR_DOLLAR}*")
_WORD = re.compile(rf"[A-Za-z_]{_NAME_CHAR_OR_DOLLAR}*")
_MARK = re.compile(
    rf"(?<!{_NAME_CHAR})(?:begin|case|end|from)(?!{_NAME_CHAR})", re.IGNORECASE | re.ASCII
)
_DATA_STARTS = re.compile(r"[ \t\r\f\v]*(?:--[^\n]*)?(?:\n|\Z)")
_DATA_ENDS = re.compile(r"^\\\.\r?$", re.MULTILINE)
_RESTRICT = re.compile(r"\\(?:un)?restrict[ \t]+[A-Za-z0-9]+[ \t\r]*$", re.MULTILINE)
_COMMAND = re.compile(r"\\(?:[A-Za-z_]+|[^\s]?)")
_REMEDIES = (
    (
        ("i", "ir", "include", "include_relative"),
        "Put the SQL of that file here, or into a migration of its own.",
    ),
    (("copy",), r"Use COPY … FROM STDIN with the data below it and a line that holds \. alone."),
    (("c", "connect"), "Remove it: a migration runs on the one database that the URL names."),
    (
        ("set", "unset", "gset", "prompt", "getenv", "if", "elif", "else", "endif", "bind"),
        "Write the value itself into the SQL: psql's variables and conditions are not at hand.",
    ),
    (("gexec",), "Use a DO block that runs each text with EXECUTE."),
    (("g", "gx", "gdesc", "crosstabview", "watch", ";"), "End the statement with a semicolon."),
    (("echo", "qecho", "warn"), "Write a comment, or RAISE NOTICE in a DO block."),
    (("!", "cd", "setenv", "o", "w"), "Remove it: a migration runs SQL and nothing else."),
    (("restrict", "unrestrict"), "Give it a line of its own, between two statements."),
    ((".",), "Remove it: no data of COPY … FROM STDIN is open here."),
)


def split(text: str, file: str = "<sql>") -> tuple[Statement, ...]:
    r"""Return the statements of `text`; `file` is the name that errors give to it.

    A statement's text runs from its first word to its semicolon, blanks at the end left out;
    comments inside it stay. A byte order mark and CRLF are borne.
    Raises Refusal for anything that is not closed, for COPY data without its `\.`, and for psql
    commands other than `\restrict` and `\unrestrict`, which are skipped.
    """
    return tuple(_Reader(text, file).statements())


def skip(text: str, pos: int) -> int:
    """Return the first offset from `pos` on that is neither blank nor in a comment.

    A comment that is not closed is not skipped.
    """
    while True:
        pos = _blanks_end(text, pos)
        if text.startswith("--", pos):
            pos = _line_end(text, pos)
        elif text.startswith("/*", pos) and (end := _comment_end(text, pos)) > 0:
            pos = end
        else:
            return pos


def leading_words(sql: str, count: int, pos: int = 0) -> tuple[str, ...]:
    """Return up to `count` words that `sql` begins with, in lower case, comments left out."""
    words: list[str] = []
    while len(words) < count and (match := _WORD.match(sql, skip(sql, pos))):
        words.append(match.group().lower())
        pos = match.end()
    return tuple(words)


def _blanks_end(text: str, pos: int) -> int:
    match = _BLANKS.match(text, pos)
    return match.end() if match else pos


def _line_end(text: str, pos: int) -> int:
    match = _LINE.match(text, pos)
    return match.end() if match else pos


def _comment_end(text: str, pos: int) -> int:
    """Return the offset behind the comment that opens at `pos`, or -1. Comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, pos):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    return -1


def _continuation(text: str, pos: int) -> int | None:
    """Return where a string that was closed at `pos` goes on: behind a quote on a later line."""
    at = _blanks_end(text, pos)
    while text.startswith("--", at):
        at = _blanks_end(text, _line_end(text, at))
    apart = text.find("\n", pos, at) >= 0 or text.find("\r", pos, at) >= 0
    return at + 1 if apart and text.startswith("'", at) else None


def _psql_command(text: str, at: int) -> tuple[str, str]:
    """Return the name of the psql command at `at`, and what to write instead."""
    match = _COMMAND.match(text, at)
    name = match.group() if match else "\\"
    for names, hint in _REMEDIES:
        if name[1:] in names:
            return name, hint
    return name, "Remove it: ajour runs plain SQL and knows no commands of psql."


class _Reader:
    """Goes through a text once, from left to right."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._floor = 0
        """No name that ends behind this offset began before it."""
        self._stdin = False
        """The statement being read is COPY … FROM STDIN."""

    def statements(self) -> Iterator[Statement]:
        text = self._text
        pos = 1 if text.startswith("\ufeff") else 0
        line, line_start, counted = 1, 0, 0
        while True:
            rows = False
            if ordinary := _ORDINARY.match(text, pos):
                rows = ordinary.start(1) >= 0
                start, end = ordinary.span(1 if rows else 2)
                self._stdin = False
            elif (start := self._start(pos)) < len(text):
                end = self._end(start)
            else:
                return
            last = end
            while text[last - 1] in _BLANK:
                last -= 1
            line += text.count("\n", counted, start)
            line_start = text.rfind("\n", counted, start) + 1 or line_start
            counted = start
            data, pos = self._copy_data(start, end) if self._stdin else (None, end + 1)
            yield Statement(text, start, line, start - line_start + 1, last, data, rows=rows)

    def _start(self, pos: int) -> int:
        """Return where the next statement begins, or the length of the text."""
        text = self._text
        while True:
            match = _BETWEEN.match(text, pos)
            pos = match.end() if match else pos
            if text[pos : pos + 1] not in {"-", "/", "\\"}:
                return pos
            restrict = _RESTRICT.match(text, pos)
            end = restrict.end() if restrict else skip(text, pos)
            if end == pos:
                return pos
            pos = end

    def _end(self, start: int) -> int:
        """Return where the semicolon of the statement at `start` is, or the text's length."""
        text, size = self._text, len(self._text)
        self._floor, self._stdin = start, False
        kind = self._watched(start)
        jump = _PLAIN.match if kind else _BORING.match
        depth = body = 0
        pos = start
        while True:
            match = jump(text, pos)
            stop = match.end() if match else pos
            if kind and not depth:
                body = self._marks(kind, pos, stop, body)
            if stop == size:
                return stop
            char = text[stop]
            pos = stop + 1
            if char == ";":
                if not (depth or body):
                    return stop
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= depth > 0
            else:
                pos = self._token_end(char, stop)

    def _watched(self, start: int) -> str:
        """Return what words must be watched for: a routine's BEGIN … END, COPY's FROM STDIN."""
        match = _WATCHED.match(self._text, start)
        if not match:
            return ""
        if match[1] or match[2]:
            return "copy" if match[1] else "routine"
        words = tuple(w for w in leading_words(self._text, 4, start) if w not in {"or", "replace"})
        return "routine" if words[1:2] in {("function",), ("procedure",)} else ""

    def _marks(self, kind: str, pos: int, stop: int, body: int) -> int:
        """Watch the words of a stretch outside parentheses; return how many ENDs are owed."""
        text = self._text
        if not body and ("from" if kind == "copy" else "begin") not in text[pos:stop].lower():
            return body
        for mark in _MARK.finditer(text, pos, stop):
            if text.startswith("$", mark.end()):
                continue
            word = mark.group().lower()
            following = leading_words(text, 1, mark.end()) if word in {"begin", "from"} else ()
            if kind == "copy":
                self._stdin |= following in {("stdin",), ("stdout",)}
            elif word == "begin":
                body += following == ("atomic",)
            elif word != "from" and body:
                body += 1 if word == "case" else -1
        return body

    def _token_end(self, char: str, at: int) -> int:
        """Return the end of what opens at `at`, or `at` where nothing special stands."""
        text = self._text
        if char == "'":
            return self._string_end(at)
        if char == '"':
            end = text.find('"', at + 1) + 1
            return end or self._unclosed(self._opening(at), "name", '"', 1)
        if char == "$":
            return self._dollar_end(at)
        if char == "\\":
            name, hint = _psql_command(text, at)
            raise self._refusal(f"{name} is a command of psql, not SQL", hint, at, len(name))
        if text.startswith("--", at):
            return _line_end(text, at)
        if text.startswith("/*", at):
            end = _comment_end(text, at)
            return end if end > 0 else self._unclosed(at, "comment", "*/", 2)
        return at + (char in "-/")

    def _string_end(self, at: int) -> int:
        text = self._text
        if text[at - 1 : at] in {"e", "E"} and self._name_start(at) == at - 1:
            pos: int | None = at + 1
            while pos is not None:
                end = self._escaped_end(pos, at - 1)
                pos = _continuation(text, end)
            return end
        return text.find("'", at + 1) + 1 or self._unclosed(self._opening(at), "string", "'", 1)

    def _escaped_end(self, pos: int, opening: int) -> int:
        for escape in _ESCAPE.finditer(self._text, pos):
            if escape.group() == "'":
                return escape.end()
        return self._unclosed(opening, "string", "'", 2)

    def _dollar_end(self, at: int) -> int:
        """Return the end of a dollar quote, or of the name or number that `$` belongs to."""
        text = self._text
        start = self._name_start(at)
        if start < at and _DIGITS.match(text, start, at) is None:
            rest = _NAME_REST.match(text, at)
            return rest.end() if rest else at + 1
        tag = _TAG.match(text, at)
        self._floor = at + 1
        if tag:
            end = text.find(tag.group(), tag.end())
            if end < 0:
                self._unclosed(at, "dollar quote", tag.group(), len(tag.group()))
            self._floor = end + len(tag.group())
        return self._floor

    def _name_start(self, end: int) -> int:
        """Return where the name or number that ends at `end` begins; `end` if there is none."""
        text = self._text
        while end > self._floor and (
            (char := text[end - 1]) > "\x7f" or char.isalnum() or char in "_$"
        ):
            end -= 1
        return end

    def _opening(self, at: int) -> int:
        """Return where the quoted thing began whose last doubled quote ends at `at`."""
        quote = self._text[at]
        while at > self._floor and self._text[at - 1] == quote:
            at = self._text.rfind(quote, 0, at - 1)
        return at

    def _copy_data(self, start: int, end: int) -> tuple[tuple[int, int], int]:
        """Return from where to where the data of the COPY goes, and the offset behind its end."""
        text = self._text
        begins = _DATA_STARTS.match(text, end + 1)
        if end < len(text) and not begins:
            raise self._refusal(
                "Something stands behind the semicolon of COPY … FROM STDIN",
                "Begin a new line there: the data of COPY starts on the next line.",
                skip(text, end + 1),
            )
        first = begins.end() if begins else end
        ends = _DATA_ENDS.search(text, first)
        if not ends:
            raise self._refusal(
                "The data of COPY … FROM STDIN has no end",
                r"Close the data with a line that holds \. alone.",
                start,
                len("copy"),
            )
        return (first, ends.start()), ends.end()

    def _unclosed(self, at: int, what: str, close: str, width: int) -> NoReturn:
        hints = {
            "string": "Close it with ' (a quote inside a string is written twice).",
            "name": 'Close it with " (a quote inside a name is written twice).',
            "comment": "Close it with */ (comments nest: each /* needs a */ of its own).",
        }
        hint = hints.get(what, f"Close it with {close} in the same spelling.")
        raise self._refusal(f"The {what} that begins here is not closed", hint, at, width)

    def _refusal(self, message: str, hint: str, at: int, width: int = 1) -> Refusal:
        where = place(self._text, at, self._file, width)
        return Refusal(message, hint=hint, where=where)
