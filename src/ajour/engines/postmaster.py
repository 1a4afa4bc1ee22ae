"""Recognises the server process of a data directory. A process id alone is never believed."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server: the process that started all others of it."""

    pid: int
    port: int
    state: str
    """In the server's own words: starting, ready, stopping."""


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the server that runs on the data directory, if it can be seen from here.

    The id stands in postmaster.pid, which a killed server leaves behind, and the system may have
    given it to another process since. So that process must be a PostgreSQL that was started
    for this very directory.
    """
    lines = _pid_file(data)
    if len(lines) < 8 or not (lines[0].isdigit() and lines[3].isdigit()):
        return None
    pid = int(lines[0])
    words = _command_line(pid)
    # Its children call themselves otherwise: "postgres: checkpointer".
    if len(words) < 3 or Path(words[0]).name != "postgres" or words[1] != "-D":
        return None
    for place in (
        Path(f"/proc/{pid}/cwd"),
        Path(words[2]),
    ):  # where it works is true even after a move
        try:
            same = place.samefile(data)
        except OSError:
            continue
        return Postmaster(pid, int(lines[3]), lines[7].strip()) if same else None
    return None


def _pid_file(data: Path) -> list[str]:
    """Lines: pid, directory, start time, port, socket directory, address, memory key, state."""
    try:
        return (data / "postmaster.pid").read_text().split("\n")
    except OSError:
        return []


def _command_line(pid: int) -> list[str]:
    if Path("/proc/self").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
        except OSError:
            return []
    # macOS has no /proc, and its ps prints the words without borders.
    listed = subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    match = re.fullmatch(r"(.*) (-D) (.*) -p \d+.*", listed.stdout.strip())
    return list(match.groups()) if match else []
