"""Which of the migrations that are about to run destroy or rewrite: a backup comes before those."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ajour import rules
from ajour.api import Project, circumstances
from ajour.backup.dump import Made, Occasion, holds_nothing, make, tables
from ajour.check import check
from ajour.errors import Refusal
from ajour.model import Finding, Plan
from ajour.related import related

MAJOR = ("destructive", "rewrites")
"""Families of rules."""


def major(project: Project, plan: Plan) -> tuple[Finding, ...]:
    """Return the findings of the plan's files that ask for a backup, allowed or not.

    A rule that the settings turn off finds nothing for people, and is asked here all the same.
    """
    levels = project.settings.rules
    quiet = any(levels.get(name) == "off" for name in families())
    found = _found(project, plan) if quiet else plan.findings
    return tuple(each for each in found if each.rule in families())


def save_first(project: Project, plan: Plan, now: datetime) -> Made | None:
    """Make the backup that comes before the plan, where the settings want one.

    None where none is asked for, or where no table has a row yet. Raises Refusal.
    """
    why = major(project, plan)
    if project.settings.backup == "auto" and not why:
        return None
    if holds_nothing(project, tables(project)):
        return None
    names = tuple(item.migration.name for item in plan.pending)
    reasons = tuple(f"{each.message} [{each.rule}]" for each in why)
    try:
        return make(project, now, Occasion(names, reasons))
    except Refusal as refusal:
        refusal.message = f"Nothing was run, for there is no backup. {refusal.message}"
        raise


def families() -> frozenset[str]:
    """Return the names of the rules whose findings ask for a backup."""
    return frozenset(page.name for page in rules.pages() if page.family in MAJOR)


def _found(project: Project, plan: Plan) -> Iterable[Finding]:
    where = replace(circumstances(project.settings), levels={})
    scripts = {item.migration.name: item.script for item in plan.pending}
    files = related(project.folder.migrations, scripts.keys(), scripts)
    return check(files, where, only=scripts.keys(), together=True, scripts=scripts)
