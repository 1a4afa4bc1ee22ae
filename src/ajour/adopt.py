"""Finds the file that each row of another tool's history means. Nothing is read or written here.

A version alone is little: several files may begin with the same digits, and the same migration
may have another timestamp in the database. So names come first, then what was run, and the
digits only where they leave no choice.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ajour.adoption import Adoption, ForeignHistory, ForeignRow, Match
from ajour.errors import Refusal
from ajour.model import Finding, Migration, Where
from ajour.sql.same import sameness

How = Literal["name", "content", "version", "title", "up to"]

_NUMBER = re.compile(r"[Vv](?P<flyway>[0-9]+(?:[._][0-9]+)*)(?=__|\.|$)|(?P<digits>[0-9]+)")
_ENDINGS = re.compile(r"(?:\.up)?(?:\.sql)+$", re.IGNORECASE)
_UNDOES = re.compile(r"\.down\.sql$|^U[0-9._]+__", re.IGNORECASE)
_SECTION = re.compile(r"^--\s*(?:migrate:down|\+goose\s+down)\b", re.IGNORECASE | re.MULTILINE)


def match(files: tuple[Migration, ...], source: ForeignHistory, known: frozenset[str]) -> Adoption:
    """Return which rows mean which files. `known` are the names in ajour's own history.

    Raises Refusal when the tool says that a migration did not come to its end.
    """
    _refuse_dirty(source)
    pairs = _Pairs([row for row in source.rows if not row.up_to], _that_do(files))
    pairs.join("name", lambda row: _bare(row.name or row.version), lambda file: _bare(file.name))
    pairs.join("name", _version_and_title_of_row, _version_and_title)
    if any(row.text for row in source.rows):
        pairs.join("content", lambda row: pairs.content(row.text), lambda f: pairs.content(f.text))
    pairs.join("version", lambda row: _version(row.version), lambda file: _version(file.name))
    pairs.join("title", _title_of_row, lambda file: _title(file.name))
    for row in source.rows:
        if row.up_to:
            pairs.up_to(row)
    found = sorted(pairs.found, key=lambda pair: pair.file.name)
    taken = {pair.file.name for pair in found} | known
    pending = tuple(file.name for file in files if file.name not in taken)
    versions = {_version(row.version) for row in source.rows} - {None}
    return Adoption(
        source,
        matches=tuple(pair for pair in found if pair.file.name not in known),
        known=tuple(pair.file.name for pair in found if pair.file.name in known),
        rows_left=tuple(pairs.rows),
        pending=pending,
        unclear=tuple(
            name for name in pending if _version(name) in versions and not _UNDOES.search(name)
        ),
    )


def warnings(adoption: Adoption, files: tuple[Migration, ...]) -> Iterator[Finding]:
    """Yield what is dangerous about files that stay pending: they undo what is there."""
    pending = set(adoption.pending)
    for file in files:
        if file.name not in pending:
            continue
        if _UNDOES.search(file.name):
            yield Finding(
                "undoing-file",
                "warning",
                f"{file.name} undoes a migration, and is pending: `ajour migrate` would run it.",
                Where(file.path),
                "Move it out of the folder: ajour runs every .sql file in it.",
            )
        elif section := _SECTION.search(file.text):
            line = file.text.count("\n", 0, section.start()) + 1
            yield Finding(
                "undoing-section",
                "warning",
                f"{file.name} is pending, and this section of it undoes the one before.",
                Where(file.path, line),
                "Delete the section before it runs: ajour runs the whole file.",
            )


def everything(files: Iterable[Migration]) -> ForeignHistory:
    """Return a history that lists each file, for a folder whose work was done without any."""
    rows = tuple(ForeignRow(file.name) for file in files if not _UNDOES.search(file.name))
    return ForeignHistory("folder", None, rows)


def _refuse_dirty(source: ForeignHistory) -> None:
    dirty = next((row for row in source.rows if row.dirty), None)
    if dirty:
        raise Refusal(
            f"{source.tool} says in {source.table} that {dirty.name or dirty.version} did not come"
            " to its end: what of it is in the database is not known.",
            hint=f"Finish or undo it by hand and settle it with {source.tool}; then `ajour adopt`.",
        )


def _that_do(files: Iterable[Migration]) -> list[Migration]:
    return [file for file in files if not _UNDOES.search(file.name)]


@dataclass
class _Pairs:
    """Rows and files that wait for each other, and those that have met."""

    rows: list[ForeignRow]
    files: list[Migration]
    found: list[Match] = field(default_factory=list)
    digests: dict[str, str | None] = field(default_factory=dict)

    def content(self, text: str | None) -> str | None:
        """Return what two texts share that do the same; None where it is not known."""
        if text is None:
            return None
        if text not in self.digests:
            self.digests[text] = sameness(text)
        return self.digests[text]

    def join(
        self,
        how: How,
        of_row: Callable[[ForeignRow], object],
        of_file: Callable[[Migration], object],
    ) -> None:
        """Pair what has the same key, where exactly one row and one file has it.

        Of several with the same content, one with the same version is meant.
        """
        keys = {id(each): of_row(each) for each in self.rows}
        others = {file.name: of_file(file) for file in self.files}
        rows, files = Counter(keys.values()), Counter(others.values())
        for row in list(self.rows):
            key = keys[id(row)]
            if key is None or not files[key]:
                continue
            equal = [file for file in self.files if others[file.name] == key]
            same = [file for file in equal if _version(file.name) == _version(row.version)]
            if how == "content" and len(same) == 1:
                self._pair(row, same[0], "version")
            elif files[key] == rows[key] == 1:
                self._pair(row, equal[0], how)

    def up_to(self, row: ForeignRow) -> None:
        """Pair the row with every file up to its version."""
        limit = _version(row.version) or ()
        for file in list(self.files):
            version = _version(file.name)
            if version is not None and version <= limit:
                self.files.remove(file)
                self.found.append(Match(row, file, "up to"))

    def _pair(self, row: ForeignRow, file: Migration, how: How) -> None:
        self.rows.remove(row)
        self.files.remove(file)
        ran, here = self.content(row.text), self.content(file.text if row.text else None)
        differs = ran is not None and here is not None and ran != here
        self.found.append(Match(row, file, how, differs))


def _bare(name: str) -> str:
    """Return a file's name without what tools leave out of it: folders and endings."""
    return _ENDINGS.sub("", name.rpartition("/")[2])


def _version(name: str) -> tuple[int, ...] | None:
    """Return the number that a version or a file name begins with; leading zeros do not count."""
    found = _NUMBER.match(name)
    if not found:
        return None
    parts = [int(part) for part in re.split("[._]", found["flyway"] or found["digits"])]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _title(name: str) -> str | None:
    """Return the words behind the number, as far as tools agree about them."""
    bare = _bare(name)
    found = _NUMBER.match(bare)
    words = re.sub(r"[\W_]+", "_", bare[found.end() :] if found else bare).strip("_").lower()
    return words or None


def _title_of_row(row: ForeignRow) -> str | None:
    """Return the title of a row; where what was run is known, that decides and not the title."""
    return None if row.text or not row.name else _title(row.name)


def _version_and_title(file: Migration) -> object:
    return _version(file.name), _title(file.name)


def _version_and_title_of_row(row: ForeignRow) -> object:
    return (_version(row.version), _title(row.name)) if row.name else None
