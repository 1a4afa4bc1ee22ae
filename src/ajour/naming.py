"""The name of a new migration: dated, readable, and after every name that is there already.

Nothing is read or written here; the clock is an argument. The law is in docs/formats.md.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from unicodedata import combining, normalize

from ajour.errors import UsageError

LAST_DAY = date(2099, 12, 31)
"""What the pattern of names takes for a date ends here."""

LONGEST = 100
"""Characters of a description. Most file systems end a whole name at 255 bytes."""

_STAMP = re.compile(r"[0-9]{8}([0-9]{6})?_")

# Letters that no Unicode decomposition takes apart.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


def next_name(description: str, existing: Sequence[str], now: datetime) -> str:
    """Return the name of a new migration that sorts after all `existing` names.

    `YYYYMMDD_description.sql`, or with fourteen digits where the last dated name has them.
    The date is that of `now`, which should be UTC; if such a name does not sort after all the
    others, it is the first later date that does. Raises UsageError when the description has
    no letter or digit, and when a name is there that no date until 2099 sorts after.
    """
    words = slug(description)
    long = _has_time(existing)
    last = max(existing, default="")
    taken = {name.casefold() for name in existing}

    def name_at(moment: datetime) -> str:
        return f"{_stamp(moment, long)}_{words}.sql"

    days = range(now.toordinal() + 1, LAST_DAY.toordinal() + 1)
    at = bisect_right(days, last, key=lambda day: name_at(datetime.fromordinal(day)))
    # Two days: the first may be the last name's own day, with its name but for case.
    later = map(datetime.fromordinal, days[at : at + 2])
    for moment in (now, *(_next_second(last) if long else ()), *later):
        name = name_at(moment)
        if name > last and name.casefold() not in taken:
            return name
    raise UsageError(
        f"No dated name sorts after {last!r}, which is there already.",
        hint="Rename that file (`ajour repair --rename OLD NEW` if it is applied),"
        " or write the new one under a name of your own.",
    )


def slug(description: str) -> str:
    """Return a description as it stands in a file name: `Ajouter un élève` → `ajouter_un_eleve`.

    Raises UsageError when nothing is left of it, or more than 100 characters.
    """
    folded = normalize("NFKD", description).lower().translate(_LETTERS)
    plain = "".join(char for char in folded if not combining(char))
    words = "_".join(re.findall(r"[a-z0-9]+", plain))
    if not words:
        raise UsageError(
            "The description has no letter or digit that can stand in a file name.",
            hint='Say in a few words what changes: ajour new "add user field".',
        )
    if len(words) > LONGEST:
        raise UsageError(
            f"The description has {len(words)} characters; {LONGEST} is the most.",
            hint="Say it in a few words; the file has room for the rest.",
        )
    return words


def _has_time(existing: Sequence[str]) -> bool:
    """Tell whether the last dated name has fourteen digits."""
    dated = (found for name in sorted(existing, reverse=True) if (found := _STAMP.match(name)))
    last = next(dated, None)
    return last is not None and last[1] is not None


def _stamp(moment: datetime, long: bool) -> str:
    text = moment.isoformat(timespec="seconds")
    digits = re.sub("[^0-9]", "", text)
    return digits[: 14 if long else 8]


def _next_second(last: str) -> tuple[datetime, ...]:
    """Return the second of a name with fourteen digits, and the one after it."""
    try:
        at = datetime.fromisoformat(f"{last[:8]}T{last[8:14]}")
    except ValueError:
        return ()
    return (at, at + timedelta(seconds=1)) if at.date() < LAST_DAY else ()
