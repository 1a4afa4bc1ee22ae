from pathlib import Path

from ajour.inverse.concurrent import PLAINLY
from ajour.inverse.undo import body
from ajour.trial import attempt
from lifecycle.test_lifecycle import file
from stages import Staged

CASES = Path(__file__).parent / "cases"


def text(staged: Staged, name: str) -> str:
    """Return the inverse of a case, proven."""
    case = CASES / name
    with staged((case / "before.sql").read_text("utf-8")) as stage:
        trial = attempt(stage, file((case / "migration.sql").read_text("utf-8")))
    assert trial.why_not is None
    return body(trial.inverse)


def test_nothing_but_indexes(staged: Staged) -> None:
    """What the migration did CONCURRENTLY is undone so, and what is made stands first."""
    lines = text(staged, "indexes-concurrently").splitlines()
    assert lines == [
        "drop index concurrently public.t_both;",
        'CREATE INDEX CONCURRENTLY "T s" ON public.t USING btree (lower(s));',
        'alter index public."T s" alter column 1 set statistics 7;',
        "CREATE INDEX CONCURRENTLY t_both ON public.t USING btree (v, s);",
        "CREATE UNIQUE INDEX CONCURRENTLY t_v ON public.t USING btree (v) WHERE (v > 3);",
        "comment on index public.t_v is 'vc';",
        "drop index concurrently public.t_s_idx;",
        "drop index concurrently public.t_id_v;",
    ]


def test_indexes_and_more(staged: Staged) -> None:
    """With other things in it, the inverse stays whole: it is one transaction, and says so."""
    lines = text(staged, "indexes-and-more").splitlines()
    assert lines == [
        "alter table public.t drop column z;",
        f"-- {PLAINLY}",
        "CREATE INDEX t_v ON public.t USING btree (v);",
    ]
