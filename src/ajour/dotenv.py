"""One variable out of a `.env` file, read strictly: nothing is expanded and nothing is run.

Only the variable that is asked for is judged; the rest of the file is the project's own affair.
The law is in docs/formats.md.
"""

import re
from typing import NamedTuple, NoReturn

from ajour.errors import UsageError
from ajour.model import Where


class Entry(NamedTuple):
    """The value of a variable, and the line that gives it, counted from 1."""

    value: str
    line: int


def read(text: str, file: str, name: str) -> Entry | None:
    """Return what the `.env` text sets `name` to, or None when it does not.

    Raises UsageError, with the place in `file`, when the variable is set twice or when tools
    would disagree about its value. A message never holds a piece of a line.
    """
    found: Entry | None = None
    head = re.compile(rf"\s*(?:export\s+)?{re.escape(name)}(?![\w.-])\s*(=?)")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        match = head.match(line)
        if not match:
            continue
        where = Where(file, number)
        if not match[1]:
            _refuse(f"{name} is not followed by `=`.", f"Write {name}=value.", where)
        if found:
            _refuse(
                f"{name} is set twice, in lines {found.line} and {number}.",
                "Delete one of the lines.",
                where,
            )
        found = Entry(_value(name, line[match.end() :], where), number)
    return found


def _refuse(message: str, hint: str, where: Where) -> NoReturn:
    raise UsageError(message, hint=hint, where=where)


def _value(name: str, raw: str, where: Where) -> str:
    """Return the value that stands behind the `=`."""
    quote = raw.strip()[:1]
    if quote in ('"', "'"):
        value = _quoted(name, raw.strip()[1:], quote, where)
        odd = quote == '"' and "\\" in value
    else:
        value = re.split(r"\s#", raw, maxsplit=1)[0].strip()
        odd = re.search(r"[\s\"'#\\]", value) is not None
    if odd:
        _refuse(
            f"The value of {name} holds a character that tools read in different ways:"
            " a backslash, or, without quotes, a space, a quotation mark or a `#`.",
            "Put the value in single quotes.",
            where,
        )
    if quote != "'" and re.search(r"\$[{(]|`", value):
        _refuse(
            f"The value of {name} holds `${{`, `$(` or a backtick; ajour expands and runs nothing.",
            "Write the value out, or put it in single quotes to mean it as it stands.",
            where,
        )
    return value


def _quoted(name: str, raw: str, quote: str, where: Where) -> str:
    """Return what stands before the closing quote."""
    value, closed, behind = raw.partition(quote)
    if not closed:
        _refuse(f"The value of {name} has no closing {quote}.", "Close it on the same line.", where)
    if not re.fullmatch(r"\s*|\s+#.*", behind):
        _refuse(
            f"Something follows the value of {name} after its closing {quote}.",
            "Only white space and a comment may stand there.",
            where,
        )
    return value
