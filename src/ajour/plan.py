"""Compares the folder with the history, and makes the plan or a refusal that says why."""

from ajour.errors import HistoryRefused
from ajour.model import (
    Comparison,
    Finding,
    History,
    Migration,
    Pending,
    Plan,
    Unfinished,
    Where,
)
from ajour.sql.steps import done_checksum, script


def compare(migrations: tuple[Migration, ...], history: History) -> Comparison:
    """Set each migration beside its history row. Order is by name, in code points."""
    files = {migration.name: migration for migration in migrations}
    known = {row.name: row for row in history.applied}
    edited = tuple(
        file
        for name, file in files.items()
        if name in known and known[name].checksum not in (None, file.checksum)
    )
    changed = {file.name for file in edited}
    missing = tuple(row for row in history.applied if row.name not in files)
    pending = tuple(file for file in migrations if file.name not in known)
    by_checksum = {file.checksum: file.name for file in pending}
    last = max(known, default="")
    return Comparison(
        applied=tuple(r for r in history.applied if r.name in files and r.name not in changed),
        pending=pending,
        edited=edited,
        missing=missing,
        renamed=tuple(
            (row.name, by_checksum[row.checksum])
            for row in missing
            if row.checksum is not None and row.checksum in by_checksum
        ),
        out_of_order=frozenset(file.name for file in pending if file.name < last),
        unfinished=history.unfinished,
    )


def make_plan(
    comparison: Comparison, history: History, *, allow_out_of_order: bool = False
) -> Plan:
    """Return what will run.

    Raises HistoryRefused when an executed file was edited, deleted or renamed, when pending
    files sort before executed ones and that is not allowed, or when the done steps of an
    interrupted migration were edited; Refusal when a pending file cannot be run as it is.
    """
    _refuse_rewritten_past(comparison)
    if comparison.out_of_order and not allow_out_of_order:
        raise _out_of_order(comparison)
    unfinished = {row.name: row for row in history.unfinished}
    pending = tuple(
        _pending(file, unfinished.get(file.name), file.name in comparison.out_of_order)
        for file in comparison.pending
    )
    notes = tuple(note for item in pending for note in item.script.notes)
    order = tuple(_order_finding(name) for name in sorted(comparison.out_of_order))
    return Plan(pending, applied=len(history.applied), findings=(*order, *notes))


def _refuse_rewritten_past(comparison: Comparison) -> None:
    if comparison.renamed:
        old, new = comparison.renamed[0]
        raise HistoryRefused(
            f"{old} was executed and is gone; {new} has the same content",
            hint=f"rename it back, or, if the new name is meant: ajour repair --rename {old} {new}",
        )
    if comparison.edited:
        file = comparison.edited[0]
        raise HistoryRefused(
            f"{file.name} was edited after it was executed",
            where=Where(str(file.path)),
            hint="restore the file and put the change into a new migration (ajour new …); if the "
            f"database already agrees with the new text: ajour repair --accept {file.name}",
        )
    if comparison.missing:
        names = ", ".join(row.name for row in comparison.missing)
        raise HistoryRefused(
            f"executed, but not in the folder: {names}",
            hint="bring the files back (git log --diff-filter=D -- <folder>), or check out the "
            "version that has them; to take a row out of the history: ajour repair --forget NAME",
        )


def _out_of_order(comparison: Comparison) -> HistoryRefused:
    return HistoryRefused(
        "pending, but sorting before migrations that were executed: "
        + ", ".join(sorted(comparison.out_of_order)),
        hint="give them a later date, or run them all the same: --allow-out-of-order",
    )


def _order_finding(name: str) -> Finding:
    return Finding(
        "out-of-order",
        "warning",
        f"{name} runs although a migration that sorts after it was executed before",
        help="a database that is built from nothing runs them in the other order",
    )


def _pending(file: Migration, unfinished: Unfinished | None, out_of_order: bool) -> Pending:
    read = script(file)
    done = unfinished.steps_done if unfinished else 0
    if (
        unfinished
        and done
        and (done >= len(read.steps) or done_checksum(read, done) != unfinished.done_checksum)
    ):
        raise HistoryRefused(
            f"{file.name} was interrupted after step {done}, and the text of the steps that are "
            "done was edited since",
            where=Where(str(file.path)),
            hint="restore the statements that were executed; edit only those after them",
        )
    return Pending(file, read, first_step=done, out_of_order=out_of_order)
