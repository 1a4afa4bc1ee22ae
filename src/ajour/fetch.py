"""Writes files back that the history knows and the folder lacks. What is there stays as it is."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ajour.api import Project, near
from ajour.db.texts import Kept, texts
from ajour.errors import Refusal
from ajour.files import fits


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of the rows without a file."""

    written: tuple[Path, ...]
    left: tuple[tuple[str, str], ...]
    """Names of rows that no file was written for, and why."""


def fetch(project: Project) -> Fetched:
    """Write each missing file whose text the history keeps. Raises Refusal."""
    missing = [row.name for row in project.compare().missing]
    kept = texts(project.session.pgconn, project.settings.table, missing) if missing else {}
    written, left = [], []
    taken = {file.name.casefold() for file in project.folder.migrations}
    for name in missing:
        why = _unfit(name, kept.get(name, Kept(None, None)), taken)
        if why:
            left.append((name, why))
            continue
        written.append(_write(near(project.settings.migrations) / name, kept[name].text or ""))
        taken.add(name.casefold())
    return Fetched(tuple(written), tuple(left))


def _unfit(name: str, kept: Kept, taken: set[str]) -> str | None:
    """Return why no file is written, None when one can be."""
    if kept.text is None:
        return "its text was not kept"
    if not fits(name):
        return "a file of the folder cannot have this name"
    if name.casefold() in taken:
        return "a file has this name in other letters"
    if kept.checksum not in (None, sha256(kept.text.encode()).hexdigest()):
        return "the text in the history is not the one that its checksum is of"
    return None


def _write(path: Path, text: str) -> Path:
    """Write a file that is not there yet; nothing that is there, and no link, is followed."""
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise Refusal(
            f"{path} cannot be written: {error.strerror}.",
            hint="Is the folder yours to write to? Then run `ajour fetch` again.",
        ) from None
    return path
