import pytest

from ajour.effects import Effect
from ajour.model import Relation
from ajour.profiles import PLAIN, SUPABASE
from ajour.sql.locks import effects
from ajour.sql.parse import parse
from ajour.sql.schema import Schema, begin
from traces import known_after

EMPTY = begin(PLAIN)


def of(sql: str, schema: Schema = EMPTY, major: int = 18) -> tuple[Effect, ...]:
    """Return the effects of one statement."""
    nodes = parse(sql)
    assert nodes is not None
    return effects(nodes[0], schema, major)


def test_a_table_that_no_file_creates_may_be_anything() -> None:
    """Of an unknown old type the worst is said, and that it is not certain."""
    (effect,) = of("alter table t alter column v type bigint")
    assert effect.relation == Relation("public", "t")
    assert effect.lock == "ACCESS EXCLUSIVE"
    assert (effect.rewrites, effect.scans, effect.builds) == (True, True, True)
    assert not effect.certain


def test_what_a_later_file_tells_of_an_unknown_table_is_known() -> None:
    """A column that a file adds has a known type, whoever created the table."""
    schema = known_after("alter table t add column v varchar(10)")
    (wider,) = of("alter table t alter column v type varchar(20)", schema)
    assert (wider.rewrites, wider.certain) == (False, True)


@pytest.mark.parametrize(
    ("sql", "lock"),
    [
        ("drop index i", "ACCESS EXCLUSIVE"),
        ("drop index concurrently i", "SHARE UPDATE EXCLUSIVE"),
        ("alter table t validate constraint c", "ROW SHARE"),
        ("alter table t drop constraint c", "ACCESS EXCLUSIVE"),
        ("drop owned by somebody", "ACCESS EXCLUSIVE"),
        ("alter domain d add check (value > 0)", "SHARE"),
        ("drop type d cascade", "ACCESS EXCLUSIVE"),
    ],
)
def test_a_relation_that_cannot_be_named_is_told_of(sql: str, lock: str) -> None:
    """Where another table is touched and no file tells which, it is told of without a name."""
    unnamed = [each for each in of(sql) if each.relation is None]
    assert [(each.lock, each.certain) for each in unnamed] == [(lock, False)]


def test_indexes_built_concurrently_leave_writers_alone() -> None:
    """CONCURRENTLY takes the weaker lock, and still reads and builds."""
    (effect,) = of("create index concurrently i on t (v)")
    assert (effect.lock, effect.scans, effect.builds) == ("SHARE UPDATE EXCLUSIVE", True, True)


def test_detaching_is_another_lock_by_major() -> None:
    """DETACH PARTITION takes less from the partition on 13; CONCURRENTLY less from the parent."""

    def locks(sql: str, major: int) -> dict[str, str]:
        return {str(each.relation): each.lock for each in of(sql, major=major)}

    plain, gently = (
        "alter table p detach partition c",
        "alter table p detach partition c concurrently",
    )
    assert locks(plain, 13)["public.c"] == "SHARE UPDATE EXCLUSIVE"
    assert locks(plain, 14)["public.c"] == "ACCESS EXCLUSIVE"
    assert locks(gently, 14)["public.p"] == "SHARE UPDATE EXCLUSIVE"


def test_the_strongest_lock_comes_first_and_the_reasons_are_said() -> None:
    """Several commands on one table are one effect, which says all of them."""
    first, *_ = of("alter table t alter v set statistics 5, add column x int, drop column y")
    assert first.lock == "ACCESS EXCLUSIVE"
    assert "adds the column x" in first.why
    assert "drops the column y" in first.why


@pytest.mark.parametrize(
    "sql",
    [
        "do $$ begin drop table t; end $$",
        "call f()",
        "create function f() returns int language sql as 'select 1'",
        "create role somebody",
        "select 1",
        "set role postgres",
        "select * from pg_catalog.pg_class",
        "alter type t add attribute v int",
        "create table t (id int)",
        "notify x",
    ],
)
def test_of_what_hides_or_touches_nothing_nothing_is_said(sql: str) -> None:
    """Functions and DO blocks tell nothing; catalogs and new tables are nobody's concern."""
    assert of(sql) == ()


def test_names_are_found_along_the_search_path() -> None:
    """On Supabase a bare name may mean a table of the schema extensions."""
    nodes = parse("create table extensions.t (id int)")
    assert nodes is not None
    schema = begin(SUPABASE).after(nodes[0], "1.sql")
    (effect,) = of("lock table t", schema)
    assert effect.relation == Relation("extensions", "t")


def test_vacuum_full_and_the_whole_database() -> None:
    """VACUUM FULL of everything names the tables that are known, and that there are more."""
    schema = known_after("create table a (id int primary key); create view v as select 1 as x")
    told = {str(each.relation): each for each in of("vacuum full", schema)}
    assert told.keys() == {"public.a", "None"}
    assert told["public.a"].rewrites
    (plain,) = of("vacuum a", schema)
    assert (plain.lock, plain.rewrites) == ("SHARE UPDATE EXCLUSIVE", False)
    (part,) = of("analyze a (id)", schema)
    assert (part.lock, part.scans) == ("SHARE UPDATE EXCLUSIVE", False)


def test_reindexing_names_index_and_table() -> None:
    """REINDEX INDEX takes a lock of the index, and one of its table."""
    schema = known_after("create table a (id int); create index i on a (id)")
    told = {str(each.relation): each.lock for each in of("reindex index i", schema)}
    assert told == {"public.i": "ACCESS EXCLUSIVE", "public.a": "SHARE"}
    gentle = of("reindex (concurrently) index i", schema)
    assert {each.lock for each in gentle} == {"SHARE UPDATE EXCLUSIVE"}
    assert len(of("reindex schema public", schema)) == 2


def test_a_volatile_default_of_an_unknown_function_is_not_certain() -> None:
    """What a function does that no file creates is not known: the worst is said."""
    (effect,) = of("alter table t add column x text default made_up()")
    assert (effect.rewrites, effect.certain) == (True, False)
    (known,) = of("alter table t add column x uuid default gen_random_uuid()")
    assert (known.rewrites, known.certain) == (True, True)


def test_merge_and_copy() -> None:
    """MERGE and COPY FROM change rows; COPY TO reads them."""
    sql = "merge into t using s on t.id = s.id when matched then delete"
    told = {str(each.relation): each.lock for each in of(sql)}
    assert told == {"public.t": "ROW EXCLUSIVE", "public.s": "ACCESS SHARE"}
    assert [each.lock for each in of("copy t from stdin")] == ["ROW EXCLUSIVE"]
    assert [(each.lock, each.scans) for each in of("copy t to stdout")] == [("ACCESS SHARE", True)]
