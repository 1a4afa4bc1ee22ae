from collections.abc import Iterator

import pytest

from ajour.db.observe import observe
from ajour.sql.parse import parse
from ajour.sql.schema import Schema
from ajour.sql.split import split
from ajour.sql.type_change import change_of, keeps_index
from ajour.sql.types import Type, read_type
from ajour.sql.volatile import STEADY, VOLATILE
from servers import Connection, Server, connect
from traces import DATA, MORE, at_least, claimed, known_after, may_touch_others, seen_by_table

STATEMENTS = tuple((DATA / "more_statements.sql").read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def lab(server: Server) -> Iterator[Connection]:
    """Give a database with the fixture; what is tried in it is rolled back."""
    with server.database(supabase=False) as url, connect(url) as connection:
        connection.execute("set timezone = 'UTC'")
        for statement in split(MORE):
            connection.execute(statement.text.encode())
        yield connection


@pytest.fixture(scope="module")
def known() -> Schema:
    """Give what the text of the fixture tells."""
    return known_after(MORE)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_what_is_claimed_is_what_is_seen(lab: Connection, known: Schema, sql: str) -> None:
    """A certain claim is what the server does; an uncertain one says that, or worse."""
    major = lab.info.server_version // 10000
    observation = observe(lab.pgconn, split(sql))[0]
    assert observation.error is None
    seen = seen_by_table(observation)
    certain = claimed(sql, known, major, certain=True)
    uncertain = claimed(sql, known, major, certain=False)
    if sql.startswith("truncate"):  # the index build scans a file that is empty by then
        seen = {name: (did[0], did[1], False, did[3]) for name, did in seen.items()}
    assert certain == {name: seen.get(name) for name in certain}
    named = {name: did for name, did in seen.items() if name in uncertain}
    assert all(at_least(uncertain[name], did) for name, did in named.items())
    others = seen.keys() - certain.keys() - uncertain.keys()
    assert not others or may_touch_others(sql, known, major)


FAMILIES = (
    ("smallint", "int", "bigint", "oid", "regclass", "regtype", "numeric", "boolean"),
    ("numeric", "numeric(10)", "numeric(10,2)", "numeric(12,2)", "numeric(12,4)", "real"),
    ("text", "varchar", "varchar(10)", "varchar(20)", "char(5)", "char(9)", "bpchar", "citext"),
    ("text", "name", '"char"', "xml", "json", "jsonb", "uuid", "inet", "cidr", "bytea"),
    ("bit(4)", "bit(8)", "varbit", "varbit(8)", "varbit(16)"),
    ("date", "timestamp", "timestamp(3)", "timestamp(6)", "timestamptz", "timestamptz(3)"),
    ("timestamp(3)", "timestamptz(3)", "timestamptz(6)", "time", "time(3)", "time(6)", "timetz"),
    ("interval", "interval(3)", "interval(6)", "interval day to second(3)", "interval year"),
    ("interval", "interval day", "interval hour to minute", "interval second(2)", "time"),
    ("text[]", "varchar(10)[]", "varchar(20)[]", "varchar[]", "int[]", "bigint[]", "text"),
)


@pytest.mark.parametrize("types", FAMILIES)
def test_changes_of_types(lab: Connection, types: tuple[str, ...]) -> None:
    """What a change of type makes of a table and its index is what the server does."""
    tried = {(old, new): _tried(lab, old, new) for old in types for new in types}
    casts = {pair: did for pair, did in tried.items() if did is not None}
    assert {pair: _concluded(*pair) for pair in casts} == casts
    assert len(casts) > len(types)


def _tried(lab: Connection, old: str, new: str) -> tuple[bool, bool] | None:
    """Return whether a table is written anew and an index built; None where nothing casts."""
    index = "create index on tried (v); " if _may_have_index(old, new) else ""
    last = observe(
        lab.pgconn,
        split(
            f"set local search_path = more; create table tried (v {old}); {index}"
            f"alter table tried alter column v type {new} using v::{new}"
        ),
    )[-1]
    did = [each for each in last.relations if each.relation.name == "tried"]
    if last.error is not None:
        return None
    return any(each.rewritten for each in did), any(each.built for each in did)


def _may_have_index(old: str, new: str) -> bool:
    return {old, new}.isdisjoint({"json", "xml"})


def _concluded(old: str, new: str) -> tuple[bool, bool]:
    before, after = _type(old), _type(new)
    rewrites = change_of(before, after) == "rewrite"  # TimeZone is UTC here
    builds = rewrites or not keeps_index(before, after)
    return rewrites, builds and _may_have_index(old, new)


def _type(written: str) -> Type:
    nodes = parse(f"create table t (v {written})")
    assert nodes is not None
    node = nodes[0].children("table_elts")[0].child("type_name")
    assert node is not None
    return read_type(node)


def test_functions_give_new_values_or_do_not(lab: Connection) -> None:
    """What is said of PostgreSQL's own functions is what its catalogue says of them."""
    volatile = {
        str(name): bool(differs)
        for name, differs in lab.execute(
            "select proname, bool_or(provolatile = 'v') from pg_proc"
            " where pronamespace = 'pg_catalog'::regnamespace group by 1"
        )
    }
    volatile["timezone"] = False  # up to 14 one is volatile: that of a time of day with time zone
    assert [name for name in sorted(STEADY) if volatile.get(name)] == []
    assert [name for name in sorted(VOLATILE) if volatile.get(name) is False] == []
    assert len(STEADY & volatile.keys()) > 100
