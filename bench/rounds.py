"""Runs the workloads: each peer once, then all again, so that what disturbs one disturbs all."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from measure import Measurement, Place, measure
from peers import Missing, Peer
from server import Server
from texts import small
from workloads import TABLES, Workload

SLOW = 30.0
"""Seconds after which one run of a peer must do for a workload."""

LIMIT = 900
"""Seconds after which a run is killed."""


@dataclass
class Series:
    """The runs of one peer on one workload."""

    workload: Workload
    peer: Peer
    folder: Path
    template: str = "template0"
    """The database that each run begins with a copy of."""
    runs: list[Measurement] = field(default_factory=list)
    problem: str = ""
    """Why there are no figures of it."""

    @property
    def slow(self) -> bool:
        """Whether it takes so long that it is not run again."""
        return any(run.wall > SLOW for run in self.runs)

    def median(self, name: str) -> float | None:
        """Return the median of one field of the measurements; None where there is none."""
        values = [getattr(run, name) for run in self.runs]
        return None if not values or None in values else float(median(values))


@dataclass(frozen=True)
class Rounds:
    """Runs peers against one server."""

    server: Server
    work: Path
    """A folder for all that is written."""

    def ready(self, peers: Iterable[Peer], left_out: dict[str, str]) -> Iterator[Peer]:
        """Install each peer and let it apply two files; give those that can, and note the rest."""
        for peer in peers:
            say(f"{peer.name}: is it there, and does it work?")
            try:
                peer.install()
                self._try(peer)
            except Missing as reason:
                left_out[peer.name] = str(reason)
                say(f"{peer.name} is left out: {reason}")
            else:
                yield peer

    def run(self, workload: Workload, peers: Iterable[Peer], runs: int) -> list[Series]:
        """Run a workload `runs` times with each of the peers that can take part in it."""
        all_series = [
            Series(workload, peer, self._folder(workload.name, peer))
            for peer in peers
            if workload.kind in peer.kinds
        ]
        with ExitStack() as stack:
            for series in all_series:
                say(f"{workload.name}: {series.peer.name} is made ready")
                series.peer.prepare(series.folder, workload.make())
                if workload.kind == "noop" and series.peer.history:
                    marked = self.server.database(f"marked_{series.peer.name}")
                    series.template = stack.enter_context(marked)
                    self._mark(series)
            for number in range(1, runs + 1):
                for series in all_series:
                    if not series.problem and not series.slow:
                        self._once(series)
                        say(f"{workload.name}: {series.peer.name}, run {number}: {_short(series)}")
        shutil.rmtree(self.work / workload.name)
        return all_series

    def _try(self, peer: Peer) -> None:
        folder, place = self._folder("trial", peer), self._place(peer, "trial")
        peer.prepare(folder, small(2))
        with self.server.database("trial") as database:
            for _ in range(1 + peer.history):
                done = measure(
                    self.server, database, lambda url: peer.command(folder, url), place, limit=120
                )
                if done.failures:
                    raise Missing(f"it fails: {place.said()}")
            if "apply" in peer.kinds and self.server.number(database, TABLES) != 2:
                raise Missing("it did not apply two small files")

    def _mark(self, series: Series) -> None:
        peer, folder = series.peer, series.folder
        place = self._place(peer, series.workload.name)
        done = measure(
            self.server,
            series.template,
            lambda url: peer.mark(folder, url),
            place,
            limit=LIMIT,
        )
        if done.failures:
            series.problem = f"cannot be made ready: {place.said()}"

    def _once(self, series: Series) -> None:
        peer, workload, folder = series.peer, series.workload, series.folder
        place = self._place(peer, workload.name)
        with self.server.database("bench", series.template) as database:
            done = measure(
                self.server,
                database,
                lambda url: peer.command(folder, url),
                place,
                count=workload.processes,
                limit=LIMIT,
                trip_ms=workload.trip_ms,
            )
            series.runs.append(done)
            if done.failures == workload.processes or (done.failures and workload.kind != "eight"):
                series.problem = f"exit code {done.codes[0]}: {place.said()}"
            elif workload.check:
                found = self.server.number(database, workload.check)
                if found != workload.expected:
                    series.problem = f"it left {found}, not {workload.expected}"

    def _folder(self, workload: str, peer: Peer) -> Path:
        folder = self.work / workload / peer.name
        folder.mkdir(parents=True)
        return folder

    def _place(self, peer: Peer, workload: str) -> Place:
        home = self.work / "home" / peer.name
        home.mkdir(parents=True, exist_ok=True)
        return Place(self.work / workload / peer.name, home, self.work / f"{peer.name}.txt")


def say(what: str) -> None:
    """Tell how far it is, apart from the results."""
    print(what, file=sys.stderr, flush=True)


def _short(series: Series) -> str:
    return series.problem or f"{series.runs[-1].wall:.3f} s"
