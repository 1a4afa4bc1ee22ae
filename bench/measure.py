"""Runs a command once, or several of it at once, and says what that cost."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from proxy import Proxy
from server import Server

SPAWN = Path(__file__).with_name("spawn.py")

SETTLE = 0.05
"""Seconds until a server process has noticed that its client is gone."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run."""

    words: tuple[str | Path, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run. Seconds and bytes."""

    wall: float
    """From the start of the first process to the end of the last."""
    client_cpu: float
    """All processes of the command, user and system."""
    server_cpu: float | None
    peak: int
    """Memory of the largest process."""
    codes: tuple[int, ...]
    """Exit codes; negative for a signal."""
    trips: int | None = None
    sent: int | None = None
    received: int | None = None

    @property
    def failures(self) -> int:
        """How many of the processes failed."""
        return sum(code != 0 for code in self.codes)


@dataclass(frozen=True, slots=True)
class Place:
    """Where commands are run: in which folder, with which home, and where their words go."""

    folder: Path
    home: Path
    output: Path

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return a command's environment: nothing of the user's decides how it runs."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self.home), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", **own}

    def said(self) -> str:
        """Return the last lines of what was printed last."""
        text = self.output.read_text("utf-8", "replace") if self.output.exists() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " / ".join(lines[-3:])[-300:] if lines else "it says nothing"


def measure(
    server: Server,
    database: str,
    command: Callable[[str], Command],
    place: Place,
    *,
    count: int = 1,
    limit: int = 600,
    trip_ms: float | None = None,
) -> Measurement:
    """Run what `command` makes of the database's URL, with all that is counted beside it."""
    before = server.cpu()
    if trip_ms is None:
        taken = run(command(server.url(database)), place, count, limit)
    else:
        with Proxy(server.port, trip_ms) as proxy:
            taken = run(command(server.url(database, proxy.port())), place, count, limit)
            seen = proxy.counts()
        taken = replace(taken, trips=seen.trips, sent=seen.sent, received=seen.received)
    time.sleep(SETTLE)
    after = server.cpu()
    if before is None or after is None:
        return taken
    return replace(taken, server_cpu=after - before)


def run(command: Command, place: Place, count: int, limit: int) -> Measurement:
    """Run `count` processes of the command at once; all are killed after `limit` seconds."""
    place.output.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-ISE", SPAWN, str(count), str(limit), place.output, *command.words],
        cwd=place.folder,
        env=place.environment(command.env),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    ends, cpus, peaks, codes = zip(*map(str.split, done.stdout.splitlines()), strict=True)
    return Measurement(
        wall=max(map(float, ends)),
        client_cpu=sum(map(float, cpus)),
        server_cpu=None,
        peak=max(map(int, peaks)),
        codes=tuple(map(int, codes)),
    )
