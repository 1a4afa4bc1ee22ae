"""Reads a catalog from a database: one snapshot, two round trips, nothing written."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ajour.catalog.macros import expand
from ajour.catalog.objects import Catalog, Grant, Identity, Object, Value
from ajour.db.rows import fetch, transact
from ajour.db.session import Session
from ajour.db.wire import Query
from ajour.profiles import PLAIN, Profile

BEGIN = "begin isolation level repeatable read read only"

SETTINGS = {
    "search_path": "",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "quote_all_identifiers": "off",
    "statement_timeout": "0",
    "lock_timeout": "10s",
}
"""What decides how the server writes names and constants, and how long we wait: to write a view's
query it locks the tables in it, as a SELECT does."""

NOT_OBJECTS = ("objects", "depends", "aliases")
"""Queries of the file that do not give objects of one kind."""

ON_OTHERS_TABLES = frozenset({"trigger", "policy"})
"""Kinds that a project makes on tables that are not its own."""

Row = list[Any]


def read(session: Session, profile: Profile = PLAIN) -> Catalog:
    """Return all that is in the schemas of the database, as it is at one moment.

    Left out are PostgreSQL's own objects, those of extensions, temporary ones, and of the profile
    its managed schemas and what its platform's roles own; triggers and policies of the project
    on managed tables are in. Not read: large objects, security labels of roles and databases, and
    what is secret: options of user mappings, options and settings with a name that says so.
    Changes nothing. Raises ServerError, ConnectionFailed.
    """
    managed = (",".join(sorted(profile.managed_schemas)),)
    settings = ", ".join(f"set_config('{key}', '{text}', true)" for key, text in SETTINGS.items())
    pgconn = session.pgconn
    version = int(fetch(pgconn, "show server_version_num")[0][0] or 0)
    queries = statements(version // 10000)
    answers = transact(
        pgconn,
        Query(f"select current_user, {settings}"),
        *(Query(text, managed) for text in queries.values()),
        begin=BEGIN,
    )
    user = str(answers[0][0][0])
    found = dict(
        zip(queries, (json.loads(rows[0][0] or "[]") for rows in answers[1:]), strict=True)
    )
    depends, aliases = found.pop("depends"), dict(found.pop("aliases"))
    rows = [row for answer in found.values() for row in answer]
    return Catalog(assemble(rows, depends, aliases, profile), version, user)


@cache
def statements(major: int) -> dict[str, str]:
    """Return the queries for servers of this major version, by their names."""
    blocks = Path(__file__).with_name("queries.sql").read_text("utf-8").split("\n-- name: ")[1:]
    texts = {}
    for block in blocks:
        name, _, text = block.partition("\n")
        if _fits(name, major):
            texts[name.partition(" -- ")[0]] = _written(text, major)
    frame = texts["objects"]
    return {
        name: text if name in NOT_OBJECTS else frame.replace(":query", text)
        for name, text in texts.items()
        if name != "objects"
    }


def _written(text: str, major: int) -> str:
    """Return a query without comments and other versions' lines, its macros put in."""
    lines = [line for line in text.splitlines() if _fits(line, major) and line[:2] != "--"]
    bare = "\n".join(re.sub(r" -- \d+[+-]$", "", line) for line in lines)
    return expand(bare)


def _fits(line: str, major: int) -> bool:
    """Tell whether a line is for this major: it may end in `-- 15+` or `-- 14-`."""
    mark = re.search(r" -- (\d+)([+-])$", line)
    if mark is None:
        return True
    return major >= int(mark[1]) if mark[2] == "+" else major <= int(mark[1])


def assemble(
    rows: list[Row], depends: list[list[str]], aliases: dict[str, str], profile: Profile
) -> dict[Identity, Object]:
    """Make objects of the answers: rows as the query "objects" gives them, and pairs of keys."""
    rows = [row for row in rows if not _is_the_platforms(row, profile.platform_roles)]
    holders = {
        (row[1], row[2]): Identity(*row[:4]) for row in rows if not row[3] and row[0] in HOLDERS
    }
    publications = {row[2] for row in rows if row[0] == "publication"}
    kept = [
        row
        for row in rows
        if (not row[3] or (row[1], row[3]) in holders or row[0] in ON_OTHERS_TABLES | FREE)
        and (row[0] not in PUBLISHED or row[2] in publications)
    ]
    keys = {row[4]: Identity(*row[:4]) for row in kept}
    needs: dict[Identity, set[Identity]] = {}
    for dependent, wanted in depends:
        first, second = _resolve(dependent, keys, aliases), _resolve(wanted, keys, aliases)
        if first is not None and second is not None and first != second:
            needs.setdefault(first, set()).add(second)
    return {
        identity: _object(row, identity, holders.get((row[1], row[3])), needs.get(identity, set()))
        for row in kept
        if (identity := keys[row[4]])
    }


def _is_the_platforms(row: Row, roles: tuple[str, ...]) -> bool:
    """Tell whether one of these roles owns an object, or whether it is about what they make."""
    return row[5] in roles or (row[0] == "default privileges" and row[2] in roles)


HOLDERS = frozenset(
    {"table", "foreign table", "view", "materialized view", "type", "domain"},
)
"""Kinds that other objects are a part of. They share one set of names in each schema."""

PUBLISHED = frozenset({"publication table", "publication schema"})
"""Kinds that a publication is made of."""

FREE = frozenset(
    {
        *("default privileges", "user mapping", "publication table", "role setting"),
        *("database setting", "security label"),
    }
)
"""Kinds whose fourth name is not that of an object that they are a part of."""


def _resolve(key: str, keys: dict[str, Identity], aliases: dict[str, str]) -> Identity | None:
    """Return the object that a key of pg_depend means; of a column that is none, its relation."""
    whole, _, column = key.rpartition(":")
    if column == "0":
        key = aliases.get(key, key)
        whole, _, column = key.rpartition(":")
    found = keys.get(key)
    if found is None and column != "0":
        return _resolve(f"{whole}:0", keys, aliases)
    return found


def _object(row: Row, identity: Identity, parent: Identity | None, needs: set[Identity]) -> Object:
    _, _, _, table, _, owner, comment, grants, lacks, definition, attributes = row
    parent = parent if table and identity.kind not in FREE else None
    if attributes.get("identity") and identity.kind == "sequence":
        parent = next((each for each in needs if each.kind == "column"), None)
    return Object(
        identity,
        dict(_attributes(attributes)),
        definition,
        owner,
        comment,
        _grants(grants) if grants else (),
        tuple(sorted(lacks or ())),
        tuple(sorted(needs - {parent})) if needs else (),
        parent,
    )


@cache
def _grants(listed: str) -> tuple[Grant, ...]:
    """Make the grants of a list in JSON: most tables have the same ones."""
    return tuple(sorted(Grant(*grant) for grant in json.loads(listed)))


def _attributes(found: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    """Yield what is not the default; JSON's lists become tuples."""
    for name, value in found.items():
        if isinstance(value, list):
            if value:
                yield name, tuple(value)
        elif value is not None:
            yield name, value
