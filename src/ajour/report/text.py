"""Values as lines for a person: errors with their caret, events, the status."""

from collections.abc import Iterator, Sequence

from ajour.errors import AjourError, Stopped
from ajour.events import (
    Done,
    Event,
    HistoryPrepared,
    Notice,
    Planned,
    Recovered,
    Retrying,
    Running,
    Seeded,
    Started,
    StepDone,
    Waiting,
)
from ajour.model import Finding, Plan, Progress, Where
from ajour.report.words import duration, place, some

_ORDER = {"error": 0, "warning": 1, "info": 2}
_WIDEST = 160
"""Source lines are cut to this many characters around the caret."""


def excerpt(where: Where) -> Iterator[str]:
    """Yield the source line and a caret under the place."""
    if where.source is None or where.column is None:
        return
    start = max(0, where.column - 1 - _WIDEST // 2) if len(where.source) > _WIDEST else 0
    source = where.source[start : start + _WIDEST]
    before = source[: where.column - 1 - start]
    gap = "".join("\t" if char == "\t" else " " for char in before)
    number = str(where.line)
    yield f"  {number} | {source}"
    yield f"  {' ' * len(number)} | {gap}{'^' * min(where.width, _WIDEST)}"


def error(problem: AjourError) -> Iterator[str]:
    """Yield what happened, where, why, what is in the database now, and what to do next."""
    yield f"error: {problem.message}"
    if problem.where is not None:
        yield f"  at {place(problem.where)}"
        yield from excerpt(problem.where)
    for detail in problem.details:
        yield from (f"  {line}" for line in detail.splitlines())
    if isinstance(problem, Stopped):
        yield from progress(problem.progress)
    if problem.hint:
        yield f"  next: {problem.hint}"


def progress(now: Progress) -> Iterator[str]:
    """Yield what is in the database now."""
    applied = f"{len(now.applied)} applied in this run"
    yield f"  in the database now: {applied}{': ' if now.applied else ''}{some(now.applied)}"
    if now.failed:
        yield f"  failed: {now.failed} ({_left(now)})"
    if now.in_doubt:
        steps = f" ({_steps(now)} done)" if now.steps_done and not now.failed else ""
        yield f"  in doubt: {some(now.in_doubt)}{steps}"
    if now.not_run:
        yield f"  not run: {some(now.not_run)}"


def _left(now: Progress) -> str:
    """Say what is left of the migration that failed."""
    done = _steps(now)
    if not now.rolled_back:
        by_itself = "the statement that failed does not run in a transaction"
        return f"{done} done; {by_itself}" if now.steps_done else by_itself
    if now.steps_done:
        return f"{done} done, step {now.steps_done + 1} of {now.steps} was rolled back"
    return "rolled back, nothing of it remains"


def _steps(now: Progress) -> str:
    return "step 1 stays" if now.steps_done == 1 else f"steps 1 to {now.steps_done} stay"


def finding(found: Finding, *, source: bool = False) -> Iterator[str]:
    """Yield a finding: its level, what, where, and what to do instead; with `source`, its line."""
    at = f"{place(found.where)}: " if found.where else ""
    level = "allowed" if found.allowed else found.level
    yield f"{level}: {at}{found.message} [{found.rule}]"
    if source and found.where:
        yield from excerpt(found.where)
    if found.allowed:
        yield f"  reason: {found.allowed}"
    elif found.help:
        yield f"  {found.help}"


def grouped(found: Sequence[Finding]) -> Iterator[str]:
    """Yield findings in a few lines: of each rule the first, and how many more there are."""
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for each in sorted(found, key=lambda each: (bool(each.allowed), _ORDER[each.level])):
        groups.setdefault((each.rule, each.allowed), []).append(each)
    for first, *more in groups.values():
        yield from finding(first)
        if more:
            files = tuple(dict.fromkeys(each.where.file for each in more if each.where))
            yield f"  and {len(more)} more, in {some(files, 3)}: `ajour check` shows them"


def plan(planned: Plan) -> Iterator[str]:
    """Yield what would run."""
    if not planned.pending:
        yield "up to date: nothing is pending"
        return
    yield f"{len(planned.pending)} pending, in this order:"
    for item in planned.pending:
        steps = len(item.script.steps)
        statements = sum(len(step.statements) for step in item.script.steps)
        several = f" in {steps} steps" if steps > 1 else ""
        resumed = f", from step {item.first_step + 1}" if item.first_step else ""
        noun = "statement" if statements == 1 else "statements"
        yield f"  {item.migration.name}  {statements} {noun}{several}{resumed}"


def event(happened: Event) -> str | None:
    """Return the line for an event, or None when it is worth none."""
    match happened:
        case HistoryPrepared(table, created=True):
            return f"created the history table {table}"
        case HistoryPrepared(table, added=added):
            columns = f" (added: {', '.join(added)})" if added else ""
            return f"took over the history table {table}{columns}"
        case Planned(pending):
            return f"{len(pending)} pending"
        case Started():
            return None
        case Running(name, where, seconds, detail):
            more = f": {detail}" if detail else ""
            what = f"line {where.line}" if where.line else "what comes with it"
            return f"  {name}: {what} has run for {seconds:.0f} s{more}"
        case Notice(_, severity, message):
            return f"  {severity.lower()}: {message}"
        case StepDone(name, step, steps):
            return f"  {name}: step {step} of {steps} done"
        case Done(name, duration_ms):
            return f"applied {name} ({duration(duration_ms)})"
        case Seeded(name, duration_ms):
            return f"seeded {name} ({duration(duration_ms)})"
        case Waiting(reason, seconds):
            return f"waiting ({seconds:.0f} s): {reason}"
        case Recovered(name, message):
            return f"  {name}: {message}" if name else message
        case Retrying(name, reason, attempt, delay):
            return f"  {name}: {reason}, rolled back; try {attempt + 1} in {delay:.1f} s"
