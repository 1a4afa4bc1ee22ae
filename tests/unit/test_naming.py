"""The name of a new migration."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ajour.errors import UsageError
from ajour.files import PATTERN
from ajour.naming import next_name, slug

NOW = datetime(2023, 12, 30, 9, 5, 7, tzinfo=UTC)

MOMENTS = st.timedeltas(timedelta(days=-40_000), timedelta(days=27_000)).map(lambda t: NOW + t)
DATED = st.builds(
    lambda moment, long, words: f"{moment:{'%Y%m%d%H%M%S' if long else '%Y%m%d'}}{words}.sql",
    MOMENTS,
    st.booleans(),
    st.from_regex(r"[_-][a-zA-Z0-9_]{1,8}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("add user field", "add_user_field"),
        ("Ajouter un élève", "ajouter_un_eleve"),
        ("  Cœur, Straße & Łódź! ", "coeur_strasse_lodz"),
        ("drop-column users.age", "drop_column_users_age"),
        ("__x__", "x"),
        ("v2", "v2"),
        ("../../etc/passwd", "etc_passwd"),
    ],
)
def test_a_description_becomes_words(description: str, words: str) -> None:
    """Lower-case letters without accents, digits, and one underscore between words."""
    assert slug(description) == words


@pytest.mark.parametrize("description", ["", "   ", "!?", "数据库", "\x1b", "_"])
def test_a_description_of_nothing_is_refused(description: str) -> None:
    """A name without words says nothing a year later."""
    with pytest.raises(UsageError, match="no letter or digit") as error:
        next_name(description, (), NOW)
    assert "ajour new" in str(error.value.hint)


def test_a_description_has_a_hundred_characters_at_most() -> None:
    """The limit counts what stands in the name."""
    assert slug("a" * 100) == "a" * 100
    with pytest.raises(UsageError, match="101 characters"):
        slug("a" * 101)


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ((), "20231230_add_user_field.sql"),
        (("20231229_z.sql",), "20231230_add_user_field.sql"),
        (("0042_init.sql",), "20231230_add_user_field.sql"),
        # A name of the same day that sorts before leaves the day as it is.
        (("20231230_add_table.sql",), "20231230_add_user_field.sql"),
        # One that sorts after moves the new one to the next day.
        (("20231230_create.sql",), "20231231_add_user_field.sql"),
        (("20231231_create.sql",), "20240101_add_user_field.sql"),
        # So does the same name, in whatever case.
        (("20231230_add_user_field.sql",), "20231231_add_user_field.sql"),
        (("20231230_ADD_USER_FIELD.sql",), "20231231_add_user_field.sql"),
        # A future date is met, not jumped over.
        (("20250601_aaa.sql",), "20250601_add_user_field.sql"),
        (("20240228_create.sql",), "20240229_add_user_field.sql"),
        # A date that does not exist, or half of one, is passed by the next that does.
        (("20231331_x.sql",), "20240101_add_user_field.sql"),
        (("2024_x.sql",), "20250101_add_user_field.sql"),
        # Fourteen digits stay fourteen digits.
        (("20231229120000_z.sql",), "20231230090507_add_user_field.sql"),
        (("20231230090507_z.sql",), "20231230090508_add_user_field.sql"),
        (("20231230235959_z.sql",), "20231231000000_add_user_field.sql"),
        (("20231230000099_z.sql",), "20231230090507_add_user_field.sql"),
        (("20231230999999_z.sql",), "20231231000000_add_user_field.sql"),
        # The last dated name decides which it is.
        (("20231201_z.sql", "20231202000000_z.sql"), "20231230090507_add_user_field.sql"),
        (("20231201000000_z.sql", "20231202_z.sql"), "20231230_add_user_field.sql"),
        # A date sorts after the times of its day.
        (("20231229000000_a.sql", "20231230x.sql"), "20231231000000_add_user_field.sql"),
    ],
)
def test_the_new_name_comes_after_the_old_ones(existing: tuple[str, ...], expected: str) -> None:
    """Each law of the date, by example."""
    assert next_name("add user field", existing, NOW) == expected


@pytest.mark.parametrize(
    "last",
    ["zzz.sql", "add_users.sql", "9_x.sql", "20991231_z.sql", "99991231235959_z.sql", "é.sql"],
)
def test_a_name_that_no_date_follows_is_named(last: str) -> None:
    """The error names the file that is in the way, and the ways out."""
    with pytest.raises(UsageError, match=repr(last)) as error:
        next_name("a", ("20230101_a.sql", last), NOW)
    assert "repair --rename" in str(error.value.hint)


@given(st.lists(st.text(max_size=20) | DATED, max_size=6), MOMENTS)
@example(["20231230_\U0010ffff.sql"], NOW)
@example(["202401 1_x.sql"], NOW)
def test_the_new_name_is_last_whatever_is_there(existing: list[str], now: datetime) -> None:
    """In code-point order, and in the pattern; else the folder is refused."""
    try:
        name = next_name("m", existing, now)
    except UsageError:
        # Only what no dated name sorts after.
        assert max(existing) > "20991231000000_m.sql"
        return
    assert name > max(existing, default="")
    assert name.casefold() not in [old.casefold() for old in existing]
    assert PATTERN.fullmatch(name)


@given(st.lists(DATED, max_size=6), MOMENTS)
def test_dated_names_are_always_followed(existing: list[str], now: datetime) -> None:
    """In a folder of dated names there is always a next one, at most a day after the last."""
    name = next_name("m", existing, now)
    last = max(existing, default="")
    assert name > last
    assert PATTERN.fullmatch(name)
    limit = max(f"{now:%Y%m%d}", last[:8])
    assert date.fromisoformat(name[:8]) - date.fromisoformat(limit) <= timedelta(days=1)


def test_a_day_of_many_migrations_stays_in_order() -> None:
    """Ten migrations made on one day, in any alphabetical order, sort as they were made."""
    names: list[str] = []
    for words in ("m", "l", "k", "a", "z", "b", "b", "c", "y", "x"):
        names.append(next_name(words, names, NOW))
    assert names == sorted(names)
    assert len(set(names)) == 10
