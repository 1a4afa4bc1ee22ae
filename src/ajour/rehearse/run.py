"""Runs what is pending on a scratch database of production's shape, statement by statement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil

from ajour.api import Project
from ajour.base import Made, Source, from_database, load_into
from ajour.catalog.objects import Catalog
from ajour.catalog.read import read
from ajour.db.fill import fill, refresh
from ajour.db.observe import observe, observe_alone
from ajour.db.relations import look
from ajour.db.rows import fetch
from ajour.drift import scratch_project, seen
from ajour.effects import Observation
from ajour.errors import Refusal
from ajour.model import Finding, Pending, Relation, Step
from ajour.outlook import Facts
from ajour.rehearsal import Back, Filled, Measured, Rehearsal, Size
from ajour.rehearse.back import back_and_forth
from ajour.rehearse.estimate import Sizes, estimate, held
from ajour.rehearse.orders import orders_differ
from ajour.rehearse.proof import fingerprint
from ajour.saved import Backup
from ajour.sql.position import place_of
from ajour.target import Target

_TABLES = ("table", "materialized view")
_DATA = ("22", "23")
"""The classes of SQLSTATEs that are about values and constraints."""

ROWS = 1000
"""How many rows a table gets where nothing else is asked for, or its own number is not known."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows the tables get: at most so many, or such a share of what production has."""

    most: int | None = ROWS
    percent: float | None = None

    def of(self, rows: int | None) -> int:
        """Return the number for a table that has `rows` in production; None: not known."""
        if self.percent is not None:
            return ROWS if rows is None else ceil(rows * self.percent / 100)
        most = ROWS if self.most is None else self.most
        return most if rows is None else min(rows, most)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the copy is made from."""

    source: Source
    facts: Mapping[Relation, Facts]
    version: int | None
    fingerprint: str | None
    unpopulated: frozenset[Relation] = frozenset()
    """Materialized views that cannot be read there either."""


def rehearse(
    project: Project,
    server: Target | None,
    rows: Rows,
    *,
    source: Source | None = None,
    backup: Backup | None = None,
) -> tuple[Rehearsal, str | None]:
    """Run what is pending on a copy, and return what it did, and the target's fingerprint.

    The shape and the history are those of the project's database, or come from a dump or from a
    backup, with its rows: then there is no fingerprint. The copy lies on the scratch server where
    one is given, else on an embedded one. Production is only read. Raises Refusal, also where
    nothing can be rehearsed.
    """
    settings = project.settings
    if backup is not None:
        source = Source(str(backup.path), "")
    shape = _from_dump(source) if source else _from_target(project)
    if backup is not None:
        live = read(project.session, settings.profile)
        facts, unread = _facts(project, live), _unpopulated(live)
        shape = replace(shape, facts=facts, version=backup.server_version, unpopulated=unread)
    with scratch_project(settings, server, bare=True) as copy:
        copy.folder = project.folder
        made = load_into(copy, shape.source) if backup is None else _restored(copy, backup)
        plan = copy.plan(allow_out_of_order=True)
        late = tuple(item.migration.name for item in plan.pending if item.out_of_order)
        filled = _fill(copy, rows if backup is None else Rows(0), shape.facts)
        empty = refresh(copy.session.pgconn, shape.unpopulated)
        here = read(copy.session, settings.profile)
        measured, failed = _run(copy, plan.pending, _sizes(copy, here, shape))
        back = None if failed or not measured else _back(copy, here, plan.pending)
        rehearsal = Rehearsal(
            shape.source.label,
            here.version,
            shape.version,
            tuple(item.migration.name for item in plan.pending),
            filled,
            measured,
            failed,
            late,
            findings=(
                *shape.source.findings,
                *_notes(copy, made, shape, here.version),
                *map(_stays_empty, empty),
                *_about_rows(failed),
            ),
            back=back,
        )
    if late and failed is None:
        rehearsal = replace(
            rehearsal, orders_differ=orders_differ(project, rehearsal.migrations, server)
        )
    return rehearsal, shape.fingerprint


def _from_target(project: Project) -> _Shape:
    settings = project.settings
    state = project.state()
    live = read(project.session, settings.profile)
    source = from_database(settings, project.target)
    return _Shape(
        source,
        _facts(project, live),
        live.version,
        fingerprint(seen(live, settings), state.history),
        _unpopulated(live),
    )


def _facts(project: Project, live: Catalog) -> dict[Relation, Facts]:
    """Return what the server says of all tables of the project's database."""
    world = look(project.session.pgconn, _tables(live))
    return {each.relation: each for each in world.relations}


def _restored(copy: Project, backup: Backup) -> Made:
    """Bring schema, rows and history of a backup into the copy. Raises Refusal."""
    from ajour.backup.restore import Restore  # only where a backup is named

    restore = Restore(copy, backup)
    restore.begin()
    restore.whole(overwrite=False)
    fetch(copy.session.pgconn, "analyze")
    return Made(statements=len(backup.tables))


def _from_dump(source: Source) -> _Shape:
    return _Shape(source, {}, None, None)


def _tables(catalog: Catalog) -> tuple[Relation, ...]:
    return tuple(
        Relation(each.schema, each.name) for each in catalog.objects if each.kind in _TABLES
    )


def _unpopulated(catalog: Catalog) -> frozenset[Relation]:
    return frozenset(
        Relation(name.schema, name.name)
        for name, each in catalog.objects.items()
        if each.attributes.get("unpopulated")
    )


def _fill(copy: Project, rows: Rows, facts: Mapping[Relation, Facts]) -> tuple[Filled, ...]:
    table = copy.settings.table
    ours = {table, Relation(table.schema, f"{table.name}_in_progress")}

    def wanted(relation: Relation) -> int:
        known = facts.get(relation)
        return 0 if relation in ours else rows.of(known.rows if known else None)

    found = fill(copy.session.pgconn, copy.settings.profile.managed_schemas, wanted)
    return tuple(each for each in found if each.relation not in ours)


def _sizes(copy: Project, here: Catalog, shape: _Shape) -> Sizes:
    """Return the sizes of the tables on both sides, as they are before anything ran."""
    ours = look(copy.session.pgconn, _tables(here)).relations
    return {
        each.relation: Size(
            each.size, known.size if (known := shape.facts.get(each.relation)) else None
        )
        for each in ours
    }


def _run(
    copy: Project, pending: tuple[Pending, ...], sizes: Sizes
) -> tuple[tuple[Measured, ...], str | None]:
    """Run the files, each as a deploy would, up to a statement that fails."""
    measured: list[Measured] = []
    for item in pending:
        for step in item.script.steps[item.first_step :]:
            observations = _step(copy, step)
            measured += _measured(item, observations, sizes)
            failed = next((each.error for each in observations if each.error), None)
            if failed is not None:
                return tuple(measured), failed
        fetch(copy.session.pgconn, "discard all")
    return tuple(measured), None


def _back(copy: Project, before: Catalog, pending: tuple[Pending, ...]) -> Back:
    """Go back to the schema before, and forward again."""

    def now() -> Catalog:
        return seen(read(copy.session, copy.settings.profile), copy.settings)

    return back_and_forth(
        copy.session,
        seen(before, copy.settings),
        now(),
        now,
        lambda: _run(copy, pending, {})[1],
    )


def _step(copy: Project, step: Step) -> tuple[Observation, ...]:
    pgconn = copy.session.pgconn
    if step.transactional:
        return observe(pgconn, step.statements, keep=True)
    onlooker = copy.session.onlooker
    if onlooker is None:
        raise Refusal(
            "The scratch server gives no second connection, by which what cannot run in a"
            " transaction is watched.",
            hint="Name another server: --scratch URL.",
        )
    return tuple(observe_alone(pgconn, onlooker, each) for each in step.statements)


def _measured(
    item: Pending, observations: tuple[Observation, ...], sizes: Sizes
) -> Iterator[Measured]:
    migration = item.migration
    estimates = [estimate(each, sizes) for each in observations]
    locks = held(observations, estimates)
    for observation, told, these in zip(observations, estimates, locks, strict=True):
        at = place_of(migration, observation.statement, width=1)
        yield Measured(migration.name, at, observation, told, these)


def _stays_empty(view: tuple[Relation, str]) -> Finding:
    """Return that a materialized view has no rows here, and why."""
    return Finding(
        "rehearse", "warning", f"The materialized view {view[0]} is empty here: {view[1]}"
    )


def _about_rows(failed: str | None) -> Iterator[Finding]:
    """Yield that a statement may have failed only because of the rows that were made up."""
    if failed is not None and failed[:2] in _DATA:
        yield Finding(
            "rehearse",
            "warning",
            "It failed on rows that were made up: the real ones may be others.",
            help="ajour plan asks the real rows; --rows 0 rehearses on empty tables.",
        )


def _notes(copy: Project, made: Made, shape: _Shape, version: int) -> Iterator[Finding]:
    """Yield what makes the rehearsal less than the real thing."""
    yield from made.left_out
    names = copy.stand_ins()
    if names:
        yield Finding(
            "rehearse",
            "warning",
            f"Only a stand-in is here of: {', '.join(names)}. What a migration does with them is"
            " not what it does in production.",
            help="ajour db extensions says what they can do; --scratch URL names a server that"
            " has the real ones.",
        )
    if shape.version is not None and shape.version // 10000 != version // 10000:
        yield Finding(
            "rehearse",
            "warning",
            f"The scratch server is PostgreSQL {version // 10000}, the target"
            f" {shape.version // 10000}: locks and rewrites may differ.",
            help="--scratch URL names a server of the same major version.",
        )
