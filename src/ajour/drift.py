"""Compares a database with what its applied migrations make, replayed on a scratch database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ajour.api import Project
from ajour.catalog.diff import diff
from ajour.catalog.objects import SETTINGS, Catalog, Difference, Identity, Object
from ajour.catalog.read import read
from ajour.catalog.view import as_role, without
from ajour.db.load import missing_role
from ajour.db.rows import ServerError, fetch, transact
from ajour.db.wire import Query
from ajour.errors import MigrationFailed, Refusal
from ajour.model import Comparison, Finding, Migration, Relation
from ajour.settings import Settings
from ajour.sql.names import quote
from ajour.target import Target, parse_url


@dataclass(frozen=True, slots=True)
class Drift:
    """What a database and its migrations do not have alike."""

    differences: tuple[Difference, ...]
    """From what the migrations make to what the database has."""
    replayed: int
    """How many migrations were run."""
    base: str | None
    """What the scratch database began with, where that was not the profile's template."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A database and a scratch one, on which its applied migrations were replayed."""

    drift: Drift
    copy: Project
    own: bool
    """The scratch server is thrown away as well."""
    roles: frozenset[str] | None
    """Whose settings are compared; None: those of another server say nothing."""
    made: Catalog
    """As if the role had made it that migrates the database."""
    live: Catalog
    maker: str
    pending: tuple[Migration, ...]

    def look(self) -> Catalog:
        """Return the schema that the scratch database has now."""
        return _made(self.copy, self.roles, self.maker)

    def left(self) -> tuple[Difference, ...]:
        """Return what the two databases do not have alike now."""
        return _differences(self.copy, self.look(), self.live)


def find(project: Project, server: Target | None = None) -> Drift:
    """Return how the project's database has drifted from its applied migrations. Changes nothing.

    They are replayed on the scratch server where one is given, else on an embedded one. Pending
    migrations are no drift. Raises Refusal, also when the migrations do not run.
    """
    with compared(project, server) as found:
        return found.drift


@contextmanager
def compared(project: Project, server: Target | None) -> Iterator[Compared]:
    """Yield what `find` compares, as long as the scratch database is there. Raises Refusal."""
    settings = project.settings
    comparison = project.compare()
    applied = {row.name for row in comparison.applied} | {file.name for file in comparison.edited}
    files = tuple(file for file in project.folder.migrations if file.name in applied)
    whole = read(project.session, settings.profile)
    maker = _maker(whole, settings)
    with scratch_project(settings, server) as copy:
        copy.folder = replace(project.folder, migrations=files, findings=())
        before = _roles(copy)
        named = replay(copy, with_roles=server is None)
        roles = None if server else frozenset(settings.profile.session_roles)
        if roles is not None:
            roles |= _roles(copy) - before - named
        live = _of_both(whole, settings, roles)
        made = _made(copy, roles, maker)
        drift = Drift(
            _differences(copy, made, live),
            len(files),
            _base(settings) if server is None else None,
            tuple(_doubts(comparison)),
        )
        yield Compared(drift, copy, server is None, roles, made, live, maker, comparison.pending)


def _made(copy: Project, roles: frozenset[str] | None, maker: str) -> Catalog:
    """Return the schema that a scratch database has now, as if `maker` had made it."""
    whole = read(copy.session, copy.settings.profile)
    return as_role(_of_both(whole, copy.settings, roles), maker)


def _differences(copy: Project, made: Catalog, live: Catalog) -> tuple[Difference, ...]:
    found = diff(made, live)
    if made.version // 10000 == live.version // 10000:
        return found
    return tuple(each for each in found if not _is_the_same_view(copy, each))


@contextmanager
def scratch_project(
    settings: Settings, server: Target | None, *, bare: bool = False
) -> Iterator[Project]:
    """Yield the project on a scratch database, which is gone afterwards. Raises Refusal.

    With `bare` it begins with what the profile has, even where the project has another base.
    """
    alone = replace(settings, mirror=None, tunnel=None)
    if server is not None:
        from ajour.engines.server import fresh_database

        with (
            fresh_database(server, settings.profile) as target,
            Project(replace(alone, url=target), target) as project,
        ):
            yield project
        return
    from ajour.engines.scratch import embedded

    deleting = settings.storage_delete
    with (
        embedded(
            settings.root,
            settings.profile,
            binaries=settings.postgres,
            storage_delete=deleting,
            bare=bare,
        ) as url,
        Project(replace(alone, url=None), parse_url(url)) as project,
    ):
        yield project


def replay(copy: Project, *, with_roles: bool) -> frozenset[str]:
    """Run the migrations. Raises Refusal: the database that matters is as it was.

    `with_roles`: the server is thrown away, so a role that a file names and none makes is made;
    those are returned.
    """
    try:
        return run_all(copy, with_roles=with_roles)
    except MigrationFailed as failure:
        raise does_not_run(failure) from None


def run_all(copy: Project, *, with_roles: bool) -> frozenset[str]:
    """Do what `replay` does. Raises MigrationFailed."""
    made: set[str] = set()
    while True:
        try:
            for _ in copy.migrate(allow_out_of_order=True):
                pass
        except MigrationFailed as failure:
            role = missing_role(failure.message)
            if role is None or role in made or not with_roles:
                raise
            made.add(role)
            fetch(copy.session.pgconn, f"create role {quote(role)} nologin")
        else:
            return frozenset(made)


def does_not_run(failure: MigrationFailed) -> Refusal:
    """Return the refusal that a failure on a scratch database makes."""
    return Refusal(
        f"The applied migrations do not run on a scratch database: {failure.message}",
        where=failure.where,
        details=failure.details,
        hint="Does the folder lack what was there before its first file? `ajour db base --from"
        " URL` begins with it. Or name a server of the same kind: --scratch URL.",
    )


def seen(catalog: Catalog, settings: Settings, *, sessions: bool = False) -> Catalog:
    """Return the catalog without what is not the migrations' business.

    `sessions`: with the settings of roles and of the database, which another server has not.
    """
    table = settings.table
    ours = {table, Relation(table.schema, f"{table.name}_in_progress")}

    def not_theirs(each: Object) -> bool:
        identity = each.identity
        if identity.kind in SETTINGS:
            return not sessions
        return Relation(identity.schema, identity.table or identity.name) in ours

    objects = {name: _without_version(each) for name, each in catalog.objects.items()}
    return without(replace(catalog, objects=objects), not_theirs)


def _of_both(catalog: Catalog, settings: Settings, roles: frozenset[str] | None) -> Catalog:
    """Return what a database and a scratch one can have alike.

    Of settings for new sessions those of the database and of these roles, but for the platform's.
    """
    left_out = settings.profile.own_settings

    def not_compared(each: Object) -> bool:
        kind, _, name, role = each.identity
        return kind in SETTINGS and (name in left_out or (role != "" and role not in (roles or ())))

    found = seen(catalog, settings, sessions=roles is not None)
    return without(found, not_compared)


def _roles(copy: Project) -> frozenset[str]:
    return frozenset(
        str(row[0]) for row in fetch(copy.session.pgconn, "select rolname from pg_roles")
    )


def _without_version(each: Object) -> Object:
    """Return an extension without what the server's installation decides, not a migration."""
    if each.kind != "extension":
        return each
    schema = {name: text for name, text in each.attributes.items() if name == "schema"}
    return replace(each, attributes=schema, comment=None)


def _maker(live: Catalog, settings: Settings) -> str:
    """Return the role that runs the migrations there: the history is its own."""
    table = settings.table
    history = live.objects.get(Identity("table", table.schema, table.name))
    return history.owner if history and history.owner else live.user


def _is_the_same_view(copy: Project, difference: Difference) -> bool:
    """Tell whether a view differs only in how two versions of PostgreSQL write it.

    The scratch server reads the other's text and writes it in its own way.
    """
    text, ours = difference.after, difference.before
    if difference.attribute != "definition" or "view" not in difference.identity.kind:
        return False
    query = str(text).rstrip().removesuffix(";")
    try:
        *_, [[written]] = transact(
            copy.session.pgconn,
            Query("set local search_path = ''"),
            Query("drop view if exists pg_temp.ajour_view"),
            Query(f"create temporary view ajour_view as {query}"),
            Query("select pg_get_viewdef('pg_temp.ajour_view'::regclass)"),
        )
    except ServerError:  # it names what the scratch database lacks: then it is another view
        return False
    return written == ours


def _base(settings: Settings) -> str | None:
    from ajour.engines import base

    found = base.read(settings.root)
    return found.source if found else None


def _doubts(comparison: Comparison) -> Iterator[Finding]:
    """Yield what makes the comparison less than exact."""
    for file in comparison.edited:
        yield _doubt(f"{file.name} was edited since it was applied; it is replayed as it is now.")
    for row in comparison.missing:
        yield _doubt(f"{row.name} is applied and not in the folder: what it made is a difference.")
    for left in comparison.unfinished:
        yield _doubt(f"{left.name} was interrupted: what its steps have done is a difference.")


def _doubt(message: str) -> Finding:
    return Finding("drift", "warning", message, help="ajour status")
