"""What a Supabase project says in supabase/config.toml and by the names of its files.

Only what matters here is looked at, and nothing that is wrong there stops a run of ours: the
file is the Supabase CLI's.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from ajour.model import Finding, Where

FOLDER = "supabase"
CONFIG = f"{FOLDER}/config.toml"

_CLI_NAME = re.compile(r"([0-9]+)_(.*)\.sql")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of supabase/config.toml that ajour heeds. Paths are patterns."""

    root: Path
    """The project, as it is called in messages."""
    seed: bool = True
    seed_paths: tuple[str, ...] = ("./seed.sql",)
    schema_paths: tuple[str, ...] = ()
    major_version: int | None = None
    served: tuple[str, ...] = ("public",)
    """Schemas that the API serves, those of the platform among them. GraphQL serves what is on the
    search_path."""
    findings: tuple[Finding, ...] = ()

    def files(self, patterns: Iterable[str]) -> tuple[Path, ...]:
        """Return the files that patterns find: in their order, each one's by name, none twice."""
        found = chain.from_iterable(self.find(pattern) for pattern in patterns)
        return tuple(dict.fromkeys(found))

    def find(self, pattern: str) -> list[Path]:
        """Return the files that a pattern finds, by name. It starts from the folder supabase/."""
        from glob import glob  # only where there is a pattern; Path.glob knows no absolute ones

        folder = self.root / FOLDER
        names = sorted(glob(pattern, root_dir=folder))  # noqa: PTH207
        paths = (folder / name for name in names)
        return [Path(os.path.normpath(path)) for path in paths if path.is_file()]


def read_config(root: Path) -> Config:
    """Return what supabase/config.toml of the project says; the defaults where there is none."""
    path = root / CONFIG
    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Config(root)
    except (OSError, UnicodeDecodeError):
        return Config(root, findings=(_unread(path, "it cannot be read"),))
    import tomllib  # only when there is a file to read

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Config(root, findings=(_unread(path, str(error)),))
    db = _table(values, "db")
    seed, migrations = _table(db, "seed"), _table(db, "migrations")
    api = _table(values, "api")
    served = _texts(api.get("schemas"), ("public", "graphql_public"))
    if "graphql_public" in served:
        served += _texts(api.get("extra_search_path"), ("public", "extensions"))
    major = db.get("major_version")
    return Config(
        root,
        seed=seed.get("enabled") is not False,
        seed_paths=_texts(seed.get("sql_paths"), ("./seed.sql",)),
        schema_paths=_texts(migrations.get("schema_paths"), ()),
        major_version=major if isinstance(major, int) else None,
        served=tuple(dict.fromkeys(served)),
    )


def cli_version(name: str) -> tuple[str, str] | None:
    """Return version and title of a file as the Supabase CLI has them; None: it skips the file."""
    found = _CLI_NAME.fullmatch(name)
    return (found[1], found[2]) if found else None


def unmirrored(names: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each kind of file that the Supabase CLI's history cannot list."""
    first: dict[str, str] = {}
    skipped, second = [], []
    for name in names:
        version = cli_version(name)
        if version is None:
            skipped.append(name)
        elif first.setdefault(version[0], name) != name:
            second.append(f"{name} (after {first[version[0]]})")
    for which, why in (
        (skipped, "the Supabase CLI skips such a name"),
        (second, "its history has room for one file with these digits"),
    ):
        if which:
            yield Finding(
                "not-mirrored",
                "warning",
                f"Not listed in supabase_migrations.schema_migrations: {_some(which)}: {why}.",
                help="They run, and ajour's own history lists them.",
            )


def about(config: Config, migrations: Path, embedded: int | None) -> Iterator[Finding]:
    """Yield what of the configuration has no effect here, or another one.

    `embedded` is the major version of the embedded server, None on another one.
    """
    yield from config.findings
    path = str(config.root / CONFIG)
    schemas = [
        file
        for file in config.files(config.schema_paths)
        if file.absolute().parent != migrations.absolute()  # there they are run
    ]
    if schemas:
        names = _some([str(file) for file in schemas])
        yield Finding(
            "declarative-schema",
            "info",
            f"The files of schema_paths are not run by ajour: {names}.",
            Where(path),
            "`supabase db diff` makes a migration of them; that one is run.",
        )
    if embedded and config.major_version and embedded != config.major_version:
        yield Finding(
            "other-major-version",
            "info",
            f"The project says PostgreSQL {config.major_version}; the embedded server is"
            f" PostgreSQL {embedded}.",
            Where(path),
            "The setting `postgres` names another one for it.",
        )


def seed_files(config: Config) -> tuple[tuple[Path, ...], tuple[Finding, ...]]:
    """Return the seed files in the order they run, and what is worth knowing about them."""
    where = Where(str(config.root / CONFIG))
    if not config.seed:
        off = "[db.seed] is not enabled: no seed file is run."
        return (), (Finding("seed-disabled", "info", off, where),)
    # The usual pattern finds nothing where there is no seed; that is worth no word.
    empty = [each for each in config.seed_paths if each != "./seed.sql" and not config.find(each)]
    return config.files(config.seed_paths), tuple(
        Finding("no-such-seed", "warning", f"No file is found by {pattern!r}.", where)
        for pattern in empty
    )


def _unread(path: Path, why: str) -> Finding:
    return Finding(
        "config-not-read",
        "warning",
        f"{path.name} is passed over: {why}.",
        Where(str(path)),
        "ajour goes by the defaults of the Supabase CLI.",
    )


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def _texts(value: object, default: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list):
        return default
    return tuple(each for each in value if isinstance(each, str))


def _some(names: list[str]) -> str:
    """Return one to three names, and how many more there are."""
    rest = len(names) - 3
    return ", ".join(names[:3]) + (f" and {rest} more" if rest > 0 else "")
