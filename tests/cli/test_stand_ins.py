import json

from projects import Cli, Project


def test_stand_ins_and_versions_are_named(cli: Cli, project: Project) -> None:
    """On the embedded server it is said what it only stands in for, and which version it lacks."""
    project.migration(
        "20240101_a.sql",
        "create extension vector with schema extensions version '0.5.0';\n"
        "create extension pg_cron;\n"
        "create table t (id uuid default extensions.uuid_generate_v4(), v extensions.vector(3));\n",
    )
    done = cli("migrate")
    assert "20240101_a.sql:1:1: The embedded server has no version 0.5.0 of vector" in done.stderr
    assert "stand-ins: pg_cron, uuid-ossp (" in done.stdout
    now = json.loads(cli("status", "--json").stdout)
    assert now["stand_ins"] == ["pg_cron", "uuid-ossp"]
    assert now["edited"] == []


def test_what_is_real_is_not_named(cli: Cli, project: Project) -> None:
    """A project that uses what the server has itself reads nothing of stand-ins."""
    project.migration(
        "20240101_a.sql",
        "create extension citext;\ncreate table t (c citext, id uuid default gen_random_uuid());\n",
    )
    assert "stand-in" not in cli("migrate").stdout
