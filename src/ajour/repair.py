"""Decides which changes to the history a person may ask for. Nothing is written here."""

from collections.abc import Sequence

from ajour.errors import HistoryRefused
from ajour.model import Folder, History, Migration, Repair


def accept(folder: Folder, history: History, name: str) -> Repair:
    """Take the text on disk for the text that was run. Raises HistoryRefused."""
    file = _on_disk(folder, name)
    if any(row.name == name and row.checksum == file.checksum for row in history.applied):
        raise HistoryRefused(f"{name} is what was run: there is nothing to accept.")
    if name not in _applied(history):
        raise HistoryRefused(
            f"{name} is not in the history, so that there is nothing to accept.",
            hint="`ajour migrate` runs it. If it was run by hand already: "
            f"ajour repair --mark-applied {name}",
        )
    return Repair("accept", name, file)


def rename(folder: Folder, history: History, old: str, new: str) -> Repair:
    """Give a row of the history the name of a file. Raises HistoryRefused."""
    file = _on_disk(folder, new)
    applied = _applied(history)
    if old not in applied:
        raise HistoryRefused(f"{old} is not in the history.", hint=_near(old, applied))
    if old == new:
        raise HistoryRefused(f"{old} has that name already.")
    if new in applied:
        raise HistoryRefused(
            f"{new} is in the history already.",
            hint=f"If both rows mean the same migration: ajour repair --forget {old}",
        )
    return Repair("rename", old, file)


def forget(folder: Folder, history: History, name: str) -> Repair:
    """Take a row out of the history. Raises HistoryRefused."""
    known = [*_applied(history), *(row.name for row in history.unfinished)]
    if name not in known:
        raise HistoryRefused(f"{name} is not in the history.", hint=_near(name, known))
    return Repair("forget", name, next((f for f in folder.migrations if f.name == name), None))


def mark_applied(folder: Folder, history: History, name: str) -> Repair:
    """Record a file as applied without running it. Raises HistoryRefused."""
    file = _on_disk(folder, name)
    if name in _applied(history):
        raise HistoryRefused(
            f"{name} is in the history already.",
            hint=f"If its text was edited since: ajour repair --accept {name}",
        )
    return Repair("mark-applied", name, file)


def together(*repairs: Repair) -> tuple[Repair, ...]:
    """Return repairs that can be made at once. Raises HistoryRefused when two touch one name."""
    touched: set[str] = set()
    for each in repairs:
        names = {each.name, each.file.name if each.file else each.name}
        if twice := names & touched:
            raise HistoryRefused(
                f"{min(twice)} is named twice.",
                hint="Name each migration once; a second change to it is another `ajour repair`.",
            )
        touched |= names
    return repairs


def _applied(history: History) -> list[str]:
    return [row.name for row in history.applied]


def _on_disk(folder: Folder, name: str) -> Migration:
    for file in folder.migrations:
        if file.name == name:
            return file
    names = [file.name for file in folder.migrations]
    raise HistoryRefused(f"There is no file {name} in {folder.path}.", hint=_near(name, names))


def _near(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # only when something is wrong

    near = get_close_matches(name, known, 1)
    return f"Did you mean {near[0]}?" if near else "`ajour status` lists what there is."
