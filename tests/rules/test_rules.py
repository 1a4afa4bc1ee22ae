"""Every rule: its page, that it finds the bad and lets the good pass, and both on a real server."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import psycopg
import pytest

from ajour import rules
from ajour.check import Circumstances, Hit, hits, known_names
from ajour.db.observe import observe, observe_alone
from ajour.effects import Observed
from ajour.files import read_file
from ajour.fix import fixed
from ajour.model import Migration, Relation
from ajour.profiles import PROFILES
from ajour.rules._rule import FAMILIES, MAJORS, Claim
from ajour.sql.steps import script
from lacking import since
from servers import MAJOR, connect

FOLDER = Path(__file__).parent
every_rule = pytest.mark.parametrize("name", rules.names())


def loaded(name: str) -> rules.Loaded:
    """Return a rule by its name."""
    return next(each for each in rules.all_rules() if each.rule.name == name)


def example(name: str, which: str) -> Migration:
    """Return an example of a rule: bad or good."""
    return replace(read_file(FOLDER / name / f"{which}.sql"), name=f"2_{which}.sql")


def set_up(file: Migration) -> Migration:
    """Return what is there before an example: the file that its first line names, or the shop."""
    named = re.match(r"-- set-up: (\S+)\n", file.text)
    return replace(read_file(FOLDER / (named[1] if named else "shop.sql")), name="1_set_up.sql")


def where(name: str) -> Circumstances:
    """Return circumstances that the rule holds in: the server's major, where it is one of its."""
    rule = loaded(name).rule
    major = MAJOR if MAJOR in rule.majors else rule.majors[-1]
    return Circumstances(
        PROFILES[rule.profile or "supabase"], major, Relation("public", "migrations")
    )


def on_a_server(*tests: Sequence[str]) -> list[pytest.ParameterSet]:
    """Return rule and example for each of `tests`, which have the examples that each needs.

    Left out is what a server of an older major lacks: an example says so by `-- since: 15 what`, a
    rule by the majors that it holds for.
    """
    return [
        pytest.param(name, needed[0], marks=[*_lacks(name, needed)])
        for name in rules.names()
        for needed in tests
    ]


def _lacks(name: str, needed: Sequence[str]) -> Iterator[pytest.MarkDecorator]:
    for which in needed:
        said = re.search(r"^-- since: (\d+) (.+)$", example(name, which).text, re.MULTILINE)
        if said:
            yield since(int(said[1]), said[2])
    first = loaded(name).rule.majors[0]
    if first > MAJORS[0]:
        yield since(first, f"what {name} is about")


def found(name: str, file: Migration) -> list[Hit]:
    """Return what the rule finds in the file, allowed or not."""
    every = hits((set_up(file), file), where(name), only=(file.name,))
    return [hit for hit in every if hit.finding.rule == name]


def run(url: str, file: Migration) -> None:
    """Run a file as ajour would: each step in a transaction, or outside of one."""
    with connect(url) as connection:
        for step in script(file).steps:
            if step.transactional:
                with connection.transaction():
                    for statement in step.statements:
                        connection.execute(statement.text.encode())
            else:
                connection.execute(step.statements[0].text.encode())


def expected_failure(file: Migration) -> str | None:
    """Return the SQLSTATE that the file says a server answers it with, in its first lines."""
    said = re.search(r"^-- fails: (\w{5})$", file.text, re.MULTILINE)
    return said[1] if said else None


@every_rule
def test_a_page_tells_what_one_needs_to_know(name: str) -> None:
    """First a sentence, then what it finds, why it hurts, what to do, when it is fine."""
    page = loaded(name).page
    first, *rest = page.text.split("\n\n", 1)
    assert first.endswith(".")
    assert "\n" not in first
    headings = re.findall(r"^(\S.*)$", rest[0], re.MULTILINE)
    assert tuple(headings) == rules.HEADINGS, f"{name}: {headings}"
    assert page.family in FAMILIES


@every_rule
def test_the_bad_example_is_found(name: str) -> None:
    """Each finding of the bad example has a place in it, and says what to do."""
    file = example(name, "bad")
    hits_ = found(name, file)
    assert [hit.finding for hit in hits_ if not hit.finding.allowed], "nothing is found in bad.sql"
    for hit in hits_:
        assert hit.finding.where is not None
        assert hit.finding.where.file == str(file.path)
        assert hit.finding.message.endswith((".", "?"))


@pytest.mark.parametrize(("name", "_"), on_a_server(["good"]))
def test_the_good_example_is_not(name: str, _: str) -> None:
    """What the rule recommends, or what it does not mean, is no finding of it, or allowed."""
    assert [
        hit.finding for hit in found(name, example(name, "good")) if not hit.finding.allowed
    ] == []


@every_rule
def test_it_can_be_turned_off(name: str) -> None:
    """With the level "off" nothing is found; with another one, that is the finding's."""
    file = example(name, "bad")
    for level in ("off", "info"):
        circumstances = replace(where(name), levels=MappingProxyType({name: level}))
        every = hits((set_up(file), file), circumstances, only=(file.name,))
        levels = {hit.finding.level for hit in every if hit.finding.rule == name}
        assert levels == (set() if level == "off" else {level})


@pytest.mark.parametrize(("name", "which"), on_a_server(["bad"], ["good"]))
def test_the_examples_run(name: str, which: str, database_url: str) -> None:
    """A real server runs both examples behind their set-up, or answers as the example says."""
    file = example(name, which)
    run(database_url, set_up(file))
    failure = expected_failure(file)
    if failure:
        with pytest.raises(psycopg.Error) as error:
            run(database_url, file)
        assert error.value.sqlstate == failure
    else:
        run(database_url, file)


@pytest.mark.parametrize(("name", "_"), on_a_server(["bad", "good"]))
def test_what_is_fixed_is_found_no_more(name: str, _: str, database_url: str) -> None:
    """What the rule writes in place of the bad example runs, and the rule is content with it."""
    if loaded(name).fix is None:
        return
    bad = example(name, "bad")
    before = [hit for hit in found(name, bad) if hit.fixed() is not None]
    assert before, "fix() has nothing to offer for bad.sql"
    good, count = fixed((set_up(bad), bad), where(name), bad)
    assert count >= len({hit.facts.statement.offset for hit in before if hit.facts})
    assert len([hit for hit in found(name, good) if hit.fixed() is not None]) == 0
    run(database_url, set_up(bad))
    run(database_url, good)


@pytest.mark.parametrize(("name", "_"), on_a_server(["bad"]))
def test_what_it_claims_is_what_a_server_does(name: str, _: str, database_url: str) -> None:
    """Where a rule makes a claim, lock, rewrite, scan and build are those of one of its targets."""
    claim, file = loaded(name).rule.claim, example(name, "bad")
    if claim is None:
        return
    facts = {hit.facts.statement.offset: hit.facts for hit in found(name, file) if hit.facts}
    assert facts, "a claim is about a statement: give findings through context.finding in check()"
    run(database_url, set_up(file))
    with connect(database_url) as connection, connect(database_url) as onlooker:
        for step in script(file).steps:
            for statement in step.statements:
                if step.transactional:
                    (seen,) = observe(connection.pgconn, (statement,), keep=True)
                else:
                    seen = observe_alone(connection.pgconn, onlooker.pgconn, statement)
                assert seen.error is None
                if statement.offset in facts:
                    targets = facts[statement.offset].targets
                    did = [each for each in seen.relations if each.relation in targets]
                    assert any(agrees(claim, each) for each in did), f"{statement.text}: {did}"


def agrees(claim: Claim, seen: Observed) -> bool:
    """Tell whether what was seen is what is claimed; a rewrite reads and builds by itself."""
    more = (claim.scans, claim.builds) == (seen.scanned, bool(seen.built))
    return (claim.lock, claim.rewrites) == (seen.lock, seen.rewritten) and (claim.rewrites or more)


def test_every_rule_has_its_examples_and_no_others_are_there() -> None:
    """The folders of this one are the rules."""
    folders = {path.name for path in FOLDER.iterdir() if (path / "bad.sql").exists()}
    assert folders == set(rules.names())


def test_names_are_told_apart() -> None:
    """No rule has the name of another finding about files."""
    assert len(known_names()) == len(set(known_names()))
