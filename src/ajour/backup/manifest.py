"""What is known of a backup: a JSON file beside it, written last. Without it a file is none."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from ajour.errors import Refusal, UsageError
from ajour.saved import Backup, SavedTable

VERSION = 1
CHUNK = 1 << 20


def write(backup: Backup) -> None:
    """Write the manifest, whole or not at all: with it the file becomes a backup."""
    path = beside(backup.path)
    content = {"version": VERSION, **asdict(backup), "path": backup.path.name}
    content["made_at"] = backup.made_at.isoformat()
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def beside(path: Path) -> Path:
    """Return where the manifest of a backup's file stands."""
    return path.with_name(f"{path.name}.json")


def read(path: Path) -> Backup:
    """Return what the manifest of the file `path` says. Raises Refusal."""
    try:
        content: dict[str, Any] = json.loads(beside(path).read_text("utf-8"))
        version = content.pop("version")
        if version != VERSION:
            raise Refusal(
                f"{beside(path)} is of version {version}.", hint="Take the ajour that wrote it."
            )
        tables = tuple(
            SavedTable(
                **{
                    **table,
                    "columns": tuple((each[0], each[1]) for each in table["columns"]),
                    "parent": tuple(table["parent"]) if table["parent"] else None,
                    **{name: tuple(table[name]) for name in ("key", "indexes", "sequences")},
                }
            )
            for table in content["tables"]
        )
        lists = {name: tuple(content[name]) for name in ("history", "precedes", "reasons")}
        made_at = datetime.fromisoformat(content["made_at"])
        return Backup(**{**content, **lists, "path": path, "made_at": made_at, "tables": tables})
    except FileNotFoundError:
        raise Refusal(
            f"{path} has no manifest {beside(path).name}: it is no backup of ajour's, or one that"
            " did not come to its end.",
            hint="`ajour backups` lists what there is.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal(f"The manifest {beside(path)} cannot be read: {error}.") from None


def every(folder: Path) -> tuple[Backup, ...]:
    """Return the backups of a folder, the newest first. One with a broken manifest is passed by."""
    return tuple(sorted(_every(folder), key=lambda each: each.made_at, reverse=True))


def _every(folder: Path) -> Iterator[Backup]:
    for path in folder.glob("*.json") if folder.is_dir() else ():
        file = path.with_suffix("")
        if path.name.startswith(".") or not file.is_file():
            continue
        try:
            yield read(file)
        except Refusal:  # another ajour's, or damaged: named to `ajour restore`, it says so
            continue


def find(folder: Path, named: str) -> Backup:
    """Return a backup by its file or by the beginning of its id. Raises UsageError, Refusal."""
    path = Path(named)
    if path.is_file():
        return read(path)
    found = [each for each in every(folder) if named and each.id.startswith(named)]
    if len(found) != 1:
        raise UsageError(
            f"{named} is neither a file nor the id of {'one ' if found else 'a '}backup.",
            hint="`ajour backups` lists what there is, with the ids.",
        )
    return found[0]


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while some := file.read(CHUNK):
            digest.update(some)
    return digest.hexdigest()


def damage(backup: Backup) -> str | None:
    """Return what is wrong with the file now, in two words; None for nothing. Reads all of it."""
    try:
        size = backup.path.stat().st_size
        if size != backup.bytes:
            return "CUT SHORT" if size < backup.bytes else "TOO LONG"
        return None if checksum(backup.path) == backup.sha256 else "CHANGED SINCE"
    except OSError:
        return "NOT READABLE"


def check(backup: Backup) -> None:
    """Raise Refusal when the file is not what was written."""
    if damage(backup) is not None:
        size = backup.path.stat().st_size
        raise Refusal(
            f"{backup.path.name} is not the file that was verified: it has {size} bytes of"
            f" {backup.bytes}, or other ones.",
            hint="Take another backup: `ajour backups`.",
        )
