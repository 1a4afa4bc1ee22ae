"""The status of a project: its history beside its folder, as lines or as JSON's content."""

from collections.abc import Iterator

from ajour.model import Applied, Comparison, Unfinished
from ajour.report.words import duration, place

_SHOWN = 20
"""How many applied migrations are listed: the newest."""


def lines(now: Comparison) -> Iterator[str]:
    """Yield what is applied, what does not fit, and what is pending."""
    hidden = len(now.applied) - _SHOWN
    if hidden > 0:
        yield f"applied  … {hidden} earlier"
    for row in now.applied[-_SHOWN:]:
        yield f"applied  {row.name}  {_when(row)}"
    for file in now.edited:
        yield f"edited   {file.name}  (applied, and changed on disk since)"
    for row in now.missing:
        yield f"missing  {row.name}  (applied, and not in the folder)"
    for left in now.unfinished:
        yield f"interrupted  {left.name}  ({_how_far(left)})"
    for file in now.pending:
        order = "  (sorts before an applied one)" if file.name in now.out_of_order else ""
        yield f"pending  {file.name}{order}"
    yield _sum(now)


def content(now: Comparison) -> dict[str, object]:
    """Return the same for a program."""
    return {
        "applied": now.applied,
        "pending": [file.name for file in now.pending],
        "edited": [file.name for file in now.edited],
        "missing": [row.name for row in now.missing],
        "renamed": [{"old": old, "new": new} for old, new in now.renamed],
        "out_of_order": sorted(now.out_of_order),
        "unfinished": now.unfinished,
    }


def _how_far(left: Unfinished) -> str:
    """Say which steps are done, where it goes on, and what is in the database of that step now."""
    if left.steps is None or left.goes_on is None:
        return f"{left.steps_done} {'step' if left.steps_done == 1 else 'steps'} done"
    done = f"{left.steps_done} of {left.steps} steps done"
    goes_on = f"step {left.steps_done + 1} {{}} {place(left.goes_on)}"
    if left.before is None:
        return f"{done}; {goes_on.format('begins at')}"
    return f"{done}; {goes_on.format('was begun, at')}" + (f": {left.state}" if left.state else "")


def _sum(now: Comparison) -> str:
    applied = len(now.applied) + len(now.edited)
    counted = f"{len(now.pending)} pending, {applied} applied" if now.pending else ""
    if now.edited or now.missing:
        return f"{counted or 'nothing pending'}, but history and folder disagree: see above"
    return counted or "up to date"


def _when(row: Applied) -> str:
    at = f"{row.executed_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{at}  {duration(row.duration_ms)}" if row.duration_ms is not None else at
