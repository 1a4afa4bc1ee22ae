"""Tells from what was measured on a copy how long it would take at production's size. Pure."""

from collections.abc import Mapping, Sequence

from ajour.effects import Observation, Observed
from ajour.model import Relation
from ajour.rehearsal import Estimate, Held, Size
from ajour.report.words import size

Sizes = Mapping[Relation, Size]


def estimate(observation: Observation, sizes: Sizes) -> Estimate:
    """Return how long a statement would take, and how that was concluded.

    Rewrites, scans and builds grow with the table; all else takes as long as here.
    """
    grows = [each for each in observation.relations if _work(each) and not each.created]
    measured = observation.duration_ms
    if observation.error is not None:
        return Estimate(None, "it failed")
    if not grows:
        return Estimate(measured, "nothing in it grows with a table's size")
    unknown = [each for each in grows if each.relation not in sizes]
    if unknown:
        return Estimate(None, f"the size of {unknown[0].relation} before this run is not known")
    worst: tuple[float, Observed] | None = None
    for each in grows:
        sides = sizes[each.relation]
        if sides.there is None:
            return Estimate(None, f"{_did(each)}; its size in production is not known")
        if not sides.there:
            continue
        if not sides.here:
            said = f"{_did(each)}: {size(sides.there)} there, and no row here"
            return Estimate(None, said)
        ratio = max(1.0, sides.there / sides.here)
        if worst is None or ratio > worst[0]:
            worst = ratio, each
    if worst is None:
        return Estimate(measured, "what it goes through is empty there")
    ratio, its = worst
    sides = sizes[its.relation]
    return Estimate(
        measured * ratio,
        f"{_did(its)}: {size(sides.there or 0)} there, {size(sides.here)} here:"
        f" {measured:.1f} ms x {ratio:.1f}",
    )


def held(
    observations: Sequence[Observation], estimates: Sequence[Estimate]
) -> tuple[tuple[Held, ...], ...]:
    """Return the locks that each statement of a transaction took, and how long until its end."""
    found = []
    for index, each in enumerate(observations):
        here = sum(later.duration_ms for later in observations[index:])
        there = [later.milliseconds for later in estimates[index:]]
        known = [one for one in there if one is not None]
        total = sum(known) if len(known) == len(there) else None
        found.append(
            tuple(
                Held(one.relation, one.lock, here, total)
                for one in each.relations
                if one.lock is not None and not one.created
            )
        )
    return tuple(found)


def _work(each: Observed) -> bool:
    return each.rewritten or each.scanned or bool(each.built)


def _did(each: Observed) -> str:
    words = [
        *(["rewrites"] if each.rewritten else []),
        *(["scans"] if each.scanned and not each.rewritten else []),
        *([f"builds {', '.join(each.built)} on"] if each.built else []),
    ]
    return f"{' and '.join(words)} {each.relation}"
