from ajour.catalog.objects import Difference, Grant, Identity, Object
from ajour.report.drift import content, lines, summary

TABLE = Identity("table", "public", "t")


def said(attribute: str, before: object, after: object) -> list[str]:
    """Return what is said below the name of a changed attribute."""
    change = Difference(TABLE, attribute, before, after)  # type: ignore[arg-type]  # each is a Value
    return list(lines([change]))[1:]


def test_each_kind_of_state() -> None:
    """One line for each state; of lists what came and went; of long texts the lines that differ."""
    assert said("row_security", None, True) == ["  migrations: none", "  database:   yes"]
    granted = (Grant("anon", "SELECT", False, "me"), Grant("anon", "INSERT", True, "me"))
    assert said("grants", granted[:1], granted) == ["  + INSERT to anon with grant option"]
    assert said("grants", granted, ()) == [
        "  - SELECT to anon",
        "  - INSERT to anon with grant option",
    ]
    assert said("options", None, ("fillfactor=70",)) == ["  + fillfactor=70"]
    assert said("column order", ("a", "b"), ("b", "a")) == [
        "  migrations: a, b",
        "  database:   b, a",
    ]
    assert said("definition", "a\nb\nc", "a\nx\nc") == ["   a", "  -b", "  +x", "   c"]
    many = "\n".join(str(number) for number in range(40))
    assert said("definition", "a", many)[-1] == "  … 29 more lines"


def test_the_sum() -> None:
    """It says how many there are, and from what."""
    one = Difference(TABLE, None, Object(TABLE), None)
    assert summary([one], 1, None) == "1 difference from what 1 migration makes"
    assert summary([one, one], 3, "dump.sql") == (
        "2 differences from what 3 migrations make, begun with dump.sql"
    )
    assert summary([], 0, None) == "no drift: the database has what 0 migrations make"


def test_whole_objects() -> None:
    """What is missing and what was added is named; a program gets no state of it."""
    there = Object(TABLE)
    assert list(lines([Difference(TABLE, None, there, None)])) == ["missing  table public.t"]
    (added,) = content([Difference(TABLE, None, None, there)])
    assert (added["what"], added["migrations"], added["database"]) == ("added", None, None)
