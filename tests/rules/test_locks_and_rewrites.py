"""Rules about locks and rewrites: what their examples leave out, fixes, and what ends a finding."""

from dataclasses import replace
from pathlib import Path

import pytest

from ajour.check import Circumstances, check
from ajour.files import read_file
from ajour.fix import fixed
from ajour.model import Finding, Migration, Relation
from ajour.profiles import PLAIN
from ajour.rules import all_rules
from runs import TABLE, file

SHOP = replace(read_file(Path(__file__).parent / "shop.sql"), name="1_shop.sql")
RULES = {each.rule.name for each in all_rules() if each.rule.family in ("locks", "rewrites")}


def found(sql: str, major: int = 18, *, before: str = "") -> list[Finding]:
    """Return what rules of the two families find in a file behind the shop and another file."""
    files = (SHOP, file("2_before.sql", before or "select 1;"), file("3_now.sql", sql))
    every = check(files, Circumstances(PLAIN, major, TABLE), only=("3_now.sql",))
    return [each for each in every if each.rule in RULES]


def mended(sql: str, major: int = 18) -> str:
    """Return the file as `ajour check --fix` writes it."""
    now: Migration = file("3_now.sql", sql)
    return fixed((SHOP, now), Circumstances(PLAIN, major, TABLE), now)[0].text


@pytest.mark.parametrize(
    ("sql", "rules"),
    [
        ("create index on events (what);", ["index-not-concurrent"]),
        ("create index on totals (orders);", []),
        ("create index on orders (amount) where amount > 5;", ["index-not-concurrent"]),
        ("reindex (concurrently) table orders;", []),
        ("reindex index orders_state;", ["reindex-not-concurrent"]),
        ("reindex schema public;", ["reindex-not-concurrent"]),
        ("vacuum full orders;", ["vacuum-full"]),
        ("vacuum (full, analyze) orders, customers;", ["vacuum-full", "vacuum-full"]),
        ("vacuum full;", ["vacuum-full"]),
        (
            "alter table orders add column helper bigint default 1 references customers (id);",
            ["foreign-key-without-not-valid"],
        ),
        ("alter table orders add primary key (id, state);", ["constraint-builds-index"]),
        (
            "alter table events_2024 alter column what set not null, add check (id > 0);",
            ["check-without-not-valid", "set-not-null"],
        ),
        ("alter table orders add constraint c not null quantity;", []),
        ("alter table customers add constraint c not null name;", ["set-not-null"]),
        ("alter table customers add constraint c not null name not valid;", []),
        ("alter table orders add column a int generated always as (1) virtual;", []),
        ("alter table orders add column a serial, add column b text;", ["add-serial"]),
        ("alter table orders add column a uuid default mine();", ["volatile-default"]),
        (
            "alter table orders alter column placed_at type timestamptz;",
            ["type-change-rewrites"],
        ),
        ("alter table unknown alter column a type text;", ["type-change-rewrites"]),
        (
            "alter table orders alter quantity type int, add a uuid default gen_random_uuid();",
            ["volatile-default"],
        ),
        ("alter domain positive set not null;", []),
        ("drop index if exists never_made;", []),
        ("drop index never_made;", ["drop-index-not-concurrent"]),
        ("alter table orders add column a int; drop index orders_state;", []),
        (
            "drop materialized view totals; delete from customers where note is null;",
            ["backfill-unbatched"],
        ),
        (
            "drop table orders cascade; delete from customers where note is null;",
            ["work-after-lock"],  # the end of its foreign key locks customers
        ),
        ("lock table open_orders in share mode;", ["lock-table"]),
        ("refresh materialized view totals with no data;", []),
        ("create index concurrently on orders (amount);", []),
        ("begin; create index on orders (amount); commit;", ["index-not-concurrent"]),
    ],
)
def test_what_is_found(sql: str, rules: list[str]) -> None:
    """Each statement is found by the rule that is about it, and by no other of the families."""
    assert sorted(each.rule for each in found(sql)) == rules


@pytest.mark.parametrize("sql", ["alter table t add column a int default 1 check (a > 0);"])
def test_what_is_created_in_the_file_is_nobodys_yet(sql: str) -> None:
    """A table of the file itself may be locked, read and written anew."""
    assert found(f"create table t (id bigint); {sql}") == []
    assert [each.rule for each in found(sql, before="create table t (id bigint);")] == [
        "check-without-not-valid"
    ]


def test_a_finding_tells_which_table_it_is_about() -> None:
    """What knows how large tables are can judge it anew: of an index, its table is named."""
    for sql in ("create index on orders (amount);", "drop index orders_state;"):
        (finding,) = found(sql)
        assert finding.relation == Relation("public", "orders")
    (finding,) = found(
        "alter table customers add column a int;"
        "update orders set quantity = 2 where quantity is distinct from 2;"
    )
    assert (finding.rule, finding.relation) == ("work-after-lock", Relation("public", "orders"))
    assert "nobody can use public.customers, which line 1 has locked" in finding.message


def test_levels_say_how_sure_it_is() -> None:
    """A rewrite that is known is an error; one that may be, and an index alone, are warnings."""
    levels = {
        "alter table orders alter column quantity type bigint;": "error",
        "alter table orders alter column placed_at type timestamptz;": "warning",
        "alter table orders add column a uuid default mine();": "warning",
        'alter table customers alter column name type varchar(60) collate "C";': "warning",
    }
    before = "create index on customers (name);"
    assert {sql: each.level for sql in levels for each in found(sql, before=before)} == levels


def test_the_help_is_for_the_major() -> None:
    """NOT NULL that is NOT VALID, and virtual columns, are there from 18 on."""
    not_null = "alter table customers alter column name set not null;"
    stored = "alter table orders add column a int generated always as (1) stored;"
    helps = {
        major: [each.help or "" for sql in (not_null, stored) for each in found(sql, major)]
        for major in (17, 18)
    }
    assert "ADD CONSTRAINT … CHECK (name IS NOT NULL) NOT VALID" in helps[17][0]
    assert "ADD CONSTRAINT … NOT NULL name NOT VALID" in helps[18][0]
    assert ["VIRTUAL" in helps[major][1] for major in (17, 18)] == [False, True]


def test_one_transaction_is_told_once() -> None:
    """Behind a lock the first long work is named; what stands in another step is another matter."""
    work = "update orders set quantity = 2 where quantity is distinct from 2;"
    twice = found(f"alter table orders add column a int; {work} {work}")
    assert [each.rule for each in twice] == ["work-after-lock"]
    apart = found(f"begin; alter table orders add column a int; commit; {work}")
    assert [each.rule for each in apart] == ["backfill-unbatched"]


def test_not_valid_and_validate_as_one_statement() -> None:
    """Two files let others go on; one file, or a lock of another statement before, does not."""
    add = "alter table orders add constraint few check (quantity < 9) not valid;"
    validate = "alter table orders validate constraint few;"
    rule = "validate-in-same-transaction"
    assert [each.rule for each in found(validate, before=add)] == []
    assert [each.rule for each in found(add + validate)] == [rule]
    locked = found("alter table orders add column a int;" + validate, before=add)
    assert [each.rule for each in locked] == [rule]


@pytest.mark.parametrize(
    ("sql", "fixed"),
    [
        (
            "CREATE UNIQUE INDEX a ON orders (id);",
            "CREATE UNIQUE INDEX CONCURRENTLY a ON orders (id);",
        ),
        ("drop index orders_state;", "drop index concurrently orders_state;"),
        ("reindex (verbose) table orders;", "reindex (verbose) table concurrently orders;"),
        (
            "alter table orders add check (quantity < 9);",
            "alter table orders add check (quantity < 9) not valid;",
        ),
        (
            "ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES customers MATCH FULL;",
            "ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES customers MATCH FULL NOT VALID;",
        ),
    ],
)
def test_what_is_mended(sql: str, fixed: str) -> None:
    """The word is written in the letters of the statement, and where the grammar wants it."""
    assert mended(sql) == fixed


@pytest.mark.parametrize(
    "sql",
    [
        "create index on orders (amount); update orders set quantity = 2 where id = 1;",
        "begin; create index on orders (amount); commit;",
        "create index on events (what);",
        "drop index orders_state, orders_pkey;",
        "drop index orders_state cascade;",
        "alter table orders add check (quantity < 9), add column a int;",
        "alter table orders add column a int default 1 check (a > 0);",
        "refresh materialized view totals;",
    ],
)
def test_what_is_not_mechanical_stays(sql: str) -> None:
    """Where it would tear a transaction apart, or the server refuse it, a person has to look."""
    assert mended(sql) == sql


def test_an_index_that_becomes_a_primary_key_is_searched_for_null() -> None:
    """Unless its columns are NOT NULL before; the column that may have NULL is named."""
    add = "alter table n add primary key using index n_ab;"
    index = "create table n (a int not null, b int); create unique index n_ab on n (a, b);"
    (finding,) = found(add, before=index)
    assert (finding.rule, "NOT NULL b NOT VALID" in (finding.help or "")) == ("set-not-null", True)
    assert found(add, before=index + "alter table n alter column b set not null;") == []


def test_a_partitioned_table_gets_its_foreign_key_not_valid_from_18_on() -> None:
    """Before, the server refuses it."""
    sql = "alter table events add foreign key (id) references customers (id);"
    assert mended(sql, 18) == sql.replace(";", " not valid;")
    assert mended(sql, 17) == sql
