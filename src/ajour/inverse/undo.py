"""The inverse of a migration: what undoes it in which order, and the file that says so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ajour.catalog.objects import Catalog, Identity
from ajour.inverse.concurrent import PLAINLY, built_aside, concurrently, makes_or_drops
from ajour.inverse.loss import Loss, losses
from ajour.inverse.renames import Rename
from ajour.inverse.rows import Around, Undone, undone
from ajour.inverse.schema import transform
from ajour.inverse.words import Change, comment, literal, name
from ajour.model import Statement

DECIDE = "Write here what shall be done, or delete this block to go without."


@dataclass(frozen=True, slots=True)
class Inverse:
    """What undoes a migration."""

    rows: tuple[Undone | Loss, ...]
    """What it did to rows and outside of the schema, the last first."""
    renames: tuple[str, ...]
    """What gives objects the names back that they had."""
    changes: tuple[Change, ...]
    losses: tuple[Loss, ...]
    """What of the objects does not come back."""
    unknown: tuple[Identity, ...]
    """Objects that cannot be made from what a catalog says of them."""
    aside: frozenset[Identity] = frozenset()
    """Indexes that the migration made or dropped CONCURRENTLY, and the inverse does not."""

    @property
    def statements(self) -> tuple[str, ...]:
        """All that runs, without what a person has to decide."""
        return (*self.begin, *self.rest)

    @property
    def without_values(self) -> tuple[str, ...]:
        """The tables whose columns come back without their values, as SQL has their names."""
        tables = {
            f"{name(each.about.schema)}.{name(each.about.table)}"
            for each in self.losses
            if each.about is not None and each.about.kind == "column"
        }
        return tuple(sorted(tables))

    @property
    def emptied(self) -> tuple[str, ...]:
        """What leaves no rows in these tables."""
        return tuple(f"truncate {each} cascade" for each in self.without_values)

    @property
    def rest(self) -> tuple[str, ...]:
        """What runs behind the renames."""
        return tuple(change.sql for change in self.changes)

    @property
    def begin(self) -> tuple[str, ...]:
        """What runs before `rest`."""
        deleted = (each.sql for each in self.rows if isinstance(each, Undone))
        return (*deleted, *self.renames)

    @property
    def deletes(self) -> bool:
        """Whether it deletes rows by their key."""
        return any(isinstance(each, Undone) for each in self.rows)

    @property
    def leaves_rows(self) -> bool:
        """Whether rows that the migration wrote may still be there afterwards."""
        return any(isinstance(each, Loss) and each.stops for each in self.rows)

    def without_rows(self, why: str) -> "Inverse":
        """Return the inverse with its DELETEs as losses: they cannot run, and `why`."""
        rows = tuple(
            Loss(f"{each.sql} does not run: {why}", line=each.line, relation=each.relation)
            if isinstance(each, Undone)
            else each
            for each in self.rows
        )
        return replace(self, rows=rows)

    @property
    def lost(self) -> tuple[Loss, ...]:
        """All that a person has to decide before the inverse may run."""
        every = (*(each for each in self.rows if isinstance(each, Loss)), *self.losses)
        return tuple(each for each in every if each.stops)


def invert(
    statements: Iterable[Statement],
    around: Around,
    renamed: Sequence[Rename],
    now: Catalog,
) -> Inverse:
    """Return what undoes a migration.

    statements: its own. around: the schema before and after it. renamed: what was taken back of
    its renames, in the order in which that was done; now: the schema after that.
    """
    statements = tuple(statements)
    work = transform(now, around.before)
    rows = undone(statements, around)
    changes, aside = work.changes, built_aside(statements, now, around.before)
    if aside and not rows and not renamed:
        changes = concurrently(changes, aside)
    return Inverse(
        rows,
        tuple(each.back for each in renamed),
        changes,
        tuple(losses(work, now, around.before)),
        work.unknown,
        aside if changes == work.changes else frozenset(),
    )


def body(inverse: Inverse, restores: Iterable[tuple[Loss, str]] = ()) -> str:
    """Return the inverse as SQL: what cannot come back stands at its place and stops the file.

    restores: for a loss, the command that brings its rows back from a backup.
    """
    commands = list(restores)
    waiting = list(inverse.losses)
    parts = [
        _block(each, commands) if isinstance(each, Loss) else f"{each.sql};"
        for each in inverse.rows
    ]
    parts += (f"{sql};" for sql in inverse.renames)
    for change in inverse.changes:
        if change.about in inverse.aside and makes_or_drops(change):
            parts.append(comment(PLAINLY))
        parts.append(f"{change.sql};")
        mine = [loss for loss in waiting if loss.about == change.about]
        parts += (_block(loss, commands) for loss in mine)
        waiting = [loss for loss in waiting if loss not in mine]
    parts += (_block(loss, commands) for loss in waiting)
    return "\n".join(spaced(parts)) + "\n"


def spaced(parts: Iterable[str]) -> Iterator[str]:
    """Yield the parts of a file; those of several lines have a blank line around them."""
    last = ""
    for part in parts:
        if last and ("\n" in part or "\n" in last):
            yield ""
        yield part
        last = part


def _block(loss: Loss, commands: list[tuple[Loss, str]]) -> str:
    where = f" (line {loss.line} of the migration)" if loss.line else ""
    if not loss.stops:
        return comment(f"{loss.what}{where}")
    lines = [comment(f"IRREVERSIBLE{where}: {loss.what}")]
    lines += (comment(f"Kept by a backup: {command}") for one, command in commands if one == loss)
    said = literal(f"irreversible: {loss.what}")
    lines += [f"-- {DECIDE}", f"do $$ begin raise exception using message = {said}; end $$;"]
    return "\n".join(lines)
