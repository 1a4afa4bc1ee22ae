"""Findings as annotations of GitHub Actions: one workflow command for each."""

from collections.abc import Iterable, Iterator

from ajour.model import Finding

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def lines(found: Iterable[Finding]) -> Iterator[str]:
    """Yield a line for each finding; what is allowed becomes a notice with its reason."""
    for each in found:
        command = "notice" if each.allowed else _COMMANDS[each.level]
        message = "\n".join(filter(None, (each.message, each.help, _reason(each))))
        properties = ",".join(
            f"{name}={str(value).translate(_PROPERTY)}" for name, value in _properties(each)
        )
        yield f"::{command} {properties}::{message.translate(_DATA)}"


def _reason(each: Finding) -> str:
    return f"Allowed: {each.allowed}" if each.allowed else ""


def _properties(each: Finding) -> Iterator[tuple[str, object]]:
    where = each.where
    if where is not None:
        yield "file", where.file
        if where.line is not None:
            yield "line", where.line
        if where.column is not None:
            yield "col", where.column
            yield "endColumn", where.column + where.width
    yield "title", each.rule
