"""A folder of SQL files, read once: names, order, bytes and checksums, or why it is refused.

The laws are in docs/formats.md. No statement is looked at here, and no database is known.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ajour.errors import AjourError, FilesRefused, Refusal, UsageError
from ajour.model import Finding, Folder, Migration, Where
from ajour.sql.position import place

LARGEST = 64 * 1024 * 1024
"""Bytes. PostgreSQL refuses a message over 1 GB, and one file is read, parsed and sent whole."""

LONGEST_NAME = 255
"""Bytes of a file's name: more than that hardly any file system takes."""

PATTERN = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{6})?"
    r"_[A-Za-z0-9_.-]+\.sql"
)
"""What a name should look like: a date, or a date and a time, and a description."""

# O_NOFOLLOW: a link is refused, not read. O_NONBLOCK: a named pipe does not hang us.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# Control characters, line separators, bidirectional controls, bytes that are not UTF-8.
_UNFIT_IN_A_NAME = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

_BIDI_STARTS = (b"\xe2\x80", b"\xe2\x81")
"""One of these is in every text that holds a bidirectional control."""

_FORBIDDEN = (
    (
        re.compile("\0"),
        "holds a NUL byte: the server would not see anything that follows it",
        "Delete the byte, or save the file as UTF-8 text.",
    ),
    (
        re.compile("\r"),
        "holds a carriage return without a line feed, where PostgreSQL ends a `--` comment",
        "Save the file with LF (or CRLF) line endings.",
    ),
    (
        _BIDI,
        "holds a bidirectional control character: what is shown differs from what would run",
        "Delete the character; inside a string, write it as an escape such as U&'\\202E'.",
    ),
)

# How a character that no terminal should receive is shown: one visible character for one.
_VISIBLE = {
    **{code: 0x2400 + code for code in range(32) if code != 9},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD),
}

_PREFIX = re.compile(r"[0-9]+")


class _Listing(NamedTuple):
    """The names of a folder that matter, each group in code-point order."""

    names: list[str]
    """End in .sql: these run, or are a reason to refuse."""
    upper: list[str]
    """End in .SQL or .Sql."""
    nested: list[str]
    """Files ending in .sql in sub-folders, relative to the folder."""


def read_folder(path: Path) -> Folder:
    """Read every migration of the folder `path`, each file once, in the order they run.

    Places are named with `path` as it was given. Raises UsageError when there is no such
    folder, and FilesRefused with every problem that was found.
    """
    folder = _open_folder(path)
    try:
        listing = _list(folder, path)
        problems: list[AjourError] = []
        names = list(_fit_names(listing, path, problems))
        found = [_read(folder, _base(path), name, problems) for name in names]
    finally:
        os.close(folder)
    if problems:
        raise FilesRefused(tuple(problems))
    migrations = [migration for migration in found if migration is not None]
    return Folder(path, tuple(migrations), tuple(_findings(path, listing)))


def read_file(path: Path) -> Migration:
    """Read one SQL file, by the same laws; it is called by its path. Raises FilesRefused."""
    problems: list[AjourError] = []
    folder = _open_folder(path.parent)
    try:
        found = _read(folder, _base(path.parent), path.name, problems)
    finally:
        os.close(folder)
    if found is None:
        raise FilesRefused(tuple(problems))
    return replace(found, name=str(path))


def _open_folder(path: Path) -> int:
    """Open the folder; a link to it is followed, once."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UsageError(
            f"There is no folder {path}.",
            hint="`ajour init` makes it; `migrations` in ajour.toml names another one.",
        ) from None
    except NotADirectoryError:
        raise UsageError(
            f"{path} is not a folder.", hint="`migrations` names the folder that holds the files."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The folder {path} cannot be read: {error.strerror}.",
            hint="Make it readable for the user that runs ajour.",
        ) from None


def _list(folder: int, path: Path) -> _Listing:
    listing = _Listing([], [], [])
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if name.endswith(".sql"):
                listing.names.append(name)
            elif entry.is_dir(follow_symlinks=False):
                listing.nested.extend(_nested(path, name))
            elif name.lower().endswith(".sql"):
                listing.upper.append(name)
    # Code points: the same order as UTF-8 bytes and as PostgreSQL's collation "C".
    for group in (listing.names, listing.upper, listing.nested):
        group.sort()
    return listing


def _nested(path: Path, name: str) -> Iterator[str]:
    """Yield the .sql files below the sub-folder `name`; links are not followed."""
    for here, folders, files in os.walk(path / name):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        for file in files:
            if file.lower().endswith(".sql") and not file.startswith("."):
                yield os.path.relpath(f"{here}/{file}", path)


def _fit_names(listing: _Listing, path: Path, problems: list[AjourError]) -> Iterator[str]:
    """Yield the names that can be opened and recorded; add to `problems` what is wrong."""
    seen: dict[str, str] = {}
    names = (*listing.names, *listing.upper)
    any_unfit = _UNFIT_IN_A_NAME.search("".join(names))
    for name in names:
        if any_unfit and _UNFIT_IN_A_NAME.search(name):
            problems.append(
                Refusal(
                    f"The file name {_shown(name)} holds a control character or is not UTF-8.",
                    hint="Rename the file: letters, digits, `_`, `-` and `.` are safe everywhere.",
                    where=Where(_shown(str(path / name))),
                )
            )
            continue
        first = seen.setdefault(_folded(name), name)
        if first != name:
            problems.append(
                Refusal(
                    f"{first} and {name} are the same name to macOS and Windows.",
                    hint="Rename one of them, so that every checkout holds both.",
                    where=Where(str(path / name)),
                )
            )
        if name.endswith(".sql"):
            yield name


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    from unicodedata import normalize  # only for the rare name that needs it

    return normalize("NFC", normalize("NFC", name).casefold())


def fits(name: str) -> bool:
    """Tell whether a file of this name would run, and is one of the folder itself."""
    unfit = _UNFIT_IN_A_NAME.search(name) or "/" in name or "\\" in name or name.startswith(".")
    return name.endswith(".sql") and not unfit and len(os.fsencode(name)) <= LONGEST_NAME


def _shown(name: str) -> str:
    """Return a name as it can be printed: what no terminal should receive is escaped."""
    return _UNFIT_IN_A_NAME.sub(lambda found: ascii(found[0])[1:-1], name)


def _base(path: Path) -> str:
    """Return what a file's name is put behind: nothing in the current folder."""
    return "" if path == Path() else str(path)


def _read(folder: int, path: str, name: str, problems: list[AjourError]) -> Migration | None:
    """Return the file as a migration, or add to `problems` why it cannot be one."""
    file = os.path.join(path, name)  # noqa: PTH118 -- a Path for each of thousands is dear
    try:
        data = _contents(folder, name)
    except OSError as error:
        problems.append(_unopened(error, name, Where(file)))
        return None
    except Refusal as problem:
        problem.where = Where(file)
        problems.append(problem)
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append(_not_utf8(data, error, name, file))
        return None
    if _suspect(data):
        found = tuple(_forbidden(text, name, file))
        if found:
            problems.extend(found)
            return None
    return Migration(name, file, text, sha256(data).hexdigest())


def _suspect(data: bytes) -> bool:
    """Look for the bytes without which nothing forbidden is there; patterns then say what it is."""
    if b"\0" in data or b"\r" in data:
        return True
    return not data.isascii() and any(start in data for start in _BIDI_STARTS)


def _contents(folder: int, name: str) -> bytes:
    """Return the bytes of the regular file `name`, read in one call."""
    handle = os.open(name, _OPEN, dir_fd=folder)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _irregular(status.st_mode, name)
        if status.st_size > LARGEST:
            raise Refusal(
                f"{name} has {status.st_size / 1024**2:.1f} MB; 64 MB is the most.",
                hint="Split it into several files; load large data outside migrations.",
            )
        data = os.read(handle, status.st_size + 1)
    finally:
        os.close(handle)
    if len(data) != status.st_size:
        raise Refusal(
            f"{name} changed while it was being read.",
            hint="Run the command again when nothing writes to the folder.",
        )
    return data


def _unopened(error: OSError, name: str, where: Where) -> Refusal:
    if error.errno in (errno.ELOOP, errno.EMLINK):  # EMLINK: what FreeBSD says
        return Refusal(
            f"{name} is a symbolic link.",
            hint="Put the file itself into the folder: what a link points to can change.",
            where=where,
        )
    if error.errno == errno.ENXIO:
        return _irregular(stat.S_IFSOCK, name, where)
    return Refusal(
        f"{name} cannot be read: {error.strerror}.",
        hint="Make the file readable for the user that runs ajour.",
        where=where,
    )


def _irregular(mode: int, name: str, where: Where | None = None) -> Refusal:
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return Refusal(
        f"{name} is {kinds.get(stat.S_IFMT(mode), 'a device')}, not a file.",
        hint="Rename it, or move it out of the folder.",
        where=where,
    )


def _not_utf8(data: bytes, error: UnicodeDecodeError, name: str, file: str) -> Refusal:
    # Most of Western text in UTF-16 or UTF-32 has a NUL in every second byte, or more.
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data.count(0) * 3 > len(data):
        return _utf16(name, file)
    offset = len(data[: error.start].decode("utf-8"))
    return Refusal(
        f"{name} is not UTF-8: byte 0x{data[error.start]:02x} begins no character.",
        hint="Save the file as UTF-8 (it may be Latin-1 or Windows-1252 now).",
        where=_place(data.decode("utf-8", "replace"), offset, file),
    )


def _utf16(name: str, file: str) -> Refusal:
    return Refusal(
        f"{name} is UTF-16 or UTF-32 text, not UTF-8.",
        hint="Save the file as UTF-8 (in PowerShell: `-Encoding utf8`).",
        where=Where(file, 1, 1),
    )


def _forbidden(text: str, name: str, file: str) -> Iterator[Refusal]:
    """Yield one problem for each kind of character that may not stand in a migration."""
    if text.count("\0") * 3 > len(text):
        yield _utf16(name, file)
        return
    for pattern, what, hint in _FORBIDDEN:
        found = pattern.search(text)
        if found:
            more = len(pattern.findall(text)) - 1
            also = f" ({more} more in this file)" if more else ""
            where = _place(text, found.start(), file)
            yield Refusal(f"{name} {what}{also}.", hint=hint, where=where)


def _place(text: str, offset: int, file: str) -> Where:
    where = place(text, offset, file)
    source = (where.source or "").translate(_VISIBLE)
    return Where(where.file, where.line, where.column, source)


def _findings(path: Path, listing: _Listing) -> Iterator[Finding]:
    """Yield what is worth knowing about the folder: one finding for each kind, with examples."""
    strange = [name for name in listing.names if not PATTERN.fullmatch(name)]
    if strange:
        yield Finding(
            "name-out-of-pattern",
            "warning",
            f"{_some(strange)}: not YYYYMMDD_description.sql.",
            Where(str(path / strange[0])),
            "They run all the same, in the order of their names.",
        )
    yield from _mixed_widths(path, listing.names)
    if listing.upper:
        yield Finding(
            "upper-case-suffix",
            "warning",
            f"{_some(listing.upper)}: does not run, because the suffix is not `.sql`.",
            Where(str(path / listing.upper[0])),
            "Rename it to end in .sql if it is a migration.",
        )
    if listing.nested:
        yield Finding(
            "sql-in-subfolder",
            "warning",
            f"{_some([_shown(name) for name in listing.nested])}: does not run,"
            " because it stands in a sub-folder.",
            Where(_shown(str(path / listing.nested[0]))),
            f"Move it to {path} if it is a migration.",
        )


def _mixed_widths(path: Path, names: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding when number prefixes differ in width: 10_ runs before 9_."""
    numbered = [(found[0], name) for name in names if (found := _PREFIX.match(name))]
    widths = sorted({len(prefix) for prefix, _ in numbered})
    if len(widths) < 2:
        return
    pairs = [(one, two) for one, two in pairwise(numbered) if len(one[0]) != len(two[0])]
    surprises = (pair for pair in pairs if int(pair[0][0]) > int(pair[1][0]))
    (_, before), (_, after) = next(surprises, pairs[0])
    digits = ", ".join(map(str, widths[:-1])) + f" and {widths[-1]}"
    yield Finding(
        "mixed-prefix-widths",
        "warning",
        f"The prefixes have {digits} digits: {before} runs before {after}.",
        Where(str(path / after)),
        "Files run in the order of their characters, never of their numbers.",
    )


def _some(names: Sequence[str]) -> str:
    """Return one to three names, and how many more there are."""
    rest = len(names) - 3
    return ", ".join(names[:3]) + (f" and {rest} more" if rest > 0 else "")
