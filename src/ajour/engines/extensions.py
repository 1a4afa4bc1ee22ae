"""The extensions that an embedded server can create: the PostgreSQL's own, and our stand-ins.

A stand-in is SQL under the name of an extension that the PostgreSQL does not have. CREATE EXTENSION
takes it like any other, with the real one's schema and version. What SQL can do, it does; all else
raises an error when it is called. They are in `stand_ins/extension/`, and the comment of each says
"(stand-in", on disk as in the database. An extension that the PostgreSQL has itself always wins.
"""

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ajour.engines.binaries import Binaries

FOLDER = Path(__file__).parent / "stand_ins"

FIRST_MAJOR = 18
"""The first PostgreSQL that looks for extensions outside its own folder: extension_control_path."""

MARK = "(stand-in"
"""Stands in the comment of each stand-in, followed by what it can do."""

State = Literal["real", "stand-in", "missing"]

MISSING = {
    "plv8": "JavaScript as a language: SQL cannot stand in for a language",
    "plcoffee": "CoffeeScript as a language: SQL cannot stand in for a language",
    "plls": "LiveScript as a language: SQL cannot stand in for a language",
    "pljava": "Java as a language: SQL cannot stand in for a language",
}
"""What Supabase has or had, and neither the PostgreSQL nor a stand-in can give."""


@dataclass(frozen=True, slots=True)
class Available:
    """An extension by name, and what `CREATE EXTENSION` would make of it."""

    name: str
    state: State
    version: str | None
    """What is created when no version is asked for."""
    says: str
    """One line: what it is, or why it is missing."""


def stand_in_options(major: int) -> tuple[str, ...]:
    """Return the settings by which a server of that major version finds the stand-ins.

    For the command line: our own place may be another one at the next start.
    """
    return (f"extension_control_path=$system:{FOLDER}",) if major >= FIRST_MAJOR else ()


def available(binaries: Binaries) -> tuple[Available, ...]:
    """Return every extension that the PostgreSQL has, that we stand in for, or that is missing."""
    found = {name: Available(name, "missing", None, why) for name, why in MISSING.items()}
    for control in _controls(FOLDER):
        if binaries.major >= FIRST_MAJOR:
            found[control.stem] = _read(control, "stand-in")
        else:
            why = f"a stand-in, which needs PostgreSQL {FIRST_MAJOR}; this is {binaries.version}"
            found[control.stem] = Available(control.stem, "missing", None, why)
    for control in _controls(binaries.share):
        found[control.stem] = _read(control, "real")
    return tuple(found[name] for name in sorted(found))


def versions(binaries: Binaries, name: str) -> frozenset[str]:
    """Return the versions that `CREATE EXTENSION name VERSION …` can give; empty: none at all.

    As PostgreSQL looks for them: a script of that version, or a way of updates that leads to it.
    """
    places = [binaries.share, *([FOLDER] if binaries.major >= FIRST_MAJOR else [])]
    place = next((each for each in places if _control(each, name).is_file()), None)
    if place is None:
        return frozenset()
    scripts = [
        path.stem.split("--")[1:]
        for path in _control(place, name).parent.glob("*--*.sql")
        if path.stem.split("--")[0] == name
    ]
    reached = {script[0] for script in scripts if len(script) == 1}
    to_do = deque(reached)
    while to_do:
        version = to_do.popleft()
        for script in scripts:
            if len(script) == 2 and script[0] == version and script[1] not in reached:
                reached.add(script[1])
                to_do.append(script[1])
    return frozenset(reached)


def fingerprint(binaries: Binaries) -> tuple[str, ...]:
    """Return what decides which extensions a new cluster holds, and what is in them."""
    real = (control.stem for control in _controls(binaries.share))
    stand_ins = (path.read_text("utf-8") for path in sorted((FOLDER / "extension").iterdir()))
    return (*real, *stand_ins)


def _controls(share: Path) -> list[Path]:
    return sorted((share / "extension").glob("*.control"))


def _control(share: Path, name: str) -> Path:
    return share / "extension" / f"{name}.control"


def _read(control: Path, state: State) -> Available:
    text = control.read_text("utf-8", "replace")
    values = {
        key: value.replace("''", "'")
        for key, value in re.findall(r"(?m)^(\w+)\s*=\s*'((?:[^']|'')*)'", text)
    }
    version = values.get("default_version")
    return Available(control.stem, state, version, values.get("comment", ""))
