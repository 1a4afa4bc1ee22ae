"""What a run would do now, on this database; saved, it is what a later run is held to."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ajour.api import Project, circumstances
from ajour.db.history import State
from ajour.db.relations import World, look
from ajour.db.violations import answer
from ajour.errors import Refusal, UsageError
from ajour.foresee import ahead, judged, weighed
from ajour.model import Plan, Relation
from ajour.outlook import Ahead, Answer, Facts, Forecast, Question
from ajour.related import related
from ajour.report import machine
from ajour.report.words import size

GROWTH = 1.5
"""How much larger a table may be than when the plan was made."""

SLACK = 16 << 20
"""Bytes that any table may grow by."""

HIDDEN = "hidden: --show-detail shows it"
"""In place of what may hold rows."""

Fingerprint = dict[str, Any]


def make(project: Project, check_timeout: int) -> tuple[Forecast, Fingerprint]:
    """Return what a run would do now, and what tells whether that still holds later.

    `check_timeout` is what one question about the rows may take, in milliseconds. The server
    itself sees to it that nothing is written. Raises Refusal.
    """
    plan = project.plan(allow_out_of_order=True)
    state = project.state()
    statements = _statements(project, plan, state)
    world = look(project.session.pgconn, _touched(statements))
    if not project.settings.show_detail:
        world = replace(world, relations=tuple(map(_without_queries, world.relations)))
    facts = {each.relation: each for each in world.relations}
    asked = _asked(project, statements, facts, check_timeout)
    findings = judged([*weighed(plan.findings, statements, facts)], asked)
    names = tuple(item.migration.name for item in plan.pending)
    forecast = Forecast(
        names, statements, world.relations, findings, world.replicas, world.database
    )
    return forecast, fingerprint(plan, state, world)


def _without_queries(facts: Facts) -> Facts:
    """Return facts in which the queries of other sessions are hidden: constants may be rows."""
    return replace(facts, holders=tuple(replace(each, query=HIDDEN) for each in facts.holders))


def _statements(project: Project, plan: Plan, state: State) -> tuple[Ahead, ...]:
    scripts = {item.migration.name: item.script for item in plan.pending}
    files = related(project.folder.migrations, scripts.keys(), scripts)
    where = circumstances(project.settings, state.server.version // 10_000)
    return tuple(ahead(files, plan.pending, where.profile, where.major))


def _touched(statements: Iterable[Ahead]) -> tuple[Relation, ...]:
    found: dict[Relation, None] = {}
    for each in statements:
        for effect in each.effects:
            if effect.relation is not None:
                found[effect.relation] = None
        for question in each.questions:
            found |= {known: None for known in (question.relation, question.other) if known}
    return tuple(found)


def _asked(
    project: Project,
    statements: Iterable[Ahead],
    facts: Mapping[Relation, Facts],
    timeout: int,
) -> Iterable[tuple[Ahead, Question, Answer]]:
    detail = project.settings.show_detail
    for each in statements:
        for question in each.questions:
            other = facts.get(question.other) if question.other else None
            own = facts.get(question.relation)
            found = answer(project.session.pgconn, question, own, other, timeout)
            if found.example and not detail:
                found = replace(found, example=HIDDEN)
            yield each, question, found


def fingerprint(plan: Plan, state: State, world: World) -> Fingerprint:
    """Return what a plan rests on: files, history, database, and the relations it touches."""
    rows: list[list[object]] = [[row.name, row.checksum] for row in state.history.applied]
    rows += [[row.name, row.steps_done] for row in state.history.unfinished]
    return {
        "files": {item.migration.name: item.migration.checksum for item in plan.pending},
        "history": sha256(json.dumps(rows).encode()).hexdigest(),
        "database": world.database,
        "relations": {
            str(each.relation): {"oid": each.oid, "definition": each.definition, "size": each.size}
            for each in world.relations
        },
    }


def document(forecast: Forecast, rests_on: Fingerprint) -> str:
    """Return a forecast as the JSON that `held` reads."""
    return machine.document("Forecast", **machine.fields_of(forecast), fingerprint=rests_on)


def held(project: Project, path: Path) -> Callable[[Plan], None]:
    """Return what raises Refusal when the world is no more what a saved plan was made for.

    Raises UsageError where the file is no such plan.
    """
    try:
        saved = json.loads(path.read_text("utf-8"))["fingerprint"]
        was = {name: saved[name] for name in ("files", "history", "database", "relations")}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"{path} is no plan that can be read.",
            hint="Make one: ajour plan --save FILE, and name it in --plan FILE.",
        ) from None

    def hold(plan: Plan) -> None:
        state = project.state()
        statements = _statements(project, plan, state)
        world = look(project.session.pgconn, _touched(statements))
        changed = tuple(_changes(was, fingerprint(plan, state, world)))
        if changed:
            raise Refusal(
                f"{path} was made for another state: {changed[0]}.",
                details=tuple(f"also: {each}" for each in changed[1:]),
                hint=f"Look at what would happen now: ajour plan --save {path}",
            )

    return hold


def _changes(was: Fingerprint, now: Fingerprint) -> Iterable[str]:
    if was["database"] != now["database"]:
        yield "it is another database"
        return
    for name in sorted(was["files"].keys() | now["files"].keys()):
        if name not in was["files"]:
            yield f"{name} is pending as well"
        elif name not in now["files"]:
            yield f"{name} is not pending"
        elif was["files"][name] != now["files"][name]:
            yield f"{name} was edited"
    if was["history"] != now["history"]:
        yield "the history has changed"
    yield from _changed_relations(was["relations"], now["relations"])


def _changed_relations(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[str]:
    for name in sorted(was.keys() | now.keys()):
        if name not in now:
            yield f"{name} is gone"
        elif name not in was:
            yield f"{name} is there by now"
        elif was[name]["oid"] != now[name]["oid"]:
            yield f"{name} was made anew"
        elif was[name]["definition"] != now[name]["definition"]:
            yield f"{name} has other columns, constraints, indexes or triggers"
        elif now[name]["size"] > max(was[name]["size"] * GROWTH, was[name]["size"] + SLACK):
            grown = f"from {size(was[name]['size'])} to {size(now[name]['size'])}"
            yield f"{name} has grown {grown}"
