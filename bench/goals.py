"""The ratios that the project promises, each formed from the medians of one run of the bench."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rounds import Series
from texts import big
from workloads import DISTANCE


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise, and what came out."""

    what: str
    value: float
    limit: float
    most: bool
    """The value is to be at most the limit; otherwise at least."""
    who: str = ""
    """Who was compared with, where that is not said by `what`."""

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit if self.most else self.value >= self.limit


class Figures:
    """The medians of all series, by workload and peer."""

    def __init__(self, all_series: list[Series]) -> None:
        self._series = {
            (series.workload.name, series.peer.name): series
            for series in all_series
            if series.runs and not series.problem
        }

    def of(self, workload: str, peer: str = "ajour", field: str = "wall") -> float:
        """Return a median. Raises KeyError when there is none."""
        value = self._series[workload, peer].median(field)
        if value is None:
            raise KeyError(workload, peer, field)
        return value

    def best(
        self, workload: str, field: str = "wall", *, script: bool = False
    ) -> tuple[float, str]:
        """Return the least median of the other peers that keep a history, and whose it is.

        `script`: only of those in Python or JavaScript. Raises KeyError when there is none.
        """
        others = (
            series.peer
            for (of, _), series in self._series.items()
            if of == workload and series.peer.history and (series.peer.script or not script)
        )
        found = [
            (self.of(workload, peer.name, field), peer.name)
            for peer in others
            if peer.name != "ajour"
        ]
        if not found:
            raise KeyError(workload)
        return min(found)


def goals(all_series: list[Series]) -> Iterator[Goal]:
    """Give each promise for which all figures are there."""
    figures = Figures(all_series)
    for make in (_files, _far, _noop_trips, *map(_noop, NOOPS), _big, *map(_eight, EIGHTS)):
        try:
            yield from make(figures)
        except KeyError:
            continue


EIGHTS = (200, 1000)

NOOPS = ("noop-10", "noop-200", "noop-1000", "noop-5000", "far-noop")


def _files(figures: Figures) -> Iterator[Goal]:
    name, ours = "apply-1000", figures.of("apply-1000")
    yield Goal(f"{name}: ajour / psql", ours / figures.of(name, "psql"), 1.15, most=True)
    best, who = figures.best(name)
    yield Goal(f"{name}: best peer with a history / ajour", best / ours, 1.0, most=False, who=who)


def _far(figures: Figures) -> Iterator[Goal]:
    ours, floor = figures.of("far-200"), figures.of("near-200") + 10 * DISTANCE / 1000
    yield Goal("far-200: ajour / (near-200 + 10 round trips)", ours / floor, 1.5, most=True)
    best, who = figures.best("far-200")
    yield Goal("far-200: best peer with a history / ajour", best / ours, 8, most=False, who=who)


def _noop_trips(figures: Figures) -> Iterator[Goal]:
    best, who = figures.best("far-noop", "trips")
    what = "far-noop: round trips of ajour, at most the best peer's"
    yield Goal(what, figures.of("far-noop", field="trips"), best, most=True, who=who)


def _noop(workload: str) -> Callable[[Figures], Iterator[Goal]]:
    def make(figures: Figures) -> Iterator[Goal]:
        best, who = figures.best(workload, script=True)
        what = f"{workload}: best peer in Python or JavaScript / ajour"
        yield Goal(what, best / figures.of(workload), 1.0, most=False, who=who)

    return make


def _big(figures: Figures) -> Iterator[Goal]:
    ours = figures.of("big")
    size = sum(len(each.text.encode()) for each in big())
    yield Goal(
        "big: ajour's peak memory / the file", figures.of("big", field="peak") / size, 6, True
    )
    yield Goal("big: ajour / psql", ours / figures.of("big", "psql"), 2, most=True)
    yield Goal("big: dbmate / ajour", figures.of("big", "dbmate") / ours, 1.0, most=False)


def _eight(files: int) -> Callable[[Figures], Iterator[Goal]]:
    def make(figures: Figures) -> Iterator[Goal]:
        name, alone = f"eight-{files}", f"apply-{files}"
        failures = figures.of(name, field="failures")
        yield Goal(f"{name}: processes of ajour that failed", failures, 0, most=True)
        if files == max(EIGHTS):  # with few files it is the start of eight Pythons that is measured
            ratio = figures.of(name) / figures.of(alone)
            yield Goal(f"{name}: ajour / one alone ({alone})", ratio, 1.3, most=True)

    return make
