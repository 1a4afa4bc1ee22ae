"""A rehearsal as lines, and as Markdown for a pull request."""

from collections.abc import Iterator

from ajour.rehearsal import Filled, Held, Measured, Rehearsal
from ajour.report.words import duration, place, size

SHOWN = 72
"""How many letters of a statement are shown."""

NAMED = 8
"""How many tables are named one by one."""


def lines(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield what was filled, and each statement with what it did."""
    yield from _shape(rehearsal)
    for each in rehearsal.measured:
        yield f"{place(each.where)}  {_short(each)}"
        yield from (f"  {line}" for line in _facts(each))
    yield from _end(rehearsal)


def summary(rehearsal: Rehearsal) -> str:
    """Return what came of it, in a line."""
    if not rehearsal.migrations:
        return "nothing is pending: nothing was rehearsed"
    count = len(rehearsal.migrations)
    files = "1 migration" if count == 1 else f"{count} migrations"
    if rehearsal.failed is not None:
        return f"failed: {rehearsal.failed} ({place(rehearsal.measured[-1].where)})"
    if rehearsal.orders_differ:
        return f"rehearsed {files}; the order in which they run makes a difference"
    longest = max((h for m in rehearsal.measured for h in m.held), key=_strength, default=None)
    locked = ""
    if longest is not None:
        there = (
            "not known there"
            if longest.estimate is None
            else f"about {_ms(longest.estimate)} there"
        )
        locked = f"; {longest.lock} on {longest.relation} for {_ms(longest.milliseconds)}, {there}"
    return f"rehearsed {files}: all ran{locked}"


def markdown(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield a comment for a pull request."""
    yield "## Rehearsal"
    yield ""
    yield f"**{_cell(summary(rehearsal))}**"
    yield ""
    yield from (f"- {_cell(line)}" for line in _shape(rehearsal))
    yield ""
    if rehearsal.measured:
        yield "| Statement | Locks, until COMMIT | Work | WAL | Here | In production | Why |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
    for each in rehearsal.measured:
        seen = each.observation
        cells = (
            f"`{place(each.where)}` `{_short(each)}`",
            ", ".join(f"{h.lock} {h.relation} {_ms(h.milliseconds)}" for h in each.held),
            seen.error or ", ".join(_work(each)),
            size(seen.wal_bytes),
            _ms(seen.duration_ms),
            "not known" if each.estimate.milliseconds is None else _ms(each.estimate.milliseconds),
            each.estimate.why,
        )
        yield f"| {' | '.join(map(_cell, cells))} |"
    end = list(_end(rehearsal))
    if end:
        yield ""
        yield from (f"- {_cell(line)}" for line in end)
    for finding in rehearsal.findings:
        yield ""
        yield f"> {finding.level}: {_cell(finding.message)}"


def _shape(rehearsal: Rehearsal) -> Iterator[str]:
    yield f"shape: {rehearsal.source}, on PostgreSQL {rehearsal.server_version // 10000}"
    filled = [each for each in rehearsal.filled if each.rows]
    short = [each for each in rehearsal.filled if each.why]
    rows = sum(each.rows for each in filled)
    yield f"rows: {rows} made up, in {len(filled)} of {len(rehearsal.filled)} tables"
    yield from (f"  {_fewer(each)}" for each in short[:NAMED])
    if len(short) > NAMED:
        yield f"  and {len(short) - NAMED} more tables with fewer rows than were wanted"


def _fewer(each: Filled) -> str:
    return f"{each.relation}: {each.rows} of {each.wanted} rows ({each.why})"


def _facts(each: Measured) -> Iterator[str]:
    seen, told = each.observation, each.estimate
    there = "not known" if told.milliseconds is None else f"about {_ms(told.milliseconds)}"
    yield f"here {_ms(seen.duration_ms)}, {size(seen.wal_bytes)} of WAL; there {there}: {told.why}"
    if seen.error:
        yield f"failed: {seen.error}"
    for lock in each.held:
        then = "not known" if lock.estimate is None else f"about {_ms(lock.estimate)}"
        yield f"{lock.lock} on {lock.relation}: {_ms(lock.milliseconds)} until COMMIT; there {then}"
    work = list(_work(each))
    if work:
        yield ", ".join(work)
    if seen.sampled:
        yield "watched from outside: short locks may be missing"


def _work(each: Measured) -> Iterator[str]:
    for one in each.observation.relations:
        if one.rewritten:
            yield f"rewrites {one.relation}"
        if one.scanned:
            yield f"scans {one.relation}"
        if one.built:
            yield f"builds {', '.join(one.built)}"


def _end(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield what is said of the way back, and of the files that are out of order."""
    back = rehearsal.back
    if back is not None and back.problems:
        yield "back: the inverse does not bring the schema back, and forward again:"
        yield from (f"  {each}" for each in back.problems)
    elif back is not None:
        statements = "1 statement" if back.statements == 1 else f"{back.statements} statements"
        yield f"back: the inverse ({statements}) and the files again lead to the same schemas"
    if rehearsal.out_of_order and rehearsal.failed is None:
        yield from _orders(rehearsal)


def _orders(rehearsal: Rehearsal) -> Iterator[str]:
    names = ", ".join(rehearsal.out_of_order)
    if not rehearsal.orders_differ:
        yield f"out of order: {names}; in the order of the names the schema is the same"
        return
    yield f"out of order: {names}; in the order of the names it is not the same:"
    yield from (f"  {each}" for each in rehearsal.orders_differ)


def _strength(held: Held) -> tuple[bool, float]:
    return held.lock == "ACCESS EXCLUSIVE", held.milliseconds


def _short(each: Measured) -> str:
    words = " ".join(each.observation.statement.text.split())
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"


def _ms(milliseconds: float) -> str:
    if milliseconds < 10:
        return f"{milliseconds:.1f} ms"
    return duration(round(milliseconds))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
