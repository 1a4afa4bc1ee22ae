"""What lies ahead as sentences: what each migration locks, for how much work, and who waits."""

from collections.abc import Iterable, Iterator, Sequence

from ajour.effects import BLOCKS_WRITES, LOCKS, Effect, Lock
from ajour.model import Relation
from ajour.outlook import Facts, Forecast, Holder
from ajour.report.words import size, some

_AGAINST: dict[Lock, str] = {
    "ACCESS EXCLUSIVE": "locks {} against reads and writes",
    "EXCLUSIVE": "locks {} against writes",
    "SHARE ROW EXCLUSIVE": "locks {} against writes",
    "SHARE": "locks {} against writes",
    "SHARE UPDATE EXCLUSIVE": "keeps others from changing the structure of {}",
    "ROW EXCLUSIVE": "writes to {}",
    "ROW SHARE": "locks rows of {}",
    "ACCESS SHARE": "reads {}",
}

_CONFLICTS: dict[Lock, int] = {
    "ACCESS SHARE": 7,
    "ROW SHARE": 6,
    "ROW EXCLUSIVE": 4,
    "SHARE UPDATE EXCLUSIVE": 3,
    "SHARE": 5,
    "SHARE ROW EXCLUSIVE": 5,
    "EXCLUSIVE": 6,
    "ACCESS EXCLUSIVE": 7,
}
"""For each mode the index of the weakest, no weaker than itself, that it conflicts with."""


def lines(forecast: Forecast) -> Iterator[str]:
    """Yield what each migration does to what is there, and below it the facts that say so."""
    facts = {each.relation: each for each in forecast.relations}
    for name in forecast.migrations:
        effects = [
            effect
            for each in forecast.statements
            if each.migration == name
            for effect in each.effects
        ]
        found = _together(effects)
        yield name
        for each in found:
            known = facts.get(each.relation) if each.relation else None
            yield f"  {sentence(each, known)}"
            if known is not None:
                yield from (f"    {line}" for line in _about(known, each.lock))
        if not found:
            yield "  touches nothing that is there already"
    if forecast.replicas:
        noun = "replica replays" if forecast.replicas == 1 else "replicas replay"
        yield f"{forecast.replicas} {noun} all of it, and queries there wait for these locks too"


def sentence(effect: Effect, facts: Facts | None) -> str:
    """Return what is done to one relation: "locks a.b against reads and writes while …"."""
    name = str(effect.relation) if effect.relation else "a table that no file names"
    said = _AGAINST[effect.lock].format(name)
    doubt = "" if effect.certain else ", at worst"
    if effect.relation is not None and facts is None:
        return f"{said}{_work(effect, '')}{doubt}: it is not there now"
    if facts is None or not (effect.rewrites or effect.scans or effect.builds):
        short = effect.lock == "ACCESS EXCLUSIVE"
        return f"{said}{' until it commits' if short else ''}{doubt} ({effect.why})"
    return f"{said}{_work(effect, _how_much(effect, facts))}{doubt} ({effect.why})"


def _work(effect: Effect, much: str) -> str:
    if effect.rewrites:
        indexes = " and builds indexes" if effect.builds else ""
        return f" while it rewrites {much or 'it'}{indexes}"
    if effect.builds:
        return f" while it builds an index over {much or 'it'}"
    return f" while it reads {much or 'it'}" if effect.scans else ""


def _how_much(effect: Effect, facts: Facts) -> str:
    rows = "" if facts.rows is None else f" ({_count(facts.rows)})"
    return f"{size(facts.size if effect.rewrites else facts.heap)}{rows}"


def _about(facts: Facts, lock: Lock) -> Iterator[str]:
    """Yield what is known of a relation, and who is in the way now."""
    if facts.kind in "rmp":
        rows = "rows never counted" if facts.rows is None else f"about {_count(facts.rows)}"
        about = "about " if not facts.exact else ""
        analyzed = f"analysed {facts.analyzed}" if facts.analyzed else "never analysed"
        parts = [rows, f"{about}{size(facts.heap)} and {size(facts.indexes)} of indexes", analyzed]
        if facts.partitions:
            parts.append(
                "1 partition" if facts.partitions == 1 else f"{facts.partitions} partitions"
            )
        yield ", ".join(parts)
    for names, words in (
        (facts.views, "read by the views"),
        (facts.referenced_by, "pointed to by foreign keys of"),
        (facts.publications, "published by"),
    ):
        if names:
            yield f"{words} {some(names)}"
    for pid in dict.fromkeys(each.pid for each in facts.holders):
        mine = [each for each in facts.holders if each.pid == pid]
        in_the_way = [each for each in mine if each.granted and conflict(lock, each.lock)]
        if in_the_way:
            yield f"in the way now: {_holder(in_the_way[0])}"
        elif any(not each.granted for each in mine):
            yield f"waits for it now: {_holder(mine[0])}"


def conflict(one: Lock, other: Lock) -> bool:
    """Tell whether two sessions cannot have these locks on a relation at the same time."""
    low, high = sorted((one, other), key=LOCKS.index)
    return LOCKS.index(high) >= _CONFLICTS[low]


def _holder(holder: Holder) -> str:
    return (
        f"pid {holder.pid}, user {holder.user}, application “{holder.application}”,"
        f" {holder.state}, its transaction open for {holder.seconds} s: {holder.query}"
    )


def _together(effects: Sequence[Effect]) -> list[Effect]:
    """Return one effect for each relation: the strongest lock, and all work behind it."""
    found: dict[Relation | None, Effect] = {}
    for each in effects:
        before = found.get(each.relation)
        found[each.relation] = _both(before, each) if before else each
    return sorted(found.values(), key=lambda each: -LOCKS.index(each.lock))


def _both(one: Effect, other: Effect) -> Effect:
    weak, strong = sorted((one, other), key=lambda each: LOCKS.index(each.lock))
    if weak.lock not in BLOCKS_WRITES and strong.lock in BLOCKS_WRITES:
        return strong
    return one.beside(other)


def _count(rows: int) -> str:
    if rows >= 1_000_000:
        return f"{rows / 1_000_000:.1f} million rows".replace(".0 ", " ")
    return "1 row" if rows == 1 else f"{rows:,} rows"


def summary(found: Iterable[str]) -> str:
    """Return the line for when nothing is pending."""
    names = tuple(found)
    return f"{len(names)} pending; nothing was written" if names else "nothing is pending"
