"""The tables that are printed, and the JSON for programs."""

import json
import os
import platform
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from alone import Alone, Row
from goals import Goal
from rounds import SLOW, Series
from workloads import Workload


def settings(machine: dict[str, str], left_out: dict[str, str]) -> Iterator[str]:
    """Yield what the figures depend on."""
    yield f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    yield "PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in machine.items())
    for name, reason in left_out.items():
        yield f"left out: {name}: {reason}"


def table(workload: Workload, all_series: list[Series], runs: int) -> Iterator[str]:
    """Yield the lines of one workload's table, the fastest peer first."""
    far = workload.trip_ms is not None and workload.trip_ms > 0
    heads = ["peer", "wall ms", "/ ajour", "client cpu ms", "server cpu ms", "peak MB"]
    heads += ["round trips"] * far + ["failed of 8"] * (workload.processes > 1)
    yield f"\n## {workload.name}: {workload.title}\n"
    yield _line(heads)
    yield _line("---" for _ in heads)
    good = [series for series in all_series if series.runs and not series.problem]
    ours = next((s.median("wall") for s in good if s.peer.name == "ajour"), None)
    for series in sorted(good, key=lambda each: each.median("wall") or 0):
        wall = series.median("wall") or 0
        yield _line(
            [
                _title(series, runs),
                _number(wall, 1000),
                f"{wall / ours:.2f}" if ours else "",
                _number(series.median("client_cpu"), 1000),
                _number(series.median("server_cpu"), 1000),
                _number(series.median("peak"), 1 / 1024**2),
                *([_number(series.median("trips"))] if far else ()),
                *([_number(series.median("failures"))] if workload.processes > 1 else ()),
            ]
        )
    for series in all_series:
        if series.problem:
            yield f"\n{series.peer.title}: {series.problem}"


def promises(goals: Iterable[Goal]) -> Iterator[str]:
    """Yield the table of the project's promises."""
    yield "\n## What is promised\n"
    yield _line(["ratio of medians", "is", "to be", "holds"])
    yield _line(["---"] * 4)
    for goal in goals:
        bound = f"at {'most' if goal.most else 'least'} {goal.limit:g}"
        who = f" ({goal.who})" if goal.who else ""
        holds = "yes" if goal.holds else "NO"
        yield _line([goal.what + who, f"{goal.value:.2f}", bound, holds])


def alone(what: Alone, rows: list[Row]) -> Iterator[str]:
    """Yield the lines of a table without peers."""
    yield f"\n## {what.name}: {what.title}\n"
    heads = list(rows[0])
    yield _line(heads)
    yield _line("---" for _ in heads)
    for row in rows:
        yield _line(map(_cell, row.values()))


def document(
    machine: dict[str, str],
    left_out: dict[str, str],
    all_series: list[Series],
    goals: list[Goal],
    rows: dict[str, list[Row]],
) -> str:
    """Return everything as JSON, each single run included."""
    measured: list[dict[str, Any]] = [
        {
            "workload": series.workload.name,
            "peer": series.peer.name,
            "problem": series.problem or None,
            "runs": [asdict(run) for run in series.runs],
        }
        for series in all_series
    ]
    promised = [{**asdict(goal), "holds": goal.holds} for goal in goals]
    whole = {
        "server": machine,
        "left_out": left_out,
        "series": measured,
        "promised": promised,
        "alone": rows,
    }
    return json.dumps(whole, indent=1) + "\n"


def _title(series: Series, runs: int) -> str:
    fewer = len(series.runs) < runs
    return series.peer.title + (f" (one run: over {SLOW:.0f} s)" if fewer else "")


def _number(value: float | None, factor: float = 1) -> str:
    return "" if value is None else f"{value * factor:,.0f}"


def _cell(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{0 if value >= 100 else 2}f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
