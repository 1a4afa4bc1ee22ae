import pytest

from ajour.model import Migration
from ajour.related import related
from ajour.sql.steps import script
from runs import file

BEFORE = {
    "1_users.sql": "create table Users (id bigint, kind shape);",
    "2_orders.sql": "create table orders (id bigint, user_id bigint references users);",
    "3_shape.sql": "create type public.shape as enum ('round');",
    "4_touch.sql": "create or replace function touch() returns trigger language plpgsql as '';",
    "5_index.sql": "create index by_id on items (id);",
    "6_now.sql": "create table visits (at timestamptz default now(), what text);",
}


def names(sql: str) -> list[str]:
    """Return the files that are read for a pending one of this text."""
    pending = file("9_new.sql", sql)
    files: list[Migration] = [*(file(name, text) for name, text in BEFORE.items()), pending]
    found = related(files, {pending.name}, {pending.name: script(pending)})
    assert found[-1] is pending
    return [each.name for each in found[:-1]]


@pytest.mark.parametrize(
    ("sql", "needed"),
    [
        ("alter table users drop column kind;", ["1_users.sql", "2_orders.sql"]),
        ("drop table public.orders;", ["2_orders.sql"]),
        ("drop index by_id;", ["5_index.sql"]),
        ("drop policy p on items;", ["5_index.sql"]),
        ("create table items2 (kind shape);", ["3_shape.sql"]),
        ("alter table items add at timestamptz default now(), add t text;", ["5_index.sql"]),
        ("create trigger t before update on items for each row execute function touch();",
         ["4_touch.sql", "5_index.sql"]),
        ("insert into users values (1, null);", []),
        ("create table nothing_else (id bigint);", []),
    ],
)  # fmt: skip
def test_files_are_read_for_what_is_named(sql: str, needed: list[str]) -> None:
    """Those that name the same tables, or make the same types and functions."""
    assert names(sql) == needed


def test_all_are_kept_when_all_are_pending() -> None:
    """Then nothing has to be looked for."""
    files = tuple(file(name, text) for name, text in BEFORE.items())
    assert related(files, BEFORE.keys(), {}) == files
