"""Tells whether files that come late lead to the same schema as in the order of their names."""

from collections.abc import Collection
from dataclasses import replace

from ajour.api import Project
from ajour.catalog.diff import diff
from ajour.catalog.objects import Catalog
from ajour.catalog.read import read
from ajour.drift import replay, scratch_project, seen
from ajour.target import Target


def orders_differ(
    project: Project, pending: Collection[str], server: Target | None
) -> tuple[str, ...]:
    """Return what differs between the two orders, each run from nothing; empty: nothing does.

    One order is that of the names, the other has the `pending` files last. Raises Refusal when the
    files do not run in one of them.
    """
    by_name = _made(project, frozenset(), server)
    late = _made(project, frozenset(pending), server)
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
            replay(copy, with_roles=server is None)
        return seen(read(copy.session, settings.profile), settings)
