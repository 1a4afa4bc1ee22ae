"""A throwaway server for one look: it begins as the project's embedded server would, and is gone.

It lies in `.ajour/scratch-…/`. What a killed process leaves there is removed by the next one.
Several processes may use one: the first makes it, the last ends it.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ajour.engines import base, serve
from ajour.engines.baseline import server_options
from ajour.engines.binaries import find_binaries
from ajour.engines.cluster import Cluster
from ajour.engines.home import Home, home_of, locked
from ajour.engines.run_as import run_as
from ajour.engines.template import copy_template
from ajour.profiles import Profile

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder that is made there is its owner's alone
PREFIX = "ajour-"
ROOM = 1 << 30
"""Bytes that must be free in memory before data are put there; Docker gives 64 MB as a rule."""

OWNER = "owner.lock"
"""Held by the processes that a scratch folder belongs to."""


@contextlib.contextmanager
def embedded(
    project: Path,
    profile: Profile,
    *,
    binaries: Path | None = None,
    storage_delete: str = "refuse",
    bare: bool = False,
) -> Iterator[str]:
    """Yield the URL of a server that holds what the first migration meets. Raises Refusal.

    The arguments are those of `embedded.ensure`; the project's own server is not touched. With
    `bare` it holds what the profile has, whatever the project's base is.
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
            make = copy_template if bare else partial(base.copy, home)
            cluster = make(folder / "data", profile, programs, run_as())
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
    """Start a server on new data in `folder`; return its URL. The arguments are as above.

    The data lie in memory where there is room, and `folder` has a link to them.
    """
    home, run = home_of(project), run_as()
    data = folder / "data"
    place = _memory() if run.uid == os.geteuid() else None
    if place is not None:
        data.symlink_to(place / "data")  # first: by it the next process finds what is left
    with locked(home):  # the base that is copied may be replaced by others
        programs = find_binaries(binaries)
        base.copy(home, place / "data" if place else data, profile, programs, run)
    options = ("max_wal_size=64MB", *server_options(profile, storage_delete))
    return base.begin(Cluster(data, programs, run), profile, options)


def _memory() -> Path | None:
    """Return a new folder in the system's shared memory; None where there is not enough room.

    A database is 500 files: to make them takes a tenth of the time there.
    """
    try:
        if shutil.disk_usage(MEMORY).free < ROOM:
            return None
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY))
    except OSError:
        return None


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
                _discard(folder / "data")
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
    _discard(folder / "data")
    shutil.rmtree(folder, ignore_errors=True)


def _discard(data: Path) -> None:
    """Stop the server on the data, and remove them where they are."""
    if data.exists():
        serve.stop(data)
    if data.is_symlink():
        place = data.readlink().parent
        data.unlink()
        data = place
        assert place.parent == MEMORY, place
        assert place.name.startswith(PREFIX), place
    shutil.rmtree(data, ignore_errors=True)
