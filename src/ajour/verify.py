"""What `ajour test` looks at: whether files run, go back, fit the schema file, and do no harm.

Everything happens on throwaway servers; the project's databases are not connected to.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import cast

from ajour.absent import missed
from ajour.api import circumstances, near
from ajour.base import from_file
from ajour.catalog.diff import diff
from ajour.catalog.objects import Catalog, Difference
from ajour.catalog.read import read
from ajour.check import LOSES, NOT_PROVEN, NOT_TRIED, check
from ajour.db.load import Load
from ajour.drift import scratch_project, seen
from ajour.errors import MigrationFailed, Refusal
from ajour.inverse.undo import Inverse
from ajour.model import Finding, Folder, Level, Migration, Where
from ajour.report.words import some
from ajour.settings import Settings
from ajour.sql.allow import comments
from ajour.sql.steps import script
from ajour.supabase import FOLDER, read_config
from ajour.trial import AT_ONCE, Stage, attempt, said, stage

SCHEMA_FILE = f"{FOLDER}/schema.sql"
"""What is compared with the migrations where supabase/config.toml names no schema files."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found, and how far it was looked at."""

    applied: int
    """How many migrations ran from nothing."""
    undone: int
    """How many of these were also undone and applied again, each time to the same schema."""
    schema: tuple[str, ...]
    """The schema files that were compared with what the migrations make."""
    findings: tuple[Finding, ...]


def verify(
    settings: Settings, folder: Folder, judged: Collection[str], undone: Collection[str] = ()
) -> Verified:
    """Run all migrations from nothing, compare the schema files, and check the files `judged`.

    The files `undone` are tried with their inverse as well. Raises Refusal where no throwaway
    server can be had.
    """
    paths = schema_files(settings, folder)
    ran = _from_nothing(settings, folder, undone)
    compared = paths if ran.made is not None else ()
    findings = (
        *ran.findings,
        *(_compared(settings, ran.made, compared) if ran.made is not None and compared else ()),
        *check(folder.migrations, circumstances(settings), only=judged),
    )
    return Verified(ran.applied, ran.undone, tuple(map(str, compared)), findings)


def schema_files(settings: Settings, folder: Folder) -> tuple[Path, ...]:
    """Return the files that say what the schema shall be, in the order they are read.

    Those of `schema_paths` that are no migrations, else supabase/schema.sql where there is one.
    """
    config = read_config(near(settings.root))
    migrations = folder.path.absolute()
    found = config.files(config.schema_paths)
    named = tuple(path for path in found if path.absolute().parent != migrations)
    default = near(settings.root) / SCHEMA_FILE
    return named or ((default,) if default.is_file() else ())


@dataclass(slots=True)
class _Run:
    """What came of the files, one after the other."""

    applied: int = 0
    undone: int = 0
    made: Catalog | None = None
    """The schema after the last file; None where one did not run."""
    findings: list[Finding] = field(default_factory=list)


def _from_nothing(settings: Settings, folder: Folder, undone: Collection[str]) -> _Run:
    """Run all files on one database, and try the inverse of some on copies made on the way."""
    files, ran = folder.migrations, _Run()
    with stage(settings, None, folder) as line:
        try:
            for tried, group in groupby(files, lambda file: file.name in undone):
                for some_files in [(file,) for file in group] if tried else [tuple(group)]:
                    with line.fork() if tried else nullcontext() as copy:
                        _forward(line, some_files)
                        ran.applied += len(some_files)
                        if copy is not None:
                            _back(copy, some_files[0], ran)
        except MigrationFailed as failure:
            ran.applied += len(failure.progress.applied)
            ran.findings.append(_failed(failure, files, ran.applied))
        else:
            ran.made = seen(read(line.project.session, settings.profile), settings)
    return ran


def _forward(line: Stage, files: Sequence[Migration]) -> None:
    """Run files as a deploy does: a role that is missing is not made. Raises MigrationFailed."""
    project = line.project
    project.folder = replace(project.folder, migrations=(*project.folder.migrations, *files))
    for _ in project.migrate(allow_out_of_order=True):
        pass


def _back(copy: Stage, file: Migration, ran: _Run) -> None:
    """Try the inverse of a file on a copy of the database that it met."""
    found: Finding | None
    where = Where(file.path)
    try:
        trial = attempt(copy, file)
    except Refusal as refusal:  # of a role, which is made for all databases of a server
        text = f"Its inverse was not tried; a second time it does not run: {said(refusal)}"
        found = Finding(NOT_TRIED, "info", text, where)
    else:
        ran.undone += trial.why_not is None
        found = _not_proven(trial.why_not, trial.inverse, where) or _lossy(trial.inverse, where)
    if found is not None:
        ran.findings += _settled(found, file, copy.project.settings)


def _not_proven(why: str | None, inverse: Inverse, where: Where) -> Finding | None:
    if why is None:
        return None
    level: Level = "warning" if inverse.unknown else "error"
    text = "`ajour revert --unproven` writes it once this is applied, for you to correct."
    return Finding(NOT_PROVEN, level, f"Its inverse is not proven: {why}", where, text)


def _lossy(inverse: Inverse, where: Where) -> Finding | None:
    lost = list(dict.fromkeys(each.what for each in inverse.lost))
    if not lost:
        return None
    more = f" And {len(lost) - AT_ONCE} more." if len(lost) > AT_ONCE else ""
    text = f"Undone, not everything is as before: {' '.join(lost[:AT_ONCE])}{more}"
    if not any(each.stops for each in inverse.losses):  # what is for data to do is only told
        return Finding(LOSES, "info", text, where)
    help_ = "`ajour new --reversible` puts away what is dropped: then it comes back."
    return Finding(LOSES, "warning", text, where, help_)


def _settled(found: Finding, file: Migration, settings: Settings) -> Iterator[Finding]:
    """Yield a finding about a whole file as the settings and the file's comments have it."""
    level = settings.rules.get(found.rule, found.level)
    if level == "off":
        return
    statements = [each for step in script(file).steps for each in step.statements]
    allows = (each for _, each in comments(file.text, statements) if found.rule in each.rules)
    reason = next((each.reason for each in allows if each.reason), None)
    yield replace(found, level=cast("Level", level), allowed=reason)


def _failed(failure: MigrationFailed, files: Sequence[Migration], applied: int) -> Finding:
    absent = missed(failure, files)
    behind = some(tuple(file.name for file in files[applied + 1 :]))
    words = (
        f"No file creates {absent}: `ajour db base --from URL` begins with it." if absent else "",
        f"Not run: {behind}." if behind else "",
        *failure.details,
    )
    text = " ".join(filter(None, words))
    return Finding("does-not-run", "error", failure.message, failure.where, text)


def _compared(settings: Settings, made: Catalog, paths: tuple[Path, ...]) -> Iterator[Finding]:
    """Yield what the migrations and the schema files do not have alike. Columns' order is free."""
    with scratch_project(settings, None) as copy:
        try:
            for path in paths:
                source = from_file(settings, path)
                load = Load(copy.session.pgconn, source.text, source.label)
                load.run()
                yield from (
                    Finding("left-out", "info", each.why, Where(str(path), each.statement.line))
                    for each in load.left_out
                )
        except Refusal as problem:
            yield Finding("schema-does-not-run", "error", problem.message, problem.where)
            return
        wanted = seen(read(copy.session, settings.profile), settings)
    where = Where(str(paths[0]) if len(paths) == 1 else str(paths[0].parent))
    for each in diff(made, wanted, column_order=False):
        yield Finding("schema-differs", "error", _said(each), where, "Write it in the other one.")


def _said(each: Difference) -> str:
    if each.attribute is not None:
        what = each.attribute.replace("_", " ")
        return f"{each.identity}: the migrations and the schema file differ in {what}."
    if each.before is None:
        return f"{each.identity} is in the schema file, and no migration makes it."
    return f"{each.identity} is made by the migrations and missing in the schema file."
