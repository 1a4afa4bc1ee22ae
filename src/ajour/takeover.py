"""Takes over the history that another tool keeps in the database, after a look at it."""

from collections.abc import Sequence
from dataclasses import replace

from ajour import adopt
from ajour.adoption import Adoption, ForeignHistory
from ajour.api import Project
from ajour.db import foreign, mirror
from ajour.db.history import prepare
from ajour.db.repair import by_hand
from ajour.errors import Refusal, UsageError
from ajour.migrate import check_writable
from ajour.model import Relation

FOLDER = "folder"
"""What `--from` says where no tool kept a history: each file of the folder counts as run."""


def look(project: Project, source: str | None) -> Adoption:
    """Return what can be taken over from `source`: a tool, a table, the folder, or None: look.

    Changes nothing. Raises Refusal when there is nothing, or more than one thing, to choose from.
    """
    files, state = project.folder.migrations, project.state()
    known = frozenset(row.name for row in state.history.applied)
    found: list[ForeignHistory] = []
    if source == FOLDER:
        chosen = adopt.everything(files)
    elif source is not None and "." in source:
        chosen = _named(project, source)
    else:
        own = project.settings.table
        found = [each for each in foreign.find(project.session.pgconn) if each.table != own]
        chosen = choose(found, source)
    return replace(
        adopt.match(files, chosen, known),
        others=tuple(each for each in found if each is not chosen),
        applied=len(state.history.applied),
    )


def write(project: Project, adoption: Adoption) -> None:
    """Record what `look` has found, whole or not at all. Raises Refusal."""
    pgconn, table, state = project.session.pgconn, project.settings.table, project.state()
    check_writable(state)
    with by_hand(pgconn, table, "taken over"):
        prepare(pgconn, table, state)
        foreign.take_over(pgconn, table, adoption.applied, adoption.matches)
    if project.settings.mirror:
        with by_hand(pgconn, table, "mirrored"):
            mirror.prepare(pgconn, table)


def _named(project: Project, source: str) -> ForeignHistory:
    """Return the history in the table `source`. Raises UsageError, Refusal."""
    schema, _, name = source.rpartition(".")
    table = Relation(schema, name)
    if table == project.settings.table:
        raise UsageError(
            f"{table} is ajour's own history already.",
            hint="If a script made it, `ajour migrate` takes it over as it is.",
        )
    return foreign.read(project.session.pgconn, table)


def choose(found: Sequence[ForeignHistory], source: str | None) -> ForeignHistory:
    """Return the one of the tool `source`, or the only one with rows. Raises Refusal."""
    fits = [each for each in found if each.rows and source in (None, each.tool)]
    if len(fits) == 1:
        return fits[0]
    there = tuple(f"{each.tool}: {each.table}, {_rows(each)}" for each in found)
    if not fits:
        raise Refusal(
            f"No history of {source or 'another tool'} with a row in it was found here.",
            details=there,
            hint="--from schema.table reads a table of your own, and --from folder records each"
            " file of the folder as run.",
        )
    named = fits[0].tool if len({each.tool for each in fits}) > 1 else str(fits[0].table)
    raise Refusal(
        "More than one history was found here.",
        details=there,
        hint=f"Choose one: ajour adopt --from {named}",
    )


def _rows(history: ForeignHistory) -> str:
    return f"{len(history.rows)} {'row' if len(history.rows) == 1 else 'rows'}"
