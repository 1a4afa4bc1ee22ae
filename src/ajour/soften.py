"""Rewrites a pending migration so that it can be undone with its rows."""

from pathlib import Path

from ajour.api import Project
from ajour.catalog.read import read
from ajour.errors import Refusal, UsageError
from ajour.fix import write
from ajour.inverse.soft import Softened, softened


def soften(project: Project, named: str) -> Softened:
    """Put the soft form of what destroys into a pending migration; return what became of it.

    The database is only read. Raises Refusal, UsageError; then the file is as it was.
    """
    pending = project.compare().pending
    wanted = Path(named).name
    file = next(
        (each for each in pending if wanted in (each.name, each.name.removesuffix(".sql"))), None
    )
    if file is None:
        names = ", ".join(each.name for each in pending) or "none"
        raise UsageError(
            f"{named} is no pending migration, and an applied one is never edited.",
            hint=f"Pending: {names}.",
        )
    found = softened(file, read(project.session, project.settings.profile))
    if not found.lines and not found.left:
        raise Refusal(f"{file.name} drops no column and no table: it is left as it is.")
    if found.lines:
        write(found.file)
    return found
