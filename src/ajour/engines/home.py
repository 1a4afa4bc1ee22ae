"""The folder `.ajour/` of a project: its places, its settings, and the lock on it.

    .ajour/.gitignore    "*": nothing in here is for the repository
    .ajour/lock          held while a process starts, stops or resets the server
    .ajour/data/         the data directory; ajour.json in it has the password and the port
    .ajour/data.lock     held by the server itself, see serve.py
    .ajour/base/         what new data begin with, where `ajour db base` made it; see base.py
    .ajour/cache/        templates for the data, where the user has no cache folder
    .ajour/server.log    what the server says; begun anew when it has grown large

Only its owner can enter it. The settings lie with the data that they belong to, so that both
come into being by one rename.
"""

import contextlib
import fcntl
import json
import os
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ajour.errors import Refusal

PORTS = range(20_000, 32_000)
"""Below the ports that systems give to outgoing connections, so that ours is free next time."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder `.ajour/` of a project."""

    path: Path

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.path / "data"

    @property
    def base(self) -> Path:
        """The data directory that new ones are copied from, where there is one."""
        return self.path / "base"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.path / "server.log"

    @property
    def major(self) -> int | None:
        """The major version of PostgreSQL that made the data."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except (OSError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in ajour.json."""

    password: str
    port: int
    """Where the server listened last."""
    profile: str
    options: tuple[str, ...] = ()
    """What the server was last started with, beside what every server gets."""

    def url(self, port: int) -> str:
        """Return the address of the server on that port."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{port}/postgres"


def home_of(project: Path) -> Home:
    """Return the project's home, which may not exist yet."""
    return Home(project.resolve() / ".ajour")


def new_settings(home: Home, profile: str) -> Settings:
    """Return settings with a password of 192 random bits.

    The port comes from the path: the project is likely to get the same one after a deletion.
    """
    port = PORTS[zlib.crc32(os.fsencode(home.path)) % len(PORTS)]
    return Settings(secrets.token_urlsafe(24), port, profile)


def read_settings(home: Home) -> Settings | None:
    """Return the settings of the data in place, or None when there are none to be read."""
    try:
        values = json.loads((home.data / "ajour.json").read_text("utf-8"))
        return Settings(**values | {"options": tuple(values.get("options", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write_settings(data: Path, settings: Settings) -> None:
    """Write the settings into a data directory, whole or not at all."""
    new = data / "ajour.json.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(settings), file)
    new.rename(data / "ajour.json")


@contextlib.contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the lock on the home, which is made where it is missing.

    Raises Refusal when the system does not let us work there: rights, no space, read-only.
    """
    try:
        descriptor = _open(home)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Refusal(
            f"The embedded server cannot be kept in {home.path}: {error}.",
            hint="Does the folder belong to another user? Delete it, or set SUPABASE_DB_URL "
            "to a server of your own.",
        ) from error


def _open(home: Home) -> int:
    home.path.mkdir(mode=0o700, exist_ok=True)
    if home.path.stat().st_mode & 0o777 != 0o700:
        home.path.chmod(0o700)
    ignore = home.path / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return os.open(home.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
