"""Writes the inverse of an applied migration as a new migration, proven on a scratch database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ajour.api import Project
from ajour.catalog.objects import Catalog, Identity, Object
from ajour.errors import Refusal, UsageError
from ajour.inverse.loss import Loss
from ajour.inverse.undo import Inverse, body
from ajour.inverse.words import server_of
from ajour.model import Comparison, Migration
from ajour.naming import LONGEST, slug
from ajour.saved import Backup
from ajour.scaffold import write_migration
from ajour.target import Target
from ajour.trial import Stage, Trial, attempt, run_inverse, stage


@dataclass(frozen=True, slots=True)
class Reverted:
    """The migration that was written."""

    path: Path
    undoes: str
    trial: Trial
    restores: tuple[tuple[Loss, str], ...]
    """For a loss, the command that brings its rows back from a backup."""


def revert(
    project: Project,
    named: str | None,
    server: Target | None,
    now: datetime,
    *,
    unproven: bool = False,
) -> Reverted:
    """Write the inverse of a migration, the last applied one where none is named.

    server: where to try it, in new databases; an embedded server where it is None. With
    `unproven` it is also written when it could not be proven. Raises Refusal, UsageError;
    then nothing is written. Nothing is run on the project's database.
    """
    comparison = project.compare()
    files = _applied(project, comparison)
    file = _chosen(files, comparison, named)
    place = files.index(file)
    settings = project.settings
    with stage(settings, server, project.folder) as main_line:
        main_line.forward(*files[:place])
        with main_line.fork() as copy:
            trial = attempt(copy, file)
        if trial.why_not is not None and not unproven:
            raise _not_proven(file, trial.why_not)
        main_line.forward(file)
        _check_later(main_line, files[place + 1 :], file, trial)
    restores = tuple(_restores(trial.inverse, _backups(project), file))
    text = _head(file, trial) + "\n" + body(trial.inverse, restores)
    path = write_migration(settings, _description(file), text, now)
    return Reverted(path, file.name, trial, restores)


def _applied(project: Project, comparison: Comparison) -> list[Migration]:
    """Return the files that are applied, in their order."""
    names = {row.name for row in comparison.applied}
    return [file for file in project.folder.migrations if file.name in names]


def _chosen(files: Sequence[Migration], comparison: Comparison, named: str | None) -> Migration:
    """Return the file that is to be undone. Raises Refusal, UsageError."""
    if named is None:
        if files:
            return files[-1]
        raise Refusal("No migration is applied: there is nothing to undo.")
    wanted = Path(named).name
    found = [each for each in files if wanted in (each.name, each.name.removesuffix(".sql"))]
    found = found or [each for each in files if wanted in each.name]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise UsageError(f"{named} is the name of several migrations: {names}.")
    if any(wanted in each.name for each in comparison.pending):
        raise Refusal(
            f"{named} is not applied: there is nothing to undo.",
            hint="Edit the file, or delete it.",
        )
    if any(wanted in each.name for each in comparison.edited):
        raise Refusal(
            f"{named} was edited since it was applied: what it did cannot be tried again.",
            hint="`ajour status` shows what was run; bring the file back to that.",
        )
    raise UsageError(f"No applied migration is named {named}.", hint="`ajour status` lists them.")


def _not_proven(file: Migration, why: str) -> Refusal:
    return Refusal(
        f"The inverse of {file.name} is not proven; nothing was written.",
        details=(why,),
        hint="--unproven writes it all the same, for you to correct.",
    )


def _check_later(at: Stage, later: Sequence[Migration], file: Migration, trial: Trial) -> None:
    """Raise Refusal when a later migration needs what the inverse takes away, or changed it.

    That is tried: behind the later ones, the inverse must do what it does without them.
    """
    if not later:
        return
    with at.fork() as ahead:
        ahead.forward(*later)
        if _breaks(ahead, trial) is None:
            return
    for each in later:
        at.forward(each)
        with at.fork() as copy:
            why = _breaks(copy, trial)
        if why is not None:
            raise Refusal(
                f"{each.name} depends on {file.name}; nothing was written.",
                details=(why,),
                hint=f"Undo that one first: ajour revert {each.name}",
            )


def _breaks(at: Stage, trial: Trial) -> str | None:
    """Return why the inverse does not do here what it did right behind its migration."""
    before = at.catalog()
    try:
        run_inverse(at, trial.inverse)
    except Refusal as refusal:
        return f"Behind it, the inverse does not run: {refusal.message.rpartition(': ')[2]}"
    there, here = _moves(trial.after, trial.before), _moves(before, at.catalog())
    others = sorted(
        identity
        for identity in there.keys() | here.keys()
        if there.get(identity) != here.get(identity)
    )
    return f"Behind it, the inverse would undo more: {others[0]}." if others else None


def _moves(before: Catalog, after: Catalog) -> dict[Identity, tuple[object, object]]:
    """Return what becomes another object on the way between two schemas."""
    names = {*before.objects, *after.objects}
    pairs = ((each, before.objects.get(each), after.objects.get(each)) for each in names)
    states = ((each, _bare(old), _bare(new)) for each, old, new in pairs)
    return {each: (old, new) for each, old, new in states if old != new}


def _bare(each: Object | None) -> Object | None:
    """Return an object without what other objects decide: its place, and what it needs."""
    if each is None:
        return None
    own = {name: value for name, value in each.attributes.items() if name != "position"}
    return replace(each, attributes=own, depends_on=())


def _backups(project: Project) -> tuple[Backup, ...]:
    from ajour.backup.manifest import every
    from ajour.backup.places import folder

    return every(folder(project.settings))


def _restores(
    inverse: Inverse, backups: Iterable[Backup], file: Migration
) -> Iterator[tuple[Loss, str]]:
    """Yield the command for each loss whose rows were saved before the migration ran."""
    made = [each for each in backups if file.name in each.precedes]
    for loss in inverse.lost:
        for backup in made:
            if any(table.relation == loss.relation for table in backup.tables):
                yield loss, f"ajour restore {backup.id} --table {loss.relation}"
                break


def _description(file: Migration) -> str:
    stem = file.name.removesuffix(".sql")
    digits, _, rest = stem.partition("_")
    words = slug(f"revert {rest if digits.isdigit() and rest else stem}"[:LONGEST])
    return words[:LONGEST]


def _head(file: Migration, trial: Trial) -> str:
    server = server_of(trial.after.version)
    lines = [f"Undoes {file.name}", f"sha256 {file.checksum}", ""]
    if trial.why_not is None:
        lines.append(f"Proven on a scratch database ({server}): applied, undone, applied again,")
        lines.append("and each time the schema was what it was before.")
    else:
        lines += ["NOT PROVEN:", *trial.why_not.splitlines()]
    if trial.reordered:
        tables = ", ".join(f"{each.schema}.{each.name}" for each in trial.reordered)
        lines.append(f"Columns that come back stand behind the others: {tables}.")
    if trial.emptied:
        emptied = ", ".join(trial.emptied)
        lines.append(f"With rows it did not run; emptied for the proof: {emptied}.")
        lines.append("Where they have rows, give the columns that come back their values first.")
    count = len(trial.inverse.lost)
    if count:
        things = "One thing does" if count == 1 else f"{count} things do"
        lines.append(f"{things} not come back; this file stops there until you have decided.")
    return "".join(f"-- {line}".rstrip() + "\n" for line in lines)
