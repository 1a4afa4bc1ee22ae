"""Writes mechanical fixes into migrations: `ajour check --fix`."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ajour.check import Circumstances, hits
from ajour.errors import UsageError
from ajour.model import Migration, Statement

PASSES = 10
"""What one fix writes, another rule may find something about; this often it is looked at again."""


def fixed(
    files: Sequence[Migration], where: Circumstances, file: Migration
) -> tuple[Migration, int]:
    """Return `file`, one of `files`, with what can be fixed, and how many statements that were."""
    done = 0
    for _ in range(PASSES):
        texts = _replacements(files, where, file)
        if not texts:
            break
        done += len(texts)
        text = file.text
        for statement, new in sorted(texts, key=lambda pair: pair[0].offset, reverse=True):
            text = text[: statement.offset] + new + text[statement.offset + len(statement.text) :]
        files = [replace(each, text=text) if each.name == file.name else each for each in files]
        file = replace(file, text=text)
    return file, done


def _replacements(
    files: Sequence[Migration], where: Circumstances, file: Migration
) -> list[tuple[Statement, str]]:
    found: dict[int, tuple[Statement, str]] = {}
    for hit in hits(files, where, only=(file.name,)):
        new = hit.fixed()
        if new is not None and hit.facts is not None:
            statement = hit.facts.statement
            found.setdefault(statement.offset, (statement, new.rstrip().removesuffix(";")))
    return list(found.values())


def write(file: Migration) -> None:
    """Write a migration's text, whole or not at all, with the line ends that the file has.

    Raises UsageError when it cannot be written.
    """
    path = Path(os.path.realpath(file.path))
    try:
        old = path.read_bytes()
        text = file.text.encode()
        if b"\r\n" in old:
            text = text.replace(b"\n", b"\r\n")
        if old.startswith(b"\xef\xbb\xbf"):
            text = b"\xef\xbb\xbf" + text
        fresh = path.with_name(f".{path.name}.ajour")
        fresh.write_bytes(text)
        fresh.chmod(path.stat().st_mode & 0o7777)
        fresh.replace(path)
    except OSError as error:
        raise UsageError(f"{file.path} cannot be written: {error.strerror}.") from None
