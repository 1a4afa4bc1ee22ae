"""The whole examination, in the order in which one thing needs the other."""

from collections.abc import Iterator

from ajour.api import Project
from ajour.db.examine import Facts, examine
from ajour.db.rows import ServerError
from ajour.doctor import history, server, way
from ajour.errors import FilesRefused, Refusal
from ajour.model import Check
from ajour.report.words import place
from ajour.settings import Settings
from ajour.sql.needs import Needs
from ajour.target import Target, parse_url


def checks(settings: Settings) -> Iterator[Check]:
    """Look at everything, one check after the other; stop at what makes the rest impossible.

    Without a URL the embedded server is looked at, which is started for it.
    """
    target = settings.url
    if target is None:
        try:
            target = _embedded(settings)
        except Refusal as refusal:
            yield way.refused("configuration", refusal)
            return
    yield from way.configuration(settings, target)
    with Project(settings, target) as project:
        yield from _files(project)
        for check in way.to_the_server(project.session):
            yield check
            if check.verdict == "failed":
                return
        yield from _inside(project)


def _embedded(settings: Settings) -> Target:
    from ajour.engines.embedded import ensure

    url = ensure(
        settings.root,
        profile=settings.profile,
        binaries=settings.postgres,
        storage_delete=settings.storage_delete,
    )
    return parse_url(url)


def _files(project: Project) -> Iterator[Check]:
    try:
        count = len(project.folder.migrations)
    except FilesRefused as refusal:
        check, more = way.refused("files", refusal), len(refusal.problems) - 1
        yield check._replace(said=f"{check.said} (and {more} more)") if more else check
        return
    noun = "migration" if count == 1 else "migrations"
    yield Check("files", "ok", f"{count} {noun} in {project.folder.path}")
    for finding in project.folder.findings:
        if finding.level != "info":
            at = f"{place(finding.where)}: " if finding.where else ""
            yield Check("files", "warning", f"{at}{finding.message}", finding.help)


def _inside(project: Project) -> Iterator[Check]:
    """Look at the server, our role and the history: nothing here stops the rest."""
    settings = project.settings
    looked, pending = history.compared(project)
    needs = Needs()
    for item in pending:
        needs.add(each for step in item.script.steps for each in step.statements)
    yield way.pooler(project.session, pending)
    try:
        facts = _facts(project, needs)
    except ServerError as error:
        yield way.refused("server", error)
        return
    yield server.version(facts)
    yield server.writing(project)
    yield server.role(facts)
    yield server.rights(facts, needs, settings.table, settings.profile)
    yield server.timeouts(facts, settings)
    yield server.disk(facts, server.room(facts, project))
    yield server.time_zone(facts)
    yield server.encoding(facts)
    yield looked
    yield from history.access(facts, settings)
    yield server.indexes(facts)


def _facts(project: Project, needs: Needs) -> Facts:
    settings = project.settings
    return examine(
        project.session.pgconn,
        settings.table,
        settings.profile.api_roles,
        tuple(sorted(needs.tables)),
        tuple(sorted(needs.extensions)),
    )
