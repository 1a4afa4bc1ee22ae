"""Where backups lie: a folder for the user alone, outside of every repository, with room enough."""

import contextlib
import fcntl
import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

from ajour.backup.manifest import beside, every
from ajour.engines.git import would_track
from ajour.errors import Refusal, UsageError
from ajour.report.words import size
from ajour.saved import Backup
from ajour.settings import Settings

ROOM = 1.2
"""Of the tables' size, what has to be free: a dump is compressed, but not all rows can be."""

PART = ".part"
"""The end of a file's name for as long as it is not a backup."""


def folder(settings: Settings) -> Path:
    """Return the project's folder of backups; it need not exist."""
    if settings.backup_folder is not None:
        return settings.backup_folder
    base = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    if not base.is_absolute():  # the rule of XDG: a relative path is to be ignored
        base = Path("~/.local/state").expanduser()
    number = zlib.crc32(os.fsencode(settings.root))
    return base / "ajour" / "backups" / f"{settings.root.name}-{number:08x}"


def ready(settings: Settings) -> Path:
    """Return the folder, made. Raises Refusal where git would take backups into a repository."""
    found = folder(settings)
    try:
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        if would_track(found):
            raise Refusal(
                f"Backups would lie in a git repository: {found}.",
                hint="Name another folder as backup_folder, or ignore this one (.gitignore).",
            )
        found.chmod(0o700)
    except OSError as error:
        raise UsageError(
            f"The folder of backups cannot be made: {found}: {error.strerror}.",
            hint="Name another one as backup_folder.",
        ) from None
    return found


def check_room(where: Path, needed: int) -> None:
    """Raise Refusal when the disk has not `ROOM` times the bytes of the tables."""
    free, wanted = shutil.disk_usage(where).free, int(needed * ROOM)
    if free < wanted:
        raise Refusal(
            f"There is no room for a backup: {size(wanted)} may be needed, {size(free)} are free"
            f" in {where}.",
            hint="Name a folder on another disk as backup_folder.",
        )


@contextlib.contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """Give the name to write to, and make it `final` when the block ends well.

    The file is there already, for its owner alone, and locked: what a killed process left behind
    is known by its having no lock, and removed by the next one.
    """
    _clear(final.parent)
    part = final.with_name(f".{final.name}{PART}")
    descriptor = None
    try:  # around the creation as well: Ctrl-C may come right behind it
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield part
        os.fsync(descriptor)
        part.rename(final)
    except BaseException as error:
        if descriptor is not None or not isinstance(error, FileExistsError):  # else another run's
            part.unlink(missing_ok=True)
        raise
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _clear(where: Path) -> None:
    for left in where.glob(f".*{PART}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(left, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(descriptor)


def keep(where: Path, newest: Backup, count: int) -> tuple[Backup, ...]:
    """Delete what is too many of the same database's, the oldest first; return those.

    `newest` stays in any case.
    """
    same = [
        each
        for each in every(where)
        if (each.place, each.database) == (newest.place, newest.database)
        and each.path != newest.path
    ]
    gone = tuple(same[max(0, count - 1) :])
    for each in gone:  # the manifest first: what is left, if we are killed, is no backup
        beside(each.path).unlink(missing_ok=True)
        each.path.unlink(missing_ok=True)
    return gone
