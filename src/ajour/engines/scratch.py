"""A throwaway server for one look: it begins as the project's embedded server would, and is gone.

It lies in `.ajour/scratch-…/`. What a killed process leaves there is removed by the next one.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from ajour.engines import base, serve
from ajour.engines.baseline import server_options
from ajour.engines.binaries import find_binaries
from ajour.engines.home import Home, home_of, locked
from ajour.engines.run_as import run_as
from ajour.profiles import Profile

OWNER = "owner.lock"
"""Held by the process that a scratch folder belongs to."""


@contextlib.contextmanager
def embedded(
    project: Path, profile: Profile, *, binaries: Path | None = None, storage_delete: str = "refuse"
) -> Iterator[str]:
    """Yield the URL of a server that holds what the first migration meets. Raises Refusal.

    The arguments are those of `embedded.ensure`; the project's own server is not touched.
    """
    home = home_of(project)
    with locked(home):
        _sweep(home)
        programs = find_binaries(binaries)
        folder = home.path / f"scratch-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        held = _own(folder)
    assert held is not None, folder
    try:
        with locked(home):  # the base that is copied may be replaced by others
            cluster = base.copy(home, folder / "data", profile, programs, run_as())
        options = server_options(profile, storage_delete)
        with base.serving(cluster, profile, options) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _own(folder: Path) -> int | None:
    """Take the folder's lock; return its descriptor, None when its owner is alive."""
    descriptor = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sweep(home: Home) -> None:
    """Remove what processes that were killed have left, servers included."""
    for folder in home.path.glob("scratch-*"):
        held = _own(folder)
        if held is not None:
            if (folder / "data").exists():
                serve.stop(folder / "data")
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
