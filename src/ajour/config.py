"""Finds the settings of a run: flags, environment, `.env`, a TOML file, then the defaults.

The environment is an argument. Of libpq's own variables only PGPASSWORD is looked at, for a URL
that has no password: nothing else may choose where a run goes.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ajour import dotenv
from ajour.errors import UsageError
from ajour.model import Finding, Where
from ajour.profiles import PLAIN, SUPABASE
from ajour.settings import SETTINGS, Setting, Settings
from ajour.target import Target
from ajour.tomlfile import TomlFile, exists, find_root, read_toml


def load(
    start: Path, flags: Mapping[str, object], environ: Mapping[str, str], *, with_url: bool = True
) -> Settings:
    """Return the settings for a command that runs in the folder `start`.

    `flags` are by setting name; None is a flag that was not given. Without `with_url` no URL is
    looked for, so that a wrong one does not stop a command that needs no database.
    Raises UsageError for a value that cannot be used, with its origin and its place.
    """
    unknown = flags.keys() - {setting.name for setting in SETTINGS}
    if unknown:
        raise UsageError(f"There is no setting {', '.join(sorted(unknown))}.")
    sources = _Sources(start, find_root(start), flags, environ)
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        given = _Given(None, "default", sources.root)
        if setting.name != "url" or with_url:
            given = next(sources.given(setting), given)
        values[setting.name] = None if given.value is None else _read(setting, given)
        origins[setting.name] = given.origin
    if values["profile"] is None:
        values["profile"] = PLAIN
        if exists(sources.root / "supabase"):
            values["profile"], origins["profile"] = SUPABASE, "the folder supabase/"
    if values["show_detail"] is None:
        values["show_detail"] = environ.get("CI", "").lower() in ("", "0", "false")
    target = values["url"]
    if isinstance(target, Target) and target.password is None:
        password = next(sources.variable("PGPASSWORD"), None)
        if password:
            values["url"] = replace(target, password=str(password.value))
            origins["password"] = password.origin
    findings = tuple(sources.findings(values["url"], origins))
    return Settings(sources.root, **values, origins=origins, findings=findings)  # type: ignore[arg-type]  # the names and types are those of SETTINGS, which a test holds


def password_on_command_line() -> Finding:
    """Return what is unwise about a URL in a flag."""
    return Finding(
        "password-on-command-line",
        "warning",
        "The password stands on the command line, where other users can read it.",
        help="Set SUPABASE_DB_URL, in the environment or in .env.",
    )


class _Given(NamedTuple):
    """A value as it was written, and where."""

    value: object
    origin: str
    base: Path
    where: Where | None = None


def _read(setting: Setting, given: _Given) -> object:
    try:
        return setting.read(given.value, given.base)
    except UsageError as error:
        raise UsageError(
            f"{setting.name}, from {given.origin}: {error.message}",
            hint=error.hint,
            where=given.where,
        ) from None


@dataclass
class _Sources:
    """Where values come from. Files are read when they are needed, and once."""

    start: Path
    root: Path
    flags: Mapping[str, object]
    environ: Mapping[str, str]

    def given(self, setting: Setting) -> Iterator[_Given]:
        """Yield each value that is written for the setting, the one that counts first."""
        if self.flags.get(setting.name) is not None:
            yield _Given(self.flags[setting.name], setting.flag, self.start)
        for name in setting.env:
            yield from self._environment(name)
        for name in setting.env:
            yield from self._dotenv(name)
        if self.file and setting.name in self.file.values:
            yield _Given(
                self.file.values[setting.name],
                self.file.name,
                self.root,
                self.file.where(setting.name),
            )
        if setting.default is not None:
            yield _Given(setting.default, "default", self.root)

    def variable(self, name: str) -> Iterator[_Given]:
        """Yield what a variable is set to."""
        yield from self._environment(name)
        yield from self._dotenv(name)

    def _environment(self, name: str) -> Iterator[_Given]:
        value = self.environ.get(name)
        if value is None:
            return
        if not value.strip():
            # Most often a secret that the CI does not know: to go on would be to guess.
            raise UsageError(
                f"{name} is set in the environment, but it is empty.",
                hint=f"Give it a value, or `unset {name}`.",
            )
        yield _Given(value, f"{name} in the environment", self.start)

    def _dotenv(self, name: str) -> Iterator[_Given]:
        if self.dotenv is None:
            return
        file = os.path.relpath(self.root / ".env", self.start)
        entry = dotenv.read(self.dotenv, file, name)
        if entry and entry.value.strip():  # `NAME=` in a copied .env.example is not set
            yield _Given(entry.value, f"{name} in .env", self.root, Where(file, entry.line))

    @cached_property
    def dotenv(self) -> str | None:
        """The text of the project's .env."""
        path = self.root / ".env"
        try:
            data = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
        if b"\0" in data:
            raise UsageError(f"{path} is not UTF-8 text.", hint="Save it as UTF-8.")
        return data.decode("utf-8", "surrogateescape")

    @cached_property
    def file(self) -> TomlFile | None:
        """The project's TOML file."""
        return read_toml(self.root, self.start, [s.name for s in SETTINGS if s.in_file])

    def findings(self, target: object, origins: Mapping[str, str]) -> Iterator[Finding]:
        """Yield what is unwise about where the password stands."""
        if not isinstance(target, Target) or not target.secrets or target.is_local:
            return
        origin = origins.get("password", origins["url"])
        if origin == "--url":
            yield password_on_command_line()
        path = self.root / ".env"
        if origin.endswith(" in .env") and path.stat().st_mode & 0o004:
            yield Finding(
                "world-readable-secret",
                "warning",
                "Every user of this machine can read the database password in .env.",
                Where(os.path.relpath(path, self.start)),
                "chmod 600 .env",
            )
