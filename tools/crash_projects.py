"""Random projects for crash.py, whose files write down each of their steps when it runs."""
# ruff: noqa: ARG001 - the kinds of files are called alike

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from servers import MAJOR

BASE = """create table log (file text, step int, at timestamptz default clock_timestamp());
create schema other;
create table naps (a int);
create function nap() returns trigger language plpgsql as
  $$ begin perform pg_sleep(0.03); return null; end $$;
create constraint trigger nap after insert on naps deferrable initially deferred
  for each row execute function nap();
create function pause(int) returns int immutable language plpgsql as
  $$ begin perform pg_sleep(0.002); return $1; end $$;
create table s as select n as id, n % 3 as a from generate_series(1, 20) n;
"""
"""What the first file begins with. A row in `naps` makes COMMIT slow, `pause` an index build."""


@dataclass
class Project:
    """Files, and which of their steps leave a mark in the table `log`; they count from 1."""

    files: dict[str, str] = field(default_factory=dict)
    steps: dict[str, list[int]] = field(default_factory=dict)


def make_project(dice: random.Random, *, transactional: bool) -> Project:
    """Make a project. `transactional`: each of its files runs in one transaction."""
    project = Project()
    for n in range(dice.randint(2, 9)):
        name = f"{20240101 + n}_f.sql"
        kinds = TRANSACTIONAL if transactional else TRANSACTIONAL + IN_STEPS
        kind = table if n == 0 else dice.choice(kinds)
        steps = list(kind(dice, n))
        marks = range(1, len(steps) + 1)
        project.steps[name] = [
            mark for mark, text in zip(marks, steps, strict=True) if "%s" in text
        ]
        text = "".join(
            text.replace("%s", f"insert into public.log values ('{name}', {mark});\n")
            for mark, text in zip(marks, steps, strict=True)
        )
        project.files[name] = (BASE if n == 0 else "") + text
    return project


def some_table(dice: random.Random, n: int) -> str:
    """Return a table that a file before this one has made: the first one always did."""
    return f"t{dice.choice([0, 0, *range(n)]) if n == 1 else 0}"


def table(dice: random.Random, n: int) -> Iterator[str]:
    """Make a table with rows."""
    rows = dice.choice([0, 10, 3000])
    yield f"""create table t{n} (id int primary key, a int, b text);
insert into t{n} select n, n % 7, 'row ' || n from generate_series(1, {rows}) n;
%s"""


def column(dice: random.Random, n: int) -> Iterator[str]:
    """Change a table."""
    yield f"""alter table {some_table(dice, n)} add column c{n} int not null default {n};
update {some_table(dice, n)} set c{n} = a where id % 2 = 0;
%s"""


def slow(dice: random.Random, n: int) -> Iterator[str]:
    """Take a while, in many statements."""
    naps = f"select pg_sleep({dice.uniform(0, 0.004):.4f});\n" * dice.randint(1, 15)
    yield f"create view v{n} as select {n} as n;\n{naps}%s"


def slow_commit(dice: random.Random, n: int) -> Iterator[str]:
    """Take a while at COMMIT."""
    yield f"%sinsert into naps values ({n});\n"


def copied(dice: random.Random, n: int) -> Iterator[str]:
    """Load rows, in the middle of a file."""
    data = "".join(f"{row}\t{row * n}\n" for row in range(dice.choice([1, 400, 9000])))
    yield f"create table t{n} (id int, a int);\ncopy t{n} from stdin;\n{data}\\.\n%s"


def wrapped(dice: random.Random, n: int) -> Iterator[str]:
    """Stand between BEGIN and COMMIT, and leave a session behind that is not clean."""
    yield f"begin;\nset search_path = other;\ncreate table w{n} (a int);\n%scommit;\n"


def several(dice: random.Random, n: int) -> Iterator[str]:
    """Take effect in steps."""
    yield f"create table t{n} (a int);\n%scommit;\n"
    for step in range(dice.randint(1, 4)):
        yield f"insert into t{n} values ({step});\nselect pg_sleep(0.003);\n%scommit;\n"


def index(dice: random.Random, n: int) -> Iterator[str]:
    """Build an index outside a transaction, as first, middle or last step."""
    name = dice.choice([f"i{n}", f'"I{n}"', f"if not exists i{n}", ""])
    on = dice.choice(["t0 (a, id)", "s (pause(a))", "s (pause(id), a)"])
    unique = "" if on.endswith("(pause(a))") else dice.choice(["", "unique "])
    if dice.random() < 0.7:
        yield "%scommit;\n"
    yield f"create {unique}index concurrently {name} on {on};\n"
    if dice.random() < 0.7:
        yield "%s"


def dropped(dice: random.Random, n: int) -> Iterator[str]:
    """Drop an index outside a transaction, and build one under its name."""
    yield f"create index d{n} on t0 (b);\n%scommit;\n"
    yield f"drop index concurrently d{n};\n"
    if dice.random() < 0.5:
        yield f"create index concurrently d{n} on t0 (b, a);\n"
    yield "%s"


def reindexed(dice: random.Random, n: int) -> Iterator[str]:
    """Build what is there anew."""
    what = dice.choice(["table concurrently t0", "index concurrently t0_pkey"])
    yield f"reindex {what};\n"
    yield "%s"


def detached(dice: random.Random, n: int) -> Iterator[str]:
    """Take a partition off its table."""
    yield f"""create table p{n} (a int) partition by range (a);
create table p{n}a partition of p{n} for values from (0) to (10);
create table p{n}b partition of p{n} for values from (10) to (20);
insert into p{n} select generate_series(0, 19);
%scommit;
"""
    yield f"alter table p{n} detach partition p{n}b concurrently;\n"
    yield "vacuum t0;\n"
    yield "%s"


def in_a_schema(dice: random.Random, n: int) -> Iterator[str]:
    """Build an index on a table that only the session's own path finds."""
    yield f"set search_path = other;\ncreate table x{n} (a int);\n%scommit;\n"
    yield f"create index concurrently on x{n} (a);\n"
    yield f"insert into x{n} values (1);\n%s"


Kind = Callable[[random.Random, int], Iterator[str]]
TRANSACTIONAL: tuple[Kind, ...] = (table, column, slow, slow_commit, copied, wrapped)
IN_STEPS: tuple[Kind, ...] = (
    several,
    index,
    index,
    index,
    dropped,
    dropped,
    reindexed,
    *((detached,) if MAJOR >= 14 else ()),
    in_a_schema,
)
