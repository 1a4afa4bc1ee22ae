"""Tells whether files that come late lead to the same schema as in the order of their names."""

from collections.abc import Collection
from dataclasses import replace

from ajour.api import Project
from ajour.catalog.diff import diff
from ajour.catalog.objects import Catalog
from ajour.catalog.read import read
from ajour.drift import does_not_run, run_all, scratch_project, seen
from ajour.errors import MigrationFailed
from ajour.report.words import place
from ajour.target import Target


def orders_differ(
    project: Project, pending: Collection[str], server: Target | None
) -> tuple[str, ...]:
    """Return what differs between the two orders, each run from nothing; empty: nothing does.

    One order is that of the names, the other has the `pending` files last. Where the files run only
    in the latter, what fails in the former is returned. Raises Refusal where they run in neither.
    """
    try:
        late = _made(project, frozenset(pending), server)
    except MigrationFailed as failure:
        raise does_not_run(failure) from None
    try:
        by_name = _made(project, frozenset(), server)
    except MigrationFailed as failure:
        where = f"{place(failure.where)}: " if failure.where else ""
        return (f"{where}{failure.message}",)
    return tuple(
        f"{each.identity}" + (f": {each.attribute}" if each.attribute else "")
        for each in diff(by_name, late)
    )


def _made(project: Project, late: frozenset[str], server: Target | None) -> Catalog:
    settings = project.settings
    with scratch_project(settings, server) as copy:
        early = tuple(each for each in project.folder.migrations if each.name not in late)
        for files in (early, project.folder.migrations) if late else (early,):
            copy.folder = replace(project.folder, migrations=files, findings=())
            run_all(copy, with_roles=server is None)
        return seen(read(copy.session, settings.profile), settings)
