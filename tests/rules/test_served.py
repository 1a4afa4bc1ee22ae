"""Rules about what is served to the internet: which schemas, and what is open in them."""

from dataclasses import replace

import pytest

from ajour.check import Circumstances, check
from ajour.profiles import SUPABASE
from projects import Cli, Project
from runs import TABLE, file
from servers import connect

API = Circumstances(replace(SUPABASE, api_schemas=("api",)), 18, TABLE)
BOTH = Circumstances(replace(SUPABASE, api_schemas=("public", "api")), 18, TABLE)

BEGIN = "create schema api; grant usage on schema api to anon, authenticated;"
MADE = "create table api.t (id int primary key);"
LATER = "alter default privileges in schema api"
CLOSED = LATER.replace("api", "public") + " revoke all on tables from anon, authenticated;"


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        (MADE, "api.t"),
        (f"{MADE} grant select on api.t to anon;", "api.t"),
        (f"{MADE} grant all on api.t to authenticated;", "api.t"),
        (f"{MADE} grant all on api.t to service_role;", "api.t"),
        (f"{MADE} grant select on api.t to public;", "api.t"),
        (f"{MADE} grant select on all tables in schema api to anon;", "api.t"),
        (f"{LATER} grant all on tables to anon; {MADE}", "api.t"),
        (f"{LATER} grant usage on sequences to anon; {MADE}", "api.t"),
        (f"{LATER} grant all on tables to anon; {MADE} revoke all on api.t from anon;", "api.t"),
        ("create table t (id int primary key);", "public.t"),
        (f"{CLOSED} create table t (id int primary key);", "public.t"),
    ],
)
def test_what_is_open(database_url: str, sql: str, table: str) -> None:
    """A table is found open exactly where the server lets a role of the internet read it."""
    every = check([file("1.sql", BEGIN + sql)], BOTH)
    found = "rls-disabled-in-public" in {each.rule for each in every}
    with connect(database_url) as connection:
        connection.execute((BEGIN + sql).encode())
        asked = "select has_table_privilege(r, %s, 'select') from unnest(%s::text[]) r"
        answers = connection.execute(asked, (table, list(SUPABASE.api_roles))).fetchall()
    assert found == any(answer for (answer,) in answers)


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("create view {0}.v as select id from auth.users; {1}", "auth-users-exposed"),
        ("create view {0}.w as select id from hidden.t; {1}", "view-bypasses-rls"),
        ("create materialized view {0}.m as select 1 as one; {1}", "never-rls"),
        (
            "create function {0}.f() returns int security definer set search_path = '' return 1;",
            "definer-for-everybody",
        ),
    ],
)
def test_which_schemas(sql: str, rule: str) -> None:
    """What the project serves is looked at, and what it does not serve is not."""
    grant = "grant select on all tables in schema {0} to anon;"
    for schema, found in (("api", True), ("public", False), ("inside", False)):
        text = sql.format(schema, grant.format(schema))
        rules = {each.rule for each in check([file("1.sql", text)], API)}
        assert (rule in rules) == found, schema


def test_the_projects_settings(cli: Cli, project: Project) -> None:
    """supabase/config.toml says which schemas are served; GraphQL serves what is on its path."""
    project.migration("20240101_a.sql", "create table t (id int primary key);")
    api = "[api]\nschemas = ['api'{}]\n"
    for text, open_ in (
        ("", True),
        (api.format(""), False),
        (api.format(", 'public'"), True),
        (api.format(", 'graphql_public'"), True),
        (api.format(", 'graphql_public'") + "extra_search_path = ['extensions']\n", False),
    ):
        project.write("supabase/config.toml", text)
        said = cli("check", code=1 if open_ else 0).stdout
        assert ("[rls-disabled-in-public]" in said) == open_, text
