"""The SQL of the workloads: the same bytes on every machine and in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FIRST = datetime(2024, 1, 1, tzinfo=UTC)

SMALL = """\
-- {name}: where the {thing} of the shop are kept; see the page on orders for what they mean.
create table {name} (
    id bigint generated always as identity primary key,
    owner_id uuid not null,
    title text not null check (char_length(title) <= 200),
    state text not null default 'new',  -- new, open, paid; it's never null
    amount numeric(12, 2) not null default 0,
    created_at timestamptz not null default now()
);

/* Notes were asked for later:
   short texts; nobody searches in them. */
alter table {name} add column note text not null default '';

create index {name}_owner_idx on {name} (owner_id, created_at desc);

create policy "{thing} are seen by their owner" on {name}
    for select using (owner_id::text = current_setting('shop.user', true));

create function {name}_total(of_owner uuid) returns numeric
language sql stable
as $body$
    -- What is not paid; a cancelled one counts nothing.
    select coalesce(sum(amount), 0) from {name} where owner_id = of_owner and state <> 'paid';
$body$;

insert into {name} (owner_id, title, state, amount) values
    ('00000000-0000-4000-8000-{number:012}', 'the first of the {thing}', 'new', {number}.50),
    ('00000000-0000-4000-8000-{number:012}', 'it''s the second; with a semicolon', 'open', 12),
    ('00000000-0000-4000-8000-{number:012}', 'the third', 'paid', 0.99);
"""
"""Six statements that make a table and what belongs to it: three relations and a function."""

CHANGE = """\
-- {name}: how the price of the {thing} is reckoned, once more.
create or replace function price_of_{thing}(of_customer bigint, pieces integer) returns numeric
language plpgsql stable
as $body$
declare
    price numeric := {number};
begin
    -- More than ten pieces are cheaper; it's been so since the beginning.
    if pieces > 10 then
        price := price * 0.9;
    elsif pieces <= 0 then
        raise exception 'not a number of pieces: %', pieces;
    end if;
    return price * pieces + case when of_customer % 2 = 0 then 0 else 4.90 end;
end
$body$;

comment on function price_of_{thing}(bigint, integer) is 'The price in euros; version {number}.';

revoke execute on function price_of_{thing}(bigint, integer) from public;

/* The same for the report at the end of the month: it shows what was sold,
   and to whom; the columns are those of the printed form. */
create or replace view report_of_{thing} as
    select
        customer,
        count(*) as orders,
        sum(pieces) as pieces,
        round(avg(pieces), 2) as pieces_on_average
    from (values (1, 2), (2, 3), (2, 12)) as sold (customer, pieces)
    where customer > 0 and pieces <> {number}
    group by customer;
"""
"""As long as SMALL, but the database stays small however many of them were applied."""

THINGS = ("orders", "invoices", "customers", "products", "parcels", "returns", "coupons")

BIG = 20 * 1024 * 1024
"""Bytes of the large file, at least: it ends with the statement that reaches them."""

ROWS = 100
"""Rows of one insert in it: some 20 KB."""

BIG_START = """\
create table ledger (
    id bigint primary key,
    account text not null,
    words text not null,
    details jsonb not null,
    booked_at timestamptz not null
);
"""

BIG_FUNCTION = """
create function ledger_{number}(of_account text) returns bigint
language plpgsql
as $$
begin
    -- It's the sum of a kind; and so on.
    return (select count(*) from ledger where account = of_account and id > {number});
end
$$;
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: `name` without a suffix, as 20240101000001_orders."""

    name: str
    text: str

    @property
    def number(self) -> str:
        """Return the 14 digits that the name begins with."""
        return self.name[:14]


def small(count: int) -> Iterator[Migration]:
    """Give `count` files that make a table each."""
    return _filled(SMALL, count)


def changes(count: int) -> Iterator[Migration]:
    """Give `count` files that replace functions and views."""
    return _filled(CHANGE, count)


def big() -> Iterator[Migration]:
    """Give one file of 20 MB: rows in multi-row inserts, and a function after every tenth."""
    yield Migration("20240101000001_ledger", BIG_START + "".join(_ledger()))


def _filled(template: str, count: int) -> Iterator[Migration]:
    for number in range(1, count + 1):
        thing = THINGS[number % len(THINGS)]
        text = template.format(name=f"t{number:05}", thing=thing, number=number)
        written = FIRST + timedelta(minutes=number)
        yield Migration(f"{written:%Y%m%d%H%M%S}_{thing}", text)


def _ledger() -> Iterator[str]:
    dice = random.Random(20)  # the same rows every time
    size, number = len(BIG_START), 0
    while size < BIG:
        number += 1
        rows = ",\n".join(_row(ROWS * number + row, dice) for row in range(ROWS))
        insert = f"insert into ledger (id, account, words, details, booked_at) values\n{rows};\n"
        text = insert + (BIG_FUNCTION.format(number=number) if number % 10 == 0 else "")
        size += len(text)
        yield text


def _row(number: int, dice: random.Random) -> str:
    who = f"account-{dice.randrange(10_000):05}"
    what = f"it''s {dice.randrange(10**9)} -- paid; {dice.choice(THINGS)} (of {number % 365})"
    details = f'{{"pieces": {dice.randrange(100)}, "hash": "{dice.getrandbits(128):032x}"}}'
    when = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02} 12:00+00"
    return f"  ({number}, '{who}', '{what}', '{details}', '{when}')"
