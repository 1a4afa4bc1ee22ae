"""A plain SQL dump: which entry of it is about what, as pg_dump's own comments say."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

_HEAD = re.compile(
    r"^--\n-- (?:Data for )?Name: (?P<name>.*); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>.*);"
    r" Owner: (?P<owner>.*?)(?:; Tablespace: .*)?\n--$",
    re.MULTILINE,
)


class Entry(NamedTuple):
    """What stands between two such comments."""

    name: str
    type: str
    schema: str
    """`-` for what is in no schema."""
    owner: str
    start: int
    end: int


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries of a dump; none where its comments were taken out."""
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=bool(heads)):
        name, kind, schema, owner = head.group("name", "type", "schema", "owner")
        yield Entry(name, kind, schema, owner, head.start(), end)


def without(text: str, schemas: Collection[str], owners: Collection[str]) -> str:
    """Return a dump without what is in `schemas`; every other line stays where it is.

    What is in no schema but belongs to one of `owners`, such as an event trigger, goes too.
    """
    parts, pos = [], 0
    for entry in entries(text):
        about = entry.name.removeprefix("SCHEMA ") if entry.schema == "-" else entry.schema
        whole = entry.schema != "-" or entry.type in {"SCHEMA", "ACL", "COMMENT"}
        if (whole and about in schemas) or (entry.schema == "-" and entry.owner in owners):
            parts += [text[pos : entry.start], "\n" * text.count("\n", entry.start, entry.end)]
            pos = entry.end
    return "".join([*parts, text[pos:]])
