"""A rehearsal tells of every statement that was recorded what was recorded: all of the traces.

The statements stand in one migration, each undone by ROLLBACK TO before the next. So they meet the
same tables, and the locks of one are not those of another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ajour.effects import Observed
from ajour.model import Relation
from ajour.sql.split import split
from projects import Cli, Project, documents
from servers import MAJOR, Server, connect
from traces import OWN, REASSIGN, different, fixture, rows

FILE = "20240102_work.sql"
HEAD = "set search_path = lab;\nset timezone = 'UTC';\n"
EMBEDDED = 18
"""The major of the server that comes with the package."""

ON_VALUES = {
    "alter table t alter column s type varchar(20)": "22001",
    "alter table pt attach partition cand for values from (3000) to (5000)": "23514",
    "alter table t alter column b type bit(16)": "22026",
}
"""Statements that fail on rows that were made up; with the real ones they do not."""

SLOW = """
create table w (id int primary key, v int);
insert into w select g, g from generate_series(1, 100) g;
create function slow(int) returns int language plpgsql immutable as
  $$ begin perform pg_catalog.pg_sleep(0.001); return $1; end $$;
create index w_slow on w (slow(v));
create index w_v on w (v);
"""
"""A table whose index takes as long as it takes to look at it from outside."""

Did = tuple[str | None, bool, bool, list[str]]
ALONE: dict[str, Did] = {
    "create index concurrently w_more on public.w (public.slow(v))": (
        *("SHARE UPDATE EXCLUSIVE", False, True),
        ["w_more"],
    ),
    "reindex index concurrently public.w_slow": (
        *("SHARE UPDATE EXCLUSIVE", False, True),
        ["w_slow"],
    ),
    "vacuum full public.w": (
        *("ACCESS EXCLUSIVE", True, True),
        ["w_more", "w_pkey", "w_slow", "w_v"],
    ),
}
"""What cannot run in a transaction: lock on w, rewritten, scanned, builds."""


@dataclass(frozen=True)
class Lab:
    """A project whose database has the fixture."""

    cli: Cli
    project: Project
    url: str

    def rehearsed(self, *words: str, sql: str, code: int = 0) -> dict[str, Any]:
        """Return what a rehearsal of some statements says of it."""
        self.project.migration(FILE, f"{HEAD}{sql}")
        (document,) = documents(self.cli("rehearse", "--json", *words, code=code))
        return document


@pytest.fixture
def lab(cli: Cli, project: Project, plain_database_url: str) -> Lab:
    """Give the command on a database with the fixture, which was analysed."""
    project.write("ajour.toml", 'profile = "plain"\nbackup_folder = "kept"\n')
    with connect(plain_database_url) as connection:
        for statement in split(f"{SLOW}{fixture()}"):
            connection.execute(statement.text.encode())
    return Lab(cli.on(plain_database_url), project, plain_database_url)


def running(major: int) -> Mapping[str, str]:
    """Return the statements that ran when they were recorded, and what was recorded."""
    found = {row.sql: row.recorded[major] for row in rows()}
    return {
        sql: text
        for sql, text in found.items()
        if not text.startswith("ERR") and "error" not in OWN.get(sql, ())
    }


def compared(document: dict[str, Any], statements: Mapping[str, str]) -> Iterator[str]:
    """Yield each statement that did not do what was recorded, and in what."""
    assert document["failed"] is None
    by_text = {
        each["observation"]["statement"]["text"].strip(): each["observation"]
        for each in document["measured"]
    }
    for sql, text in statements.items():
        found = different(sql, text, told(by_text[sql]))
        if found:
            yield f"{sql}: {', '.join(found)}"


def told(observation: dict[str, Any]) -> tuple[Observed, ...]:
    """Return the relations of an observation, from its JSON."""
    return tuple(
        Observed(**each | {"relation": Relation(**each["relation"]), "built": tuple(each["built"])})
        for each in observation["relations"]
    )


def undone(statements: Mapping[str, str]) -> str:
    """Return a text with the statements, each behind a savepoint that it is taken back to."""
    return "".join(f"savepoint s;\n{sql};\nrollback to s;\n" for sql in statements)


def test_on_the_embedded_server(lab: Lab) -> None:
    """Locks, rewrites, scans and builds are equal, on rows that were made up."""
    statements = {sql: text for sql, text in running(EMBEDDED).items() if sql not in ON_VALUES}
    document = lab.rehearsed(sql=undone(statements))
    assert document["server_version"] // 10000 == EMBEDDED
    assert list(compared(document, statements)) == []
    assert len(statements) == 160


def test_on_the_real_rows(lab: Lab, server: Server) -> None:
    """With the rows of a backup the rest is equal as well: all that ran when it was recorded."""
    lab.cli("backup")
    (saved,) = (each for each in (lab.project.path / "kept").iterdir() if each.suffix != ".json")
    statements = running(MAJOR)
    scratch = ("--scratch", server.url("postgres"))
    document = lab.rehearsed("--from-backup", str(saved), *scratch, sql=undone(statements))
    assert document["server_version"] // 10000 == MAJOR
    assert list(compared(document, statements)) == []
    assert statements.keys() >= ON_VALUES.keys()


def test_those_that_fail(lab: Lab, server: Server) -> None:
    """A rehearsal fails as the statement did when it was recorded, with the same words."""
    failing = [row for row in rows() if row.recorded[MAJOR].startswith("ERR")]
    assert {row.sql for row in rows()} == {*running(MAJOR), *(row.sql for row in failing), REASSIGN}
    for row in failing:
        document = lab.rehearsed(*("--scratch", server.url("postgres")), sql=row.sql, code=1)
        assert f"ERR {document['failed']}" == row.recorded[MAJOR]
        assert document["measured"][-1]["observation"]["relations"] == []


def test_what_our_server_does_not_let_do(lab: Lab, server: Server) -> None:
    """Its first role owns what the server needs: the one statement that ran elsewhere only."""
    scratch = ("--scratch", server.url("postgres"))
    document = lab.rehearsed(*scratch, sql=REASSIGN, code=1)
    assert document["failed"].startswith("2BP01 cannot reassign ownership of objects")


def test_those_that_need_the_real_rows(lab: Lab, server: Server) -> None:
    """What fails on rows that were made up alone is said to be that."""
    for sql, sqlstate in ON_VALUES.items():
        document = lab.rehearsed("--scratch", server.url("postgres"), sql=sql, code=1)
        assert document["failed"].startswith(sqlstate)
        assert any("made up" in each["message"] for each in document["findings"])


def test_those_that_run_alone(lab: Lab, server: Server) -> None:
    """What cannot run in a transaction is watched from outside: lock, rewrite, scan, builds."""
    sql = "".join(f"{each};\n" for each in ALONE)
    document = lab.rehearsed("--scratch", server.url("postgres"), sql=sql)
    seen = {
        each["observation"]["statement"]["text"].strip(): _on_w(each["observation"])
        for each in document["measured"]
        if each["observation"]["sampled"]
    }
    assert seen == ALONE


def _on_w(observation: dict[str, Any]) -> Did:
    (table,) = (each for each in told(observation) if each.relation == Relation("public", "w"))
    return table.lock, table.rewritten, table.scanned, sorted(table.built)
