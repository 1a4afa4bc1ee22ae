"""A throwaway server for one look: it begins as the project's embedded server would, and is gone.

It lies in `.ajour/scratch-…/`. What a killed process leaves there is removed by the next one.
Several processes may use one: the first makes it, the last ends it.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from ajour.engines import base, serve
from ajour.engines.baseline import server_options
from ajour.engines.binaries import find_binaries
from ajour.engines.home import Home, home_of, locked
from ajour.engines.run_as import run_as
from ajour.profiles import Profile

OWNER = "owner.lock"
"""Held by the processes that a scratch folder belongs to."""


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


@contextlib.contextmanager
def shared(
    project: Path, run: str, make: Callable[[Path], str], end: Callable[[str], None]
) -> Iterator[str]:
    """Yield what `make` returned in the first of the processes that name the same `run`.

    That is a text which only the user can read. `make` gets the run's own folder; a server that it
    starts on `data` in it is stopped when the last process leaves, after `end`, which gets the
    text. Where `make` raises, nothing is left, and the next process tries anew.
    """
    home = home_of(project)
    folder = home.path / f"scratch-{run}"
    with locked(home):
        _sweep(home)
        folder.mkdir(mode=0o700, exist_ok=True)
        held = _own(folder, fcntl.LOCK_SH)
    assert held is not None, folder
    try:
        yield _made(folder, make)
    finally:
        os.close(held)
        with locked(home):
            _leave(folder, end)


def start(
    project: Path, folder: Path, profile: Profile, binaries: Path | None, storage_delete: str
) -> str:
    """Start a server on new data in `folder`; return its URL. The arguments are as above."""
    home = home_of(project)
    with locked(home):  # the base that is copied may be replaced by others
        cluster = base.copy(home, folder / "data", profile, find_binaries(binaries), run_as())
    return base.begin(cluster, profile, server_options(profile, storage_delete))


def _made(folder: Path, make: Callable[[Path], str]) -> str:
    """Return what the first process made; the others wait for it."""
    kept = folder / "made"
    lock = os.open(folder / "make.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            try:
                made = make(folder)
            except BaseException:
                _stop(folder)
                shutil.rmtree(folder / "data", ignore_errors=True)
                raise
            kept.touch(mode=0o600)
            kept.write_text(made, "utf-8")
        return kept.read_text("utf-8")
    finally:
        os.close(lock)


def _leave(folder: Path, end: Callable[[str], None]) -> None:
    """Remove the folder and its server, unless another process still uses it."""
    alone = _own(folder)
    if alone is None:
        return
    kept = folder / "made"
    try:
        if kept.exists():
            end(kept.read_text("utf-8"))
    finally:
        _remove(folder)
        os.close(alone)


def _own(folder: Path, how: int = fcntl.LOCK_EX) -> int | None:
    """Take the folder's lock; return its descriptor, None when its owner is alive."""
    descriptor = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sweep(home: Home) -> None:
    """Remove what processes that were killed have left, servers included."""
    for folder in home.path.glob("scratch-*"):
        held = _own(folder)
        if held is not None:
            _remove(folder)
            os.close(held)


def _remove(folder: Path) -> None:
    _stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _stop(folder: Path) -> None:
    if (folder / "data").exists():
        serve.stop(folder / "data")
