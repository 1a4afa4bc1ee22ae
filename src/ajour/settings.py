"""Every setting of ajour, declared once: its name, flag, variables, default and meaning.

`ajour config` and the table in docs/formats.md follow `SETTINGS`. Nothing is read here but the
values themselves; where they are found is config.py's business.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from ajour.errors import UsageError
from ajour.model import Finding, Relation
from ajour.profiles import PROFILES, Profile
from ajour.target import Bastion, Target, parse_bastion, parse_url


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by. Times are in milliseconds; 0 is no limit. Paths are absolute."""

    root: Path
    """The project: the folder that holds ajour.toml, supabase/ or the like."""
    url: Target | None
    migrations: Path
    table: Relation
    profile: Profile
    build: tuple[str, ...] | None
    lock_timeout: int
    statement_timeout: int
    wait: int
    allow_out_of_order: bool
    postgres: Path | None
    storage_delete: str
    tunnel: Bastion | None
    mirror: str | None
    show_detail: bool
    window: int
    """Bytes."""
    backup: str
    """auto, always or never."""
    backup_folder: Path | None
    backups_kept: int
    backup_max: int
    """Bytes."""
    rules: Mapping[str, str]
    """The level of a rule by its name, or "off", where it is not the rule's own."""
    origins: Mapping[str, str]
    """Where each value came from, by name: "--table", "SUPABASE_DB_URL in .env", "default".
    Has "password" when PGPASSWORD gave it."""
    findings: tuple[Finding, ...] = ()


class Setting(NamedTuple):
    """The declaration of one setting."""

    name: str
    """The field of `Settings`, and the key in the TOML file."""
    flag: str
    read: Callable[[object, Path], object]
    """From a written value, and the folder that relative paths start from. Raises UsageError."""
    default: object
    """As it would be written in the file; None is no value."""
    help: str
    env: tuple[str, ...] = ()
    """Variables, the first that is set wins; in the process environment, then in `.env`."""
    in_file: bool = True


def describe(settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Return name, value as text without any secret, and origin of each setting."""
    rows = [("root", str(settings.root), "the folder")]
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        shown = _SHOWN.get(setting.read, _shown)(value)
        rows.append((setting.name, shown, settings.origins[setting.name]))
    if settings.url is not None:
        known = "***" if settings.url.password else "none"
        origin = settings.origins.get("password", settings.origins["url"])
        rows.insert(2, ("password", known, origin))
    return tuple(rows)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return show_duration(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={level}" for name, level in value.items()) or "none"
    if isinstance(value, tuple):
        from shlex import join

        return join(value)
    return value.name if isinstance(value, Profile) else str(value)


_UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def show_duration(milliseconds: int) -> str:
    """Return a time in the largest unit that divides it: 900000 is `15min`."""
    for unit, size in reversed(_UNITS.items()):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return "0"


def show_bytes(size: int) -> str:
    """Return a size in the largest unit that divides it: 1048576 is `1MB`."""
    units = (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024), ("", 1))
    return next(f"{size // unit}{name}" for name, unit in units if size % unit == 0)


def _duration(value: object, _base: Path) -> int:
    found = re.fullmatch(r"([0-9]{1,12})\s*(ms|s|min|h|d)|0", value) if _is_text(value) else None
    if not found:
        raise UsageError(
            f"{value!r} is not a time.",
            hint="Write a number and its unit in quotes, such as '5s', '15min' or '500ms'.",
        )
    milliseconds = int(found[1]) * _UNITS[found[2]] if found[1] else 0
    if milliseconds > 2**31 - 1:
        raise UsageError(f"{value!r} is too long.", hint="PostgreSQL's limit is 24 days.")
    return milliseconds


def _bytes(value: object, _base: Path) -> int:
    found = re.fullmatch(r"([0-9]{1,9})\s*(kb|mb|gb)?", str(value).lower())
    if not found or not int(found[1]):
        raise UsageError(f"{value!r} is not a size.", hint="Write a number of bytes, or '1MB'.")
    return int(found[1]) * {None: 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}[found[2]]


def _count(value: object, _base: Path) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,3}", str(value)):
        raise UsageError(f"{value!r} is not a number from 1 to 9999.", hint="Write 5, say.")
    return int(str(value))


_SHOWN: dict[object, Callable[[Any], str]] = {_bytes: show_bytes, _count: str}
"""How values are shown that are not shown like others, by what reads them."""


def _backup(value: object, _base: Path) -> str:
    if value not in ("auto", "always", "never"):
        raise UsageError(f"{value!r} is not an answer.", hint="It is auto, always or never.")
    return str(value)


def _path(value: object, base: Path) -> Path:
    if isinstance(value, Path):
        return base / value
    if not _is_text(value):
        raise UsageError(f"{value!r} is not a path.", hint="Write a path in quotes.")
    return base / value


def _table(value: object, _base: Path) -> Relation:
    # 51 and "_in_progress" are what PostgreSQL keeps of a name.
    found = (
        re.fullmatch(r"(?:([^\W\d][\w$]{0,62})\.)?([^\W\d][\w$]{0,50})", value)
        if _is_text(value)
        else None
    )
    if not found:
        raise UsageError(
            f"{value!r} is not the name of a table.",
            hint="Write schema.table without quotation marks, such as public.migrations.",
        )
    return Relation(found[1] or "public", found[2])


def _profile(value: object, _base: Path) -> Profile:
    profile = PROFILES.get(value) if _is_text(value) else None
    if profile is None:
        raise UsageError(f"{value!r} is not a profile.", hint=f"It is {' or '.join(PROFILES)}.")
    return profile


def _command(value: object, _base: Path) -> tuple[str, ...]:
    """Return the words of a command; no shell reads it."""
    words = value
    if _is_text(value):
        import shlex  # only when there is a command

        try:
            words = shlex.split(value)
        except ValueError as error:
            raise UsageError(f"{value!r} is not a command: {error}.") from None
        if any(re.fullmatch(r"[|&;<>]+.*", word) for word in words):
            raise UsageError(
                "The command needs a shell, and none reads it.",
                hint="Put the steps into a script, or write ['sh', '-c', '…'].",
            )
    if not isinstance(words, list) or not words or not all(map(_is_text, words)):
        raise UsageError(
            f"{value!r} is not a command.",
            hint='Write its words as a list, such as ["npm", "run", "compile"].',
        )
    return tuple(words)


def switch(value: object, _base: Path) -> bool:
    """Read a setting that is on or off; as a flag it takes no value. Raises UsageError."""
    if not isinstance(value, bool):
        raise UsageError(f"{value!r} is neither true nor false.", hint="Write true or false.")
    return value


def _url(value: object, _base: Path) -> Target:
    return parse_url(str(value))


def _mirror(value: object, _base: Path) -> str:
    if value != "supabase":
        raise UsageError(
            f"{value!r} is no history that can be kept beside ajour's.", hint="It is supabase."
        )
    return "supabase"


def _tunnel(value: object, _base: Path) -> Bastion:
    return parse_bastion(str(value).strip())


def _storage_delete(value: object, _base: Path) -> str:
    if value not in ("refuse", "allow"):
        raise UsageError(f"{value!r} is not an answer.", hint="It is refuse or allow.")
    return str(value)


def _rules(value: object, _base: Path) -> Mapping[str, str]:
    if isinstance(value, str):
        pairs = [each.partition("=") for each in value.split(",") if each.strip()]
        value = {name.strip(): level.strip() for name, _, level in pairs}
    if not isinstance(value, dict):
        raise UsageError(
            f"{value!r} gives no levels to rules.",
            hint='Write [rules] and below it lines such as drop-table = "warning".',
        )
    if value:
        from ajour.check import known_names  # only when there is something to know

        for name, level in value.items():
            if name not in known_names():
                raise UsageError(f"There is no rule {name!r}.", hint=_near(name, known_names()))
            if level not in ("off", "info", "warning", "error"):
                raise UsageError(
                    f"{level!r} is no level for {name}.", hint="It is off, info, warning or error."
                )
    return value


def _near(name: str, names: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.replace("_", "-"), names, 1)
    return f"Did you mean `{near[0]}`?" if near else "docs/rules/ lists them."


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)


URL_VARIABLES = ("SUPABASE_DB_URL", "DATABASE_URL")

SETTINGS = (
    Setting(
        "url",
        "--url",
        _url,
        None,
        "The database, as postgresql://user:password@host:5432/database.",
        env=URL_VARIABLES,
        in_file=False,
    ),
    Setting(
        "migrations", "--migrations", _path, "supabase/migrations", "The folder of migrations."
    ),
    Setting("table", "--table", _table, "public.migrations", "The table of the history."),
    Setting(
        "profile",
        "--profile",
        _profile,
        None,
        "What the database brings along: `supabase` or `plain`."
        " Without it, `supabase` if the project has a folder of that name.",
    ),
    Setting("build", "--build", _command, None, "What `ajour deploy` runs first; no shell."),
    Setting(
        "lock_timeout",
        "--lock-timeout",
        _duration,
        "5s",
        "How long a statement waits for a lock before its step is rolled back.",
    ),
    Setting(
        "statement_timeout", "--statement-timeout", _duration, "15min", "How long a statement runs."
    ),
    Setting(
        "wait",
        "--wait",
        _duration,
        "60s",
        "How long to wait for another ajour that gets no further, or a server that went away.",
    ),
    Setting(
        "allow_out_of_order",
        "--allow-out-of-order",
        switch,
        False,
        "Let `ajour deploy` apply a file that sorts before an applied one.",
    ),
    Setting(
        "postgres",
        "--postgres",
        _path,
        None,
        "The PostgreSQL for the embedded server: a directory with bin/.",
        env=("AJOUR_POSTGRES",),
    ),
    Setting(
        "storage_delete",
        "--storage-delete",
        _storage_delete,
        "refuse",
        "What the embedded server does when rows of `storage` are deleted by SQL: `refuse`, as"
        " Supabase does, or `allow`, for projects from before it did.",
    ),
    Setting(
        "tunnel",
        "--tunnel",
        _tunnel,
        None,
        "The SSH server to reach the database through, as user@host or user@host:port.",
        env=("AJOUR_TUNNEL",),
    ),
    Setting(
        "mirror",
        "--mirror",
        _mirror,
        None,
        "Another tool's history to keep as well: `supabase`.",
    ),
    Setting(
        "show_detail",
        "--show-detail",
        switch,
        None,
        "Show the server's DETAIL, which may hold rows. Without it: yes, but not in CI.",
    ),
    Setting(
        "window",
        "--window",
        _bytes,
        "1MB",
        "How much is sent ahead of the server's answers; 1 sends file by file, and waits for the"
        " disk at each.",
    ),
    Setting(
        "backup",
        "--backup",
        _backup,
        "auto",
        "Whether `ajour deploy` saves the database first: `auto`, before what destroys or rewrites,"
        " `always` or `never`.",
    ),
    Setting(
        "backup_folder",
        "--backup-folder",
        _path,
        None,
        "Where backups lie. Without it, in the user's own folder for such things"
        " (`~/.local/state/ajour`).",
    ),
    Setting(
        "backups_kept", "--backups-kept", _count, 5, "How many backups of a database are kept."
    ),
    Setting(
        "backup_max",
        "--backup-max",
        _bytes,
        "20GB",
        "How large the tables may be, for a backup to be made.",
    ),
    Setting(
        "rules",
        "--rules",
        _rules,
        {},
        "Levels of rules: in the file a table of names and `off`, `info`, `warning` or `error`;"
        " as a flag `drop-table=off,truncate=warning`.",
    ),
)
