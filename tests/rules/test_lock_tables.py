from collections.abc import Iterator

import pytest

from ajour.db.observe import observe
from ajour.effects import Observation
from ajour.sql.split import split
from servers import Connection, Server, connect
from traces import (
    CACHED,
    OWN,
    REASSIGN,
    Row,
    claimed,
    different,
    fixture,
    fixture_schema,
    recorded,
    rows,
    seen_by_table,
)

ROWS = {row.sql: row for row in rows()}

WORSE = {
    "alter table t alter column ts type timestamptz": "no rewrite, as TimeZone is UTC: not known",
    "truncate t": "the index build scans a file that is empty by then",
    "truncate par cascade": "the same",
    CACHED: "ACCESS SHARE on the sequence, or not",
    REASSIGN: "what a role owns is not known",
}
"""Statements whose claim is not what is seen, and why."""


@pytest.fixture(scope="module")
def lab(server: Server) -> Iterator[Connection]:
    """Give a database with the fixture; what is tried in it is rolled back."""
    with server.database(supabase=False) as url, connect(url) as connection:
        connection.execute("set timezone = 'UTC'")
        for statement in split(fixture()):
            connection.execute(statement.text.encode())
        yield connection


def watch(lab: Connection, sql: str) -> Observation:
    """Run one statement in the fixture and return what it did."""
    return observe(lab.pgconn, split(sql))[0]


def major(lab: Connection) -> int:
    """Return the server's major version."""
    return lab.info.server_version // 10000


def test_the_fixture_and_all_statements_are_there() -> None:
    """172 statements were recorded, each on the majors 13 to 18."""
    assert len(ROWS) == 172
    assert all(set(row.recorded) == set(range(13, 19)) for row in rows())


@pytest.mark.parametrize("sql", ROWS)
def test_what_is_seen_is_what_was_recorded(lab: Connection, sql: str) -> None:
    """The watcher sees on this server what another tool saw on the same major."""
    text, seen = ROWS[sql].recorded[major(lab)], watch(lab, sql)
    if text.startswith("ERR") or seen.error:
        assert f"ERR {seen.error}" == text or "error" in OWN.get(sql, ())
        return
    assert different(sql, text, seen.relations) == []


@pytest.mark.parametrize("sql", ROWS)
def test_what_is_claimed_is_what_is_seen(lab: Connection, sql: str) -> None:
    """What the text alone tells is what the server does, for every table."""
    seen = watch(lab, sql)
    if seen.error is not None:
        assert ROWS[sql].recorded[major(lab)].startswith("ERR") or sql == REASSIGN
        return
    claims = claimed(sql, fixture_schema(), major(lab))
    if sql in WORSE:
        assert claims != seen_by_table(seen) or sql == CACHED
    else:
        assert claims == seen_by_table(seen)


EMPTY = {"unl", "tser"}
"""Tables of the fixture without a row: a scan of them was not recorded as one."""


@pytest.mark.parametrize("number", range(13, 19))
def test_what_is_claimed_is_what_was_recorded(number: int) -> None:
    """The claims hold for the majors 13 to 18, also for those that are not at hand."""
    different = [row.sql for row in rows() if not _agrees(row, number)]
    assert different == [sql for sql in ROWS if sql in _unlike(number)]


def _unlike(number: int) -> set[str]:
    """Return the statements that differ in their nature: those above, but what agrees anyway."""
    agreed = {"truncate t", "truncate par cascade"} | (set() if number == 15 else {CACHED})
    if number not in {15, 18}:
        agreed |= {REASSIGN}
    return set(WORSE) - agreed


def _agrees(row: Row, number: int) -> bool:
    text = row.recorded[number]
    if text.startswith("ERR"):
        return True
    schema = fixture_schema()
    there = {str(each).removeprefix("lab."): each for each in schema.tables}
    was = recorded(text)
    claims = {
        name.removeprefix("lab."): did for name, did in claimed(row.sql, schema, number).items()
    }
    return (
        {name: mode for name, mode in was.tables.items() if name in there or "." in name}
        == {name: did[0] for name, did in claims.items()}
        and was.rewrites == {name for name, did in claims.items() if did[1]}
        and was.scans == {name for name, did in claims.items() if did[2]} - EMPTY
        and (was.built > 0) == any(did[3] for did in claims.values())
    ) or row.sql.startswith("create table nt(like t")  # it builds indexes of the new table
