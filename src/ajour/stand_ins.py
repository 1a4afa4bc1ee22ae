"""What the embedded server gives instead of what a project asks for, and that this is said."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ajour.db.extensions import stand_ins
from ajour.db.session import Session
from ajour.engines.binaries import Binaries, find_binaries
from ajour.engines.extensions import MARK, versions
from ajour.model import Finding, Migration, Pending, Plan, Statement, Step
from ajour.settings import Settings
from ajour.sql.extensions import asked, without_version
from ajour.sql.position import place_of

_ASKS = re.compile(r"extension\b.*\b(?:version|to)\b", re.IGNORECASE | re.DOTALL)


def fitted(plan: Plan, settings: Settings) -> Plan:
    """Return the plan without the versions of extensions that the embedded server cannot give."""
    if not any(_ASKS.search(item.migration.text) for item in plan.pending):
        return plan
    binaries = find_binaries(settings.postgres)
    findings: list[Finding] = []
    pending = tuple(_fitted(item, binaries, findings) for item in plan.pending)
    return replace(plan, pending=pending, findings=(*plan.findings, *findings))


def _fitted(item: Pending, binaries: Binaries, findings: list[Finding]) -> Pending:
    def fit(statement: Statement) -> Statement:
        wants = asked(statement)
        known = versions(binaries, wants.name) if wants and wants.version else frozenset()
        if wants is None or not known or wants.version in known:
            return statement
        findings.append(
            Finding(
                "extension-version",
                "warning",
                f"The embedded server has no version {wants.version} of {wants.name}; "
                f"it takes {', '.join(sorted(known))}.",
                place_of(item.migration, statement),
                "Its own is created instead. On another database the statement runs as it stands.",
            )
        )
        return replace(statement, sent=without_version(statement))

    def fit_step(step: Step) -> Step:
        return replace(step, statements=tuple(map(fit, step.statements)))

    script = replace(item.script, steps=tuple(map(fit_step, item.script.steps)))
    return replace(item, script=script)


def touched(session: Session, migrations: Iterable[Migration]) -> tuple[str, ...]:
    """Return the stand-ins that the files create, or whose functions they call."""
    texts = [migration.text for migration in migrations]
    return tuple(_touched(stand_ins(session.pgconn, MARK), texts))


def _touched(found: dict[str, frozenset[str]], texts: list[str]) -> Iterator[str]:
    for name, functions in found.items():
        creates = rf'\bextension\s+(?:if\s+not\s+exists\s+)?"?{re.escape(name)}(?![\w-])'
        calls = "|".join(map(re.escape, sorted(functions)))
        pattern = rf"{creates}|(?<![\w])(?:{calls})\s*\(" if calls else creates
        if any(re.search(pattern, text, re.IGNORECASE) for text in texts):
            yield name
