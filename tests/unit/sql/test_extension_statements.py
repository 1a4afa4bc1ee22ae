import pytest

from ajour.model import Statement
from ajour.sql.extensions import Extension, asked, without_version
from ajour.sql.parse import parse


def statement(text: str) -> Statement:
    """Return a statement that stands at the 40th character of its file."""
    return Statement(" " * 40 + text, offset=40, line=3, column=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("create extension pgmq", Extension("pgmq")),
        ("CREATE EXTENSION IF NOT EXISTS PGMQ", Extension("pgmq", if_not_exists=True)),
        (
            'create extension "uuid-ossp" with schema extensions',
            Extension("uuid-ossp", schema="extensions"),
        ),
        ("create extension pg_net version '0.14.0'", Extension("pg_net", version="0.14.0")),
        (
            'create extension vector with version "0.8.0" schema "Ext" cascade',
            Extension("vector", version="0.8.0", schema="Ext"),
        ),
        (
            "create /* a */ extension -- b\n  if not exists citext cascade version $$1.6$$",
            Extension("citext", version="1.6", if_not_exists=True),
        ),
        ("create extension if_not version v1", Extension("if_not", version="v1")),
        ("alter extension pg_net update", Extension("pg_net")),
        ("alter extension pg_net update to '0.8'", Extension("pg_net", version="0.8")),
    ],
)
def test_what_is_asked_for(text: str, expected: Extension) -> None:
    """Name, version and schema are read in any order, quoted or not, with comments between."""
    assert asked(statement(text)) == expected
    assert parse(text) is not None, "it is SQL"


@pytest.mark.parametrize(
    "text",
    [
        "create table extension (version text)",
        "drop extension pgmq",
        "alter extension pgmq set schema extensions",
        "alter extension pgmq add table t",
        "comment on extension pgmq is 'version 1'",
        "select 'create extension pgmq version ''1'''",
        "create extension",
        "create extension pgmq version",
        "create extension pgmq because we want it",
    ],
)
def test_other_statements(text: str) -> None:
    """What creates no extension, or is no SQL, asks for none and is left as it is."""
    other = statement(text)
    assert asked(other) is None
    assert without_version(other) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("create extension pgmq version '1.4.4'", "create extension pgmq"),
        (
            "create extension citext with version '1.6' schema extensions",
            "create extension citext with               schema extensions",
        ),
        (
            "create extension x\n  version\n  '1' cascade",
            "create extension x\n         \n      cascade",
        ),
        ("create extension x with version 'a''b'", "create extension x with"),
        ("alter extension x update to '2'", "alter extension x update"),
        ("create extension x schema version version '2'", "create extension x schema version"),
    ],
)
def test_a_version_is_left_out(text: str, left: str) -> None:
    """The version gives way to blanks; all else keeps its line and column."""
    changed = without_version(statement(text))
    assert changed == left
    assert parse(left) is not None, "it is still SQL"
    before, after = asked(statement(text)), asked(statement(changed))
    assert before is not None
    assert after is not None
    assert (after.name, after.schema, after.version) == (before.name, before.schema, None)


def test_without_a_version_nothing_changes() -> None:
    """A statement that asks for no version is sent as it came."""
    plain = statement("create extension if not exists pgmq")
    assert without_version(plain) == plain.text
