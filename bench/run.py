"""Measures ajour beside its peers, and what it has none for: `make bench`.

README.md says how to read what it prints.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import peers
import report
import server
from alone import ALONE, Row
from goals import goals
from rounds import Rounds, Series
from workloads import QUICK, WORKLOADS, Workload

HOME = Path(__file__).with_name("build")
"""Where the peers are installed; .gitignore knows it."""

RUNS = 5


def main() -> None:
    """Read the flags, run, print."""
    flags = parser().parse_args()
    wanted = flags.only or (QUICK if flags.quick else [*WORKLOADS, *ALONE])
    workloads = [WORKLOADS[name] for name in wanted if name in WORKLOADS]
    runs = flags.runs or (1 if flags.quick else RUNS)
    all_series: list[Series] = []
    left_out: dict[str, str] = {}
    settings: dict[str, str] = {}
    show([f"medians of {runs} runs"])
    if workloads:
        settings = beside_peers(flags, workloads, runs, all_series, left_out)
    rows: dict[str, list[Row]] = {}
    for each in (ALONE[name] for name in wanted if name in ALONE):
        rows[each.name] = list(each.measure(runs))
        show(report.alone(each, rows[each.name]))
    promised = list(goals(all_series))
    if promised:
        show(report.promises(promised))
    if flags.json:
        flags.json.write_text(
            report.document(settings, left_out, all_series, promised, rows), "utf-8"
        )


def beside_peers(
    flags: argparse.Namespace,
    workloads: Iterable[Workload],
    runs: int,
    all_series: list[Series],
    left_out: dict[str, str],
) -> dict[str, str]:
    """Run the workloads of ajour and its peers; return the server's settings."""
    names = flags.peers or (peers.QUICK if flags.quick else list(peers.PEERS))
    with tempfile.TemporaryDirectory(prefix="ajour-bench-") as work, server.running() as running:
        rounds = Rounds(running, Path(work))
        psql = running.binaries.program("psql") or Path("psql")
        wanted = [peers.PEERS[name](HOME / name, psql) for name in names]
        ready = list(rounds.ready(wanted, left_out))
        show(report.settings(running.settings(), left_out))
        for workload in workloads:
            measured = rounds.run(workload, ready, runs)
            all_series += measured
            show(report.table(workload, measured, runs))
        return running.settings()


def parser() -> argparse.ArgumentParser:
    """Return the flags."""
    flags = argparse.ArgumentParser(
        prog="bench/run.py", description=(__doc__ or "").partition("\n")[0]
    )
    flags.add_argument("--runs", type=int, metavar="N", help=f"runs of each peer ({RUNS})")
    known = [*WORKLOADS, *ALONE]
    flags.add_argument(
        "--only", type=some(known), metavar="A,B", help=f"what to measure: {', '.join(known)}"
    )
    flags.add_argument(
        "--peers", type=some(peers.PEERS), metavar="A,B", help=f"peers: {', '.join(peers.PEERS)}"
    )
    flags.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    flags.add_argument("--quick", action="store_true", help="once, few workloads, few peers")
    return flags


def some(known: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what reads known names, parted by commas."""
    names = tuple(known)

    def read(text: str) -> list[str]:
        found = text.split(",")
        for name in found:
            if name not in names:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(names)}")
        return found

    return read


def show(lines: Iterable[str]) -> None:
    """Print lines at once."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # the server and the folders are gone by now
        sys.exit(130)
