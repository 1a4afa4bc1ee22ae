"""The project's folder, and its file of settings: ajour.toml, or [tool.ajour] in pyproject.toml."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ajour.errors import UsageError
from ajour.model import Where

NAMES = ("ajour.toml", "pyproject.toml")

_URL_KEYS = ("url", "db_url", "database_url", "supabase_db_url", "password")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The settings of a TOML file, and how it is called in messages."""

    name: str
    path: str
    text: str
    values: Mapping[str, object]

    def where(self, key: str) -> Where:
        """Return where a key stands, as far as that can be seen without a parser."""
        found = re.search(
            rf"^\s*(?:\[(?:tool\.ajour\.)?)?[\"']?{re.escape(key)}[\"']?\s*[=.\]]", self.text, re.M
        )
        return Where(self.path, self.text.count("\n", 0, found.end()) + 1 if found else None)


def find_root(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, that is a project's; else `start`."""
    start = Path(os.path.abspath(start))  # noqa: PTH100 - `..` goes, links stay as they are
    for folder in (start, *start.parents):
        if any(exists(folder / name) for name in ("ajour.toml", "supabase", ".git")):
            return folder
        if _read(folder / "pyproject.toml", start):
            return folder
    return start


def exists(path: Path) -> bool:
    """Tell whether there is such a path, as far as we may see."""
    try:
        return path.exists()
    except OSError:
        return False


def read_toml(root: Path, start: Path, known: Iterable[str]) -> TomlFile | None:
    """Return the settings that the project's TOML file gives, or None.

    Files are named as they are seen from `start`. Raises UsageError when both files have
    settings, when a file is not TOML, for a key that is not `known`, and for a database URL.
    """
    files = [file for name in NAMES if (file := _read(root / name, start))]
    if len(files) > 1:
        raise UsageError(
            "Both ajour.toml and pyproject.toml have settings.",
            hint="Keep them in one of the two.",
            where=Where(files[1].path),
        )
    if not files:
        return None
    for key, value in files[0].values.items():
        _check(files[0], key, value, tuple(known))
    return files[0]


def _read(path: Path, start: Path) -> TomlFile | None:
    """Return the file's settings, or None when it has none."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageError(f"{path} cannot be read: {why}.") from None
    shared = path.name == "pyproject.toml"
    if shared and "ajour" not in text:
        return None
    shown = os.path.relpath(path, start)
    values = _parsed(text, shown)
    name = path.name
    if shared:
        name = "[tool.ajour] in pyproject.toml"
        tool = values.get("tool")
        values = tool.get("ajour", {}) if isinstance(tool, dict) else {}
        if not isinstance(values, dict):
            raise UsageError("tool.ajour in pyproject.toml is not a table.", where=Where(shown))
    return TomlFile(name, shown, text, values) if values else None


def _parsed(text: str, shown: str) -> dict[str, object]:
    import tomllib  # only when there is a file to read

    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        # The parser's message ends with the place, and holds at most one character of the file.
        message, _, place = str(error).partition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        line, column = (int(found[1]), int(found[2])) if found else (None, None)
        raise UsageError(
            f"{shown} is not valid TOML: {message}.", where=Where(shown, line, column)
        ) from None


def _check(file: TomlFile, key: str, value: object, known: tuple[str, ...]) -> None:
    where = file.where(key)
    if key in _URL_KEYS or (isinstance(value, str) and re.match(r"(jdbc:)?postgres\S*:", value)):
        raise UsageError(
            f"`{key}` in {file.name}: a database URL or password does not belong in a file that"
            " is committed.",
            hint="Put SUPABASE_DB_URL=… into .env (and .env into .gitignore), or set it in the"
            " environment.",
            where=where,
        )
    if key in known:
        return
    if key == "tool" and file.name == "ajour.toml":
        hint = "In ajour.toml the settings stand at the top, without [tool.ajour]."
    else:
        from difflib import get_close_matches  # only when something is wrong

        near = get_close_matches(key.replace("-", "_"), known, 1)
        hint = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(known)}."
    raise UsageError(f"`{key}` in {file.name} is not a setting.", hint=hint, where=where)
