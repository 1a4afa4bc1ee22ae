from pathlib import Path

from ajour.engines.binaries import Binaries, read_binaries
from lacking import leave_out
from projects import Cli, Project
from servers import connect, running

VIEWS = """
create table t (id int primary key, name text);
create view v as select id, name from t where name <> '';
create materialized view m as select max(id) as top from t;
create function f(a int) returns int language sql as 'select a';
create procedure p(a int) language sql as 'select 1';
create type span as range (subtype = float8);
"""


def older() -> Binaries:
    """Return a PostgreSQL of this machine that writes views in another way than 18 does."""
    places = sorted(Path("/usr/lib/postgresql").glob("1[3-5]/bin"))
    found = next((read_binaries(place) for place in places), None)
    return found or leave_out("no PostgreSQL older than 16 is installed")


def test_an_older_server(cli: Cli, project: Project) -> None:
    """Where the servers only write the same thing in other words, there is no difference."""
    project.write("ajour.toml", 'profile = "plain"\n')
    project.migration("20240101_a.sql", VIEWS)
    with running(binaries=older()) as server, server.database(supabase=False) as url:
        on = cli.on(url)
        on("migrate")
        assert "no drift" in on("drift").stdout
        with connect(url) as connection:
            connection.execute("create or replace view v as select id, name from t")
        said = on("drift", code=1).stdout
        assert "changed  view public.v: definition" in said
        assert "1 difference" in said
        text = on("drift", "--sql", "-", code=1).stdout
        assert "-- Proven on a scratch database" in text
        sql = text.partition("\n\n")[2]
        assert sql.startswith("drop view public.v;\n\ncreate view public.v as\n")
        assert sql.count(";\n") == 2
