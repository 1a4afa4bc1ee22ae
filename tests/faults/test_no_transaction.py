import json
from pathlib import Path

import psycopg
import pytest

from ajour.errors import MigrationFailed
from ajour.events import Done
from ajour.model import Statement
from ajour.sql.facts import runs_in_transaction
from runs import file, migrate
from servers import MAJOR, Connection, connect

DATA = json.loads((Path(__file__).parent / "data" / "no_transaction.json").read_text("utf-8"))
STATEMENTS = {name: sql for name, sql, _ in DATA["statements"] + DATA["newer"]}

NOT_TRIED = {
    "COPY FROM STDIN",  # it waits for data
    "pg_create_logical_replication_slot",  # it outlives a rollback
}
ONLY_THE_SERVER_KNOWS = {
    name
    for name, major in {
        "REINDEX TABLE partitioned": 14,
        "REINDEX INDEX partitioned": 14,
        "CLUSTER partitioned": 15,
    }.items()
    if major <= MAJOR
}
"""On partitioned tables; before, it was not there at all."""
SUBSCRIPTION = "create subscription nts connection 'dbname=x' publication p with (connect=false)"
DISABLED = "55000"
"""What is said of a subscription that is not enabled, before its transaction is looked at."""

ALONE = {
    "CREATE INDEX CONCURRENTLY": "create index concurrently nt_v2 on nt (v)",
    "CREATE UNIQUE INDEX CONCURRENTLY": "create unique index concurrently nt_v3 on nt (id, v)",
    "REINDEX INDEX CONCURRENTLY": "reindex index concurrently nt_v",
    "REINDEX TABLE CONCURRENTLY": "reindex (verbose, concurrently) table nt",
    "REINDEX SCHEMA": "reindex schema public",
    "DROP INDEX CONCURRENTLY": "drop index concurrently nt_v",
    "VACUUM": "vacuum (analyze) nt",
    "CLUSTER": "cluster",
    "DETACH PARTITION CONCURRENTLY": "alter table ntp detach partition ntp1 concurrently",
    "CREATE DATABASE": "create database ajour_made_this",
    "DROP DATABASE": "drop database ajour_made_this",
}
if MAJOR < 14:
    del ALONE["DETACH PARTITION CONCURRENTLY"]
    ALONE["REINDEX TABLE CONCURRENTLY"] = "reindex table concurrently nt"


def said(db: Connection, sql: str) -> str | None:
    """Return the SQLSTATE that a statement ends with inside a transaction, which is undone."""
    db.execute("begin")
    try:
        db.execute(sql)
    except psycopg.Error as error:
        return error.sqlstate
    finally:
        db.execute("rollback")
    return None


def test_our_list_is_the_servers(database_url: str) -> None:
    """What we run outside a transaction is what the server refuses in one, and nothing else."""
    database = database_url.rpartition("/")[2]
    with connect(database_url) as db:
        db.execute(DATA["setup"])
        db.execute(SUBSCRIPTION)
        wrong = {}
        for name in STATEMENTS.keys() - NOT_TRIED:
            sql = STATEMENTS[name].replace(" lab", f" {database}")
            code = said(db, sql)
            alone = not runs_in_transaction(Statement(sql, 0, 1, 1))
            refused = code == "25001" or (alone and "SUBSCRIPTION" in name and code == DISABLED)
            if alone != refused and code != "42601":  # the syntax of a newer server
                wrong[name] = code
        db.execute("alter subscription nts set (slot_name = none)")
        db.execute("drop subscription nts")
    assert wrong == dict.fromkeys(ONLY_THE_SERVER_KNOWS, "25001")


def test_what_runs_outside_a_transaction_is_recorded(database_url: str) -> None:
    """Each is a step of its own and takes effect, in any order and mixed with others."""
    files = [file("00_setup.sql", DATA["setup"])]
    for number, sql in enumerate(ALONE.values(), 1):
        files.append(file(f"{number:02}_step.sql", f"insert into nt values ({number});\n{sql};"))
    happened = migrate(database_url, *files)
    assert [each.name for each in happened if isinstance(each, Done)] == [f.name for f in files]
    with connect(database_url) as db:
        indexes = "select indexrelid::regclass::text, indisvalid from pg_index where indrelid = %s"
        found = db.execute(f"{indexes}::regclass order by 1", ["nt"]).fetchall()
        assert found == [("nt_pkey", True), ("nt_v2", True), ("nt_v3", True)]
        assert db.execute("select count(*) from nt").fetchone() == (len(ALONE),)
        left = db.execute("select * from pg_inherits where inhrelid = 'ntp1'::regclass").fetchall()
        assert len(left) == (MAJOR < 14)
        assert db.execute("select * from migrations_in_progress").fetchall() == []
        made = db.execute("select 1 from pg_database where datname = 'ajour_made_this'")
        assert made.fetchone() is None


@pytest.mark.parametrize("name", sorted(ONLY_THE_SERVER_KNOWS))
def test_what_only_the_server_knows_is_rolled_back(database_url: str, name: str) -> None:
    """Whether a table is partitioned stands in no file: the hint is to name the partitions."""
    first = file("1_a.sql", DATA["setup"])
    with pytest.raises(MigrationFailed) as failed:
        migrate(database_url, first, file("2_b.sql", f"create table b ();\n{STATEMENTS[name]};"))
    assert failed.value.sqlstate == "25001"
    assert failed.value.where
    assert failed.value.where.line == 2
    assert "partitions" in (failed.value.hint or "")
    with connect(database_url) as db:
        assert db.execute("select to_regclass('b')").fetchone() == (None,)
    migrate(database_url, first, file("2_b.sql", "reindex table ntp1;"))
