"""Compares the folder with the history, and makes the plan or a refusal that says why."""

from collections.abc import Iterator, Mapping

from ajour.errors import HistoryRefused
from ajour.model import (
    Comparison,
    Finding,
    History,
    Migration,
    Pending,
    Plan,
    Relation,
    Step,
    Unfinished,
    Where,
)
from ajour.sql.position import place_of

DIFFERENCE = 40
"""How many lines of a difference are shown."""


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
    comparison: Comparison,
    history: History,
    *,
    table: Relation,
    allow_out_of_order: bool = False,
    ran: Mapping[str, str] | None = None,
) -> Plan:
    """Return what will run.

    `table` is the history's; `ran` has the texts that were run under the names of edited files,
    as far as they are known. Raises HistoryRefused when an executed file was edited, deleted or
    renamed, when pending files sort before executed ones and that is not allowed, when the done
    steps of an interrupted migration were edited, or when a pending file would change the
    history; Refusal when it cannot be run as it is.
    """
    _refuse_rewritten_past(comparison, ran or {})
    if comparison.out_of_order and not allow_out_of_order:
        raise _out_of_order(comparison)
    unfinished = {row.name: row for row in history.unfinished}
    on_disk = {file.name for file in comparison.pending}
    for name in unfinished.keys() - on_disk:
        raise HistoryRefused(
            f"{name} was interrupted, and is not in the folder.",
            hint="Bring the file back, under the same name. If what it did is undone: "
            f"ajour repair --forget {name}",
        )
    pending = tuple(
        _pending(file, unfinished.get(file.name), file.name in comparison.out_of_order)
        for file in comparison.pending
    )
    notes = tuple(note for item in pending for note in item.script.notes)
    order = tuple(_order_finding(name) for name in sorted(comparison.out_of_order))
    about = tuple(each for item in pending for each in about_history(item, table))
    return Plan(pending, applied=len(history.applied), findings=(*order, *notes, *about))


def _refuse_rewritten_past(comparison: Comparison, ran: Mapping[str, str]) -> None:
    if comparison.renamed:
        old, new = comparison.renamed[0]
        raise HistoryRefused(
            f"{old} was executed and is gone; {new} has the same content.",
            hint=f"Rename it back. If the new name is meant: ajour repair --rename {old} {new}",
        )
    if comparison.edited:
        file = comparison.edited[0]
        raise HistoryRefused(
            f"{file.name} was edited after it was executed.",
            where=Where(file.path),
            details=_difference(ran.get(file.name), file),
            hint="Restore the file and put the change into a new migration (ajour new …). If the "
            f"database already agrees with the new text: ajour repair --accept {file.name}",
        )
    if comparison.missing:
        names = [row.name for row in comparison.missing]
        raise HistoryRefused(
            f"Executed, but not in the folder: {', '.join(names)}.",
            hint="Check out the version that has it, or bring it back "
            f"(git log --all -- '*{names[0]}'). To take it out of the history: "
            f"ajour repair --forget {names[0]}",
        )


def _difference(ran: str | None, file: Migration) -> tuple[str, ...]:
    """Return what was run beside what is on disk, as a unified difference."""
    if ran is None:
        return ("What was run was not kept, so that the difference cannot be shown.",)
    from difflib import unified_diff

    compared = unified_diff(
        ran.splitlines(), file.text.splitlines(), "what was run", file.path, n=1, lineterm=""
    )
    lines = tuple(compared)
    hidden = len(lines) - DIFFERENCE
    return (*lines[:DIFFERENCE], *([f"… and {hidden} lines more"] if hidden > 0 else []))


def _out_of_order(comparison: Comparison) -> HistoryRefused:
    names = ", ".join(sorted(comparison.out_of_order))
    return HistoryRefused(
        f"Pending, but sorting before migrations that were executed: {names}.",
        hint="Give them a later date, or run them all the same: --allow-out-of-order",
    )


def _order_finding(name: str) -> Finding:
    return Finding(
        "out-of-order",
        "warning",
        f"{name} runs although a migration that sorts after it was executed before.",
        help="A database that is built from nothing runs them in the other order.",
    )


def next_step(file: Migration, unfinished: Unfinished) -> tuple[int, Step] | None:
    """Return how many steps a file has, and with which one an interrupted migration goes on.

    None when there is none: the file is another one now. Raises Refusal.
    """
    from ajour.sql.steps import done_checksum, script

    read, done = script(file), unfinished.steps_done
    if done >= len(read.steps) or not read.steps[done].statements:
        return None
    if done and done_checksum(read, done) != unfinished.done_checksum:
        return None
    return len(read.steps), read.steps[done]


def _pending(file: Migration, unfinished: Unfinished | None, out_of_order: bool) -> Pending:
    from ajour.sql.steps import done_checksum, script  # only where something is pending

    read = script(file)
    done = unfinished.steps_done if unfinished else 0
    if (
        unfinished
        and done
        and (done >= len(read.steps) or done_checksum(read, done) != unfinished.done_checksum)
    ):
        raise HistoryRefused(
            f"{file.name} was interrupted after step {done}, and the text of the steps that are "
            "done was edited since.",
            where=Where(file.path),
            hint="Restore the statements that were executed; edit only those after them.",
        )
    before = unfinished.before if unfinished else None
    return Pending(file, read, first_step=done, before=before, out_of_order=out_of_order)


def about_history(item: Pending, table: Relation) -> Iterator[Finding]:
    """Yield what a file does about the history without effect.

    Raises HistoryRefused for what would change it.
    """
    from ajour.sql.touches import may_touch, mentions, touches

    if not may_touch(item.script.words, table):
        return
    for statement in (each for step in item.script.steps for each in step.statements):
        touched = touches(statement, table)
        if touched is not None:
            raise HistoryRefused(
                f"This statement {touched}, where ajour keeps the history of migrations.",
                where=place_of(item.migration, statement),
                hint="Take it out of the file. If the table is the project's own, give the history"
                " another one: --table ajour.migrations, or `table` in the configuration.",
            )
        mentioned = mentions(statement, table)
        if mentioned is not None:
            yield Finding(
                "history-table",
                "warning",
                f"This statement {mentioned}, where ajour keeps the history of migrations.",
                where=place_of(item.migration, statement),
                help="It has no lasting effect: ajour makes that table itself and keeps it closed.",
            )
