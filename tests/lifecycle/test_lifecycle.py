import json
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from ajour.errors import Refusal
from ajour.model import Migration
from ajour.trial import Stage, Trial, attempt, run_inverse
from catalogs import dump
from lacking import since
from servers import Server
from stages import Staged

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir())
NEEDS = re.compile(r"^-- since: (\d+) (.*)$", re.MULTILINE)
"""Which server a case needs, and for what."""

SHARED = Path(__file__).parents[1] / "catalog" / "data" / "inverse_pairs.json"
PAIRS = json.loads(SHARED.read_text("utf-8"))
FORWARD = {each["forward"]: each["inverse"] for each in PAIRS["pairs"]}
"""What is done, by its name."""

FAILS = {"set not null"}
"""What the rows of the base do not let pass."""

_GONE = ["The values of column public.t.gone are gone."]
_ROUNDED = "From numeric(10,2) to numeric(10,1), a value of column public.t.n is rounded"
PAIRS_LOSE = {
    "numeric scale change (lossy)": [f"{_ROUNDED}: the old ones are gone."],
    "drop column naive": _GONE,
    "drop column FULL capture": _GONE,
}
"""What does not come back, where something does not."""


@pytest.fixture(scope="module")
def base(staged: Staged) -> Iterator[Stage]:
    """Give a stage with the schema that the pairs begin with."""
    with staged(PAIRS["base"]) as stage:
        yield stage


def file(text: str) -> Migration:
    """Return a migration of this text."""
    path = Path("supabase/migrations/20240101_case.sql")
    return Migration(path.name, str(path), text, sha256(text.encode()).hexdigest())


def url(stage: Stage, server: Server) -> str:
    """Return the address of a stage's database."""
    return server.url(stage.project.target.dbname)


@cache
def begun(address: str) -> str:
    """Return the dump of a stage's database, which stays as it is."""
    return dump(address)


def proven(stage: Stage, migration: Migration, server: Server) -> Trial:
    """Try a migration; where it is proven, see that pg_dump finds the same schema as before."""
    before = without_secrets(begun(url(stage, server)))
    with stage.fork() as copy:
        trial = attempt(copy, migration)
        if trial.why_not is not None:
            return trial
        run_inverse(copy, trial.inverse)  # it was applied again
        after = without_secrets(dump(url(copy, server)))
    if trial.reordered:
        assert after != before
        assert sorted(map(bare, after.splitlines())) == sorted(map(bare, before.splitlines()))
    else:
        assert after == before
    return trial


def without_secrets(text: str) -> str:
    """Return a dump with 'hidden' in the place of what the cases keep secret."""
    return re.sub(r"'of-[a-z-]+'", "'hidden'", text)


def bare(line: str) -> str:
    """Return a line of CREATE TABLE as it is in the last place as well."""
    return line.rstrip(",")


def _case(path: Path) -> ParameterSet:
    needs = NEEDS.findall((path / "migration.sql").read_text("utf-8"))
    return pytest.param(path, marks=[since(int(major), what) for major, what in needs])


@pytest.mark.parametrize("case", [*map(_case, CASES)], ids=lambda path: path.name)
def test_case(case: Path, staged: Staged, server: Server) -> None:
    """Forward, back and forward again, each time to an equal schema; what is lost is said."""
    text = (case / "migration.sql").read_text("utf-8")
    said = re.findall(r"^-- (lost|unproven): (.*)$", text, re.MULTILINE)
    with staged((case / "before.sql").read_text("utf-8")) as stage:
        trial = proven(stage, file(text), server)
    unproven = [words for kind, words in said if kind == "unproven"]
    assert [words for words in unproven if words not in (trial.why_not or "")] == []
    assert bool(unproven) == bool(trial.why_not), trial.why_not
    lost = sorted(words for kind, words in said if kind == "lost")
    assert sorted(each.what for each in trial.inverse.lost) == lost


@pytest.mark.parametrize("name", [name for name in FORWARD if name not in FAILS])
def test_pair(name: str, base: Stage, server: Server) -> None:
    """Each of the shared cases is undone by what is derived from the catalogs."""
    trial = proven(base, file(FORWARD[name]), server)
    assert trial.why_not is None
    assert [each.what for each in trial.inverse.lost] == PAIRS_LOSE.get(name, [])


@pytest.mark.parametrize("name", sorted(FAILS))
def test_a_migration_that_does_not_run(name: str, base: Stage) -> None:
    """It has no inverse."""
    with base.fork() as copy, pytest.raises(Refusal, match="contains null values"):
        attempt(copy, file(FORWARD[name]))
