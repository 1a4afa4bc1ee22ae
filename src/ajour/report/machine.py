"""Values as JSON: one document, or one line for each event. The shape is versioned."""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

from ajour.errors import AjourError, FilesRefused, Stopped
from ajour.model import Statement

VERSION = 1
"""Goes up when a field changes its meaning or goes away; new fields do not count."""

_STATEMENT = ("text", "offset", "line", "column", "copy_data", "sent")


def document(kind: str, **content: object) -> str:
    """Return a JSON document: `version`, `kind`, and the content."""
    return json.dumps(
        {"version": VERSION, "kind": kind, **{key: plain(value) for key, value in content.items()}},
        ensure_ascii=False,
    )


def event(happened: object) -> str:
    """Return one event as a line of JSON; its kind is its class's name."""
    return document(type(happened).__name__, **fields_of(happened))


def error(problem: AjourError, exit_code: int) -> str:
    """Return an error with all that a person would read of it."""
    content: dict[str, object] = {
        "error": type(problem).__name__,
        "message": problem.message,
        "where": problem.where,
        "details": problem.details,
        "hint": problem.hint,
        "exit_code": exit_code,
    }
    if isinstance(problem, Stopped):
        content |= {"progress": problem.progress, "sqlstate": problem.sqlstate}
    if isinstance(problem, FilesRefused):
        content["problems"] = [
            {"message": each.message, "where": plain(each.where), "hint": each.hint}
            for each in problem.problems
        ]
    return document("Error", **content)


def fields_of(value: object) -> dict[str, object]:
    """Return the fields of a value of ours, for a document that is about it."""
    return {name: getattr(value, name) for name in _names(value)}


def plain(value: object) -> object:
    """Return a value as JSON has it: values of ours become objects, times ISO 8601."""
    if isinstance(value, Statement):  # the text that it was cut out of is not repeated
        return {name: getattr(value, name) for name in _STATEMENT}
    if names := _names(value):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def _names(value: object) -> tuple[str, ...]:
    if is_dataclass(value):
        return tuple(field.name for field in fields(value))
    return getattr(value, "_fields", ())  # of a named tuple
