"""Extensions on the embedded server: the real ones, and the stand-ins for what it does not have."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from acting import rows
from ajour.engines import embedded, extensions
from ajour.engines.binaries import Binaries, find_binaries
from projects import Cli, Project, documents
from servers import Connection, connect

REFUSAL = "stand-in on the embedded server: call is accepted by the real extension"
STAND_INS = sorted(path.stem for path in extensions.FOLDER.glob("extension/*.control"))

IN_A_SCHEMA_OF_THEIR_OWN = {
    "pg_cron": "pg_catalog",
    "pg_graphql": "graphql",
    "pg_tle": "pgtle",
    "pgmq": "pgmq",
    "pgsodium": "pgsodium",
    "postgis_tiger_geocoder": "tiger",
    "postgis_topology": "topology",
    "supabase_vault": "vault",
}
"""Where these are created, whatever the search path says."""


DROP_ALL = """do $$
declare each text;
begin
    for each in select extname from pg_extension where extname <> 'plpgsql' loop
        execute format('drop extension if exists %I cascade', each);
    end loop;
end $$"""


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    """Give a connection as `postgres`, the role of migrations."""
    with connect(database_url) as connection:
        yield connection


@pytest.fixture
def programs() -> Binaries:
    """Give the PostgreSQL of the tests."""
    return find_binaries()


def created(db: Connection, name: str) -> list[tuple[str, str]]:
    """Return schema and version of an extension that is there."""
    return rows(
        db,
        "select extnamespace::regnamespace::text, extversion from pg_extension where extname = %s",
        name,
    )


# --- which there are --------------------------------------------------------------------------


def test_what_every_project_has_from_the_start(db: Connection) -> None:
    """Five extensions are there before the first migration, in the schemas of Supabase."""
    assert rows(
        db, "select extname, extnamespace::regnamespace::text from pg_extension order by extname"
    ) == [
        ("pg_graphql", "graphql"),
        ("pg_stat_statements", "extensions"),
        ("pgcrypto", "extensions"),
        ("plpgsql", "pg_catalog"),
        ("supabase_vault", "vault"),
        ("uuid-ossp", "extensions"),
    ]
    db.execute('create extension if not exists "uuid-ossp" with schema public')
    assert created(db, "uuid-ossp") == [("extensions", "1.1")]


def test_the_list(programs: Binaries) -> None:
    """Each extension is listed once: real, a stand-in that says so, or missing with the reason."""
    found = {each.name: each for each in extensions.available(programs)}
    assert (found["vector"].state, found["pgmq"].state) == ("real", "stand-in")
    assert (found["plv8"].state, found["plv8"].version) == ("missing", None)
    assert found["pg_cron"].version == "1.6.4"
    for each in found.values():
        assert each.says, each.name
        assert (extensions.MARK in each.says) is (each.state == "stand-in"), each.name
    assert {name for name, each in found.items() if each.state == "stand-in"} == set(STAND_INS)


def test_a_real_one_wins(programs: Binaries, tmp_path: Path, db: Connection) -> None:
    """An extension that the PostgreSQL has is real, also where there is a stand-in for it."""
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "pgmq.control").write_text(
        "comment = 'Bob''s queue' # theirs\ndefault_version = '1.9.0'\n"
    )
    (tmp_path / "extension" / "pgmq--1.9.0.sql").touch()
    other = replace(programs, share=tmp_path)
    found = {each.name: each for each in extensions.available(other)}
    assert found["pgmq"] == extensions.Available("pgmq", "real", "1.9.0", "Bob's queue")
    assert extensions.versions(other, "pgmq") == {"1.9.0"}
    assert extensions.fingerprint(other) != extensions.fingerprint(programs)
    ((path,),) = rows(db, "show extension_control_path")
    assert path.split(":")[0] == "$system", "and the server looks there first"


def test_before_postgresql_18_there_are_no_stand_ins(programs: Binaries) -> None:
    """An older server cannot look for extensions elsewhere: the list says so, and it starts."""
    old = replace(programs, version="17.6")
    found = {each.name: each for each in extensions.available(old)}
    assert found["pgmq"].state == "missing"
    assert "needs PostgreSQL 18" in found["pgmq"].says
    assert found["citext"].state == "real"
    assert extensions.stand_in_options(17) == ()
    assert extensions.versions(old, "pgmq") == frozenset()


def test_versions_that_can_be_given(programs: Binaries) -> None:
    """A version is given by a script of its own or by updates that lead to it."""
    assert extensions.versions(programs, "pgmq") == {"1.5.1"}
    assert "1.4" in extensions.versions(programs, "citext")
    assert "1.6" in extensions.versions(programs, "citext"), "by updates"
    assert "1.3" not in extensions.versions(programs, "citext"), "it has no script to begin with"
    assert extensions.versions(programs, "nonesuch") == frozenset()


def test_the_place_of_the_stand_ins_is_not_kept_in_the_data(project: Project) -> None:
    """The package may move: the next start tells the server where they are now."""
    url = embedded.ensure(project.path)
    conf = (project.path / ".ajour" / "data" / "postgresql.conf").read_text()
    assert str(extensions.FOLDER) not in conf
    with connect(url) as connection:
        assert rows(connection, "show extension_control_path") == [
            (f"$system:{extensions.FOLDER}",)
        ]


def test_the_command(cli: Cli, project: Project) -> None:
    """`ajour db extensions` lists them without starting a server, as text and as JSON."""
    said = cli("db", "extensions").stdout.splitlines()
    (line,) = [line for line in said if line.startswith("pg_cron ")]
    assert line.split()[1:3] == ["stand-in", "1.6.4"]
    assert "nothing is run" in line
    (document,) = documents(cli("db", "extensions", "--json"))
    assert document["kind"] == "Extensions"
    states = {each["name"]: each["state"] for each in document["extensions"]}
    assert (states["citext"], states["http"], states["plv8"]) == ("real", "stand-in", "missing")
    assert len(said) == len(states)
    assert not (project.path / ".ajour").exists()


# --- creating and dropping --------------------------------------------------------------------


def test_each_is_created_and_dropped(plain_database_url: str) -> None:
    """Each stand-in is created with all it needs, is marked as one, and leaves nothing behind."""
    scripts = {path.name for path in extensions.FOLDER.glob("extension/*.sql")}
    objects = "select count(*) from pg_proc where oid >= 16384"
    with connect(plain_database_url) as db:
        for name in STAND_INS:
            before = rows(db, objects)
            db.execute(f'create extension "{name}" cascade')
            ((schema, version),) = created(db, name)
            assert schema == IN_A_SCHEMA_OF_THEIR_OWN.get(name, "public"), name
            assert f"{name}--{version}.sql" in scripts
            says = "select obj_description(oid, 'pg_extension') from pg_extension"
            assert extensions.MARK in rows(db, f"{says} where extname = %s", name)[0][0], name
            db.execute(DROP_ALL)
            assert rows(db, objects) == before, name


@pytest.mark.parametrize("name", ["pgcrypto", "uuid-ossp", "pg_net", "http", "pg_cron", "wrappers"])
def test_it_moves_to_another_schema(db: Connection, name: str) -> None:
    """Dropped and created again elsewhere it is as good; pg_cron goes to pg_catalog always."""
    db.execute("create schema elsewhere")
    db.execute(f'create extension if not exists "{name}"')
    db.execute(f'drop extension "{name}"')
    db.execute(f'create extension "{name}" with schema elsewhere')
    ((schema, _),) = created(db, name)
    assert schema == ("pg_catalog" if name == "pg_cron" else "elsewhere")
    db.execute("drop schema elsewhere cascade")
    assert bool(created(db, name)) is (name == "pg_cron")


def test_relocatable_ones_keep_working(db: Connection) -> None:
    """What ALTER EXTENSION … SET SCHEMA moves finds its own parts again."""
    db.execute("create schema elsewhere")
    db.execute("alter extension pgcrypto set schema elsewhere")
    db.execute('alter extension "uuid-ossp" set schema elsewhere')
    db.execute("set search_path = ''")
    ((salt, mac, number),) = rows(
        db,
        "select elsewhere.gen_salt('bf'), length(elsewhere.hmac('a', 'k', 'sha1')),"
        " elsewhere.uuid_generate_v5(elsewhere.uuid_ns_dns(), 'x')",
    )
    assert salt.startswith("$2a$06$")
    assert mac == 20
    assert number == uuid.uuid5(uuid.NAMESPACE_DNS, "x")


def test_a_dump_prints_the_usual_statements(db: Connection, database_url: str) -> None:
    """pg_dump writes CREATE EXTENSION and none of what is in a stand-in."""
    program = find_binaries().program("pg_dump")
    if program is None:
        pytest.skip("this PostgreSQL has no pg_dump")
    db.execute("create extension pg_net with schema extensions")
    db.execute("create extension pg_cron with schema extensions")
    db.execute("create extension pgmq")
    db.execute("create table public.ids (id uuid default extensions.uuid_generate_v4())")
    url = urlsplit(database_url)
    done = subprocess.run(
        [program, "--schema-only", "--dbname", url._replace(netloc=netloc(url.netloc)).geturl()],
        env=os.environ | {"PGPASSWORD": str(url.password)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    for statement in (
        "CREATE EXTENSION IF NOT EXISTS pg_net WITH SCHEMA extensions;",
        "CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog;",
        "CREATE EXTENSION IF NOT EXISTS pgmq WITH SCHEMA pgmq;",
        'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions;',
        "    id uuid DEFAULT extensions.uuid_generate_v4()",
    ):
        assert statement in lines
    assert not [
        line for line in lines if line.startswith(("CREATE TABLE net", "CREATE TABLE cron"))
    ]


def netloc(given: str) -> str:
    """Return the address without its password, which is for the environment."""
    login, _, address = given.rpartition("@")
    return f"{login.partition(':')[0]}@{address}"


# --- calling ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("hypopg", "hypopg_create_index('create index on t (a)')"),
        ("http", "http_get('https://example.org')"),
        ("index_advisor", "index_advisor('select 1')"),
        ("pg_tle", "pgtle.install_extension('a', '1', 'd', 'select 1')"),
        ("pgcrypto", "pgp_sym_encrypt('a', 'key')"),
        ("pgcrypto", "crypt('a', 'ab')"),
        ("pgsodium", "pgsodium.crypto_secretbox('a', 'b', 'c')"),
        ("plpgsql_check", "plpgsql_check_function('now()')"),
        ("pgroonga", "'a'::text &@~ 'b'"),
        ("postgis", "st_distance('POINT(1 2)'::geometry, 'POINT(1 3)'::geometry)"),
        ("timescaledb", "add_retention_policy('pg_class', interval '1 day')"),
        ("pg_jsonschema", "json_matches_schema('{\"unevaluatedItems\": false}', '[]')"),
        ("xml2", "xpath_string('<a/>', '/a')"),
    ],
)
def test_what_it_cannot_do_is_an_error(db: Connection, name: str, call: str) -> None:
    """A call that only the real extension can answer raises, and names the setting."""
    db.execute(f'create extension if not exists "{name}" cascade')
    with pytest.raises(psycopg.errors.FeatureNotSupported, match=REFUSAL) as refused:
        db.execute(f"select {call}")
    assert "`postgres`" in str(refused.value.diag.message_hint)


def test_foreign_tables_of_wrappers(db: Connection) -> None:
    """Wrapper, server and table can be made, with their options; reading is an error."""
    db.execute("""
        create extension wrappers with schema extensions;
        create foreign data wrapper stripe_wrapper
            handler stripe_fdw_handler validator stripe_fdw_validator;
        create server stripe foreign data wrapper stripe_wrapper options (api_key_id 'x');
        create foreign table public.customers (id text) server stripe options (object 'customers');
    """)
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="fdw_handler"):
        db.execute("select * from public.customers")


# --- published results ------------------------------------------------------------------------


def test_named_uuids(db: Connection) -> None:
    """Versions 3 and 5 give the numbers of RFC 9562 and the ones that Python gives."""
    assert rows(
        db,
        "select uuid_generate_v3(uuid_ns_dns(), 'www.example.com')::text,"
        " uuid_generate_v5(uuid_ns_dns(), 'www.example.com')::text",
    ) == [("5df41881-3aed-3515-88a7-2f4a814cf09e", "2ed6657d-e927-568b-95e1-2665a8aea6a2")]
    for name in ("", "é", "x" * 39, "x" * 40, "x" * 1000):  # 56 and 64 bytes are edges of SHA-1
        made = rows(
            db,
            "select uuid_generate_v3(uuid_ns_url(), %s), uuid_generate_v5(uuid_ns_oid(), %s)",
            name,
            name,
        )
        assert made == [
            (uuid.uuid3(uuid.NAMESPACE_URL, name), uuid.uuid5(uuid.NAMESPACE_OID, name))
        ]


def test_numbers_of_time_and_chance(db: Connection) -> None:
    """Version 1 tells the time and hides the machine; version 4 is random; no two are equal."""
    made = rows(
        db,
        "select uuid_generate_v1(), uuid_generate_v1mc(), uuid_generate_v4()"
        " from generate_series(1, 100)",
    )
    assert len({number for row in made for number in row}) == 300
    for first, second, third in made:
        assert (first.version, second.version, third.version) == (1, 1, 4)
        assert {number.variant for number in (first, second, third)} == {uuid.RFC_4122}
        moment = datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=second.time // 10)
        assert abs(datetime.now(UTC) - moment) < timedelta(minutes=10)
        assert second.node >> 40 & 1, "the bit of a node that is made up"


@pytest.mark.parametrize(
    ("kind", "hashed"),
    [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
        ("SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "sha512",
            (
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ),
        ),
    ],
)
def test_digests(db: Connection, kind: str, hashed: str) -> None:
    """The digest of `abc` is the one of FIPS 180-4 and RFC 1321."""
    assert rows(db, "select encode(digest('abc', %s), 'hex')", kind) == [(hashed,)]


@pytest.mark.parametrize(
    ("kind", "key", "data", "mac"),
    [
        (
            "sha1",
            b"Jefe".hex(),
            "what do ya want for nothing?",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        (
            "md5",
            b"Jefe".hex(),
            "what do ya want for nothing?",
            "750c783e6ab0b503eaa86e310a5db738",
        ),
        (
            "sha256",
            "aa" * 131,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            "sha384",
            b"Jefe".hex(),
            "what do ya want for nothing?",
            (
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
                "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
            ),
        ),
    ],
)
def test_authentication_codes(db: Connection, kind: str, key: str, data: str, mac: str) -> None:
    """HMAC gives the results of RFC 2202 and RFC 4231, with a key longer than a block, too."""
    made = rows(
        db,
        "select encode(hmac(convert_to(%s, 'UTF8'), decode(%s, 'hex'), %s), 'hex')",
        data,
        key,
        kind,
    )
    assert made == [(mac,)]


@pytest.mark.parametrize(
    ("password", "hashed"),
    [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        ("password", "$1$deadbeef$Q7g0UO4hRC0mgQUQ/qkjZ0"),
    ],
)
def test_passwords(db: Connection, password: str, hashed: str) -> None:
    """A password becomes what bcrypt and the MD5 of crypt(3) make of it elsewhere."""
    assert rows(db, "select crypt(%s, %s)", password, hashed) == [(hashed,)]


def test_a_salt_has_all_its_digits(db: Connection) -> None:
    """There are 64 of them, and each is drawn sooner or later."""
    found = rows(
        db,
        "select type, min(length(salt)), max(length(salt)) from ("
        " select type, gen_salt(type) as salt"
        " from unnest(array['bf', 'des', 'md5', 'xdes']) as type, generate_series(1, 1000)"
        ") as made group by type order by type",
    )
    assert found == [("bf", 29, 29), ("des", 2, 2), ("md5", 11, 11), ("xdes", 9, 9)]


def test_a_salt_is_new_each_time(db: Connection) -> None:
    """A password is recognised by its own hash, whose salt nobody could foresee."""
    ((first, second, good, bad),) = rows(
        db,
        "select a, b, a = crypt('secret', a), a = crypt('Secret', a)"
        " from (select crypt('secret', gen_salt('bf', 4)) as a, gen_salt('bf', 4) as b) as t",
    )
    assert (good, bad) == (True, False)
    assert first[:29] != second
    with pytest.raises(psycopg.Error, match="Incorrect number of rounds"):
        db.execute("select gen_salt('bf', 99)")
    with pytest.raises(psycopg.Error, match="No such hash algorithm"):
        db.execute("select digest('a', 'sha3')")


def test_random_bytes(db: Connection) -> None:
    """As many bytes as were asked for, other ones each time."""
    made = rows(db, "select gen_random_bytes(n) from unnest(array[1, 32, 33, 1024, 1024]) as n")
    assert [len(row[0]) for row in made] == [1, 32, 33, 1024, 1024]
    assert made[3] != made[4]
    with pytest.raises(psycopg.Error, match="Length not in range"):
        db.execute("select gen_random_bytes(1025)")


def test_a_token(db: Connection) -> None:
    """A token is signed as everyone does it; a foreign signature and an old one are not valid."""
    db.execute("create extension pgjwt with schema extensions")
    token = (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWV9"
        ".TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ"
    )
    payload = '{"sub":"1234567890","name":"John Doe","admin":true}'
    assert rows(db, "select sign(%s, 'secret')", payload) == [(token,)]
    verified = "select payload ->> 'name', valid from verify(%s, %s)"
    assert rows(db, verified, token, "secret") == [("John Doe", True)]
    assert rows(db, verified, token, "other") == [("John Doe", False)]
    ((old,),) = rows(db, "select sign('{\"exp\": 1}', 'secret')")
    assert rows(db, verified, old, "secret") == [(None, False)]


def test_short_numbers(db: Connection) -> None:
    """pg_hashids gives the texts that Hashids publishes, and reads them back."""
    db.execute("create extension pg_hashids")
    salt = "this is my salt"
    assert rows(
        db,
        "select id_encode(12345, %s), id_encode(array[683, 94108, 123, 5]::bigint[], %s),"
        " id_encode(1, %s, 8)",
        *[salt] * 3,
    ) == [("NkK9", "aBMswoO2UB3Sj", "gB0NV05e")]
    assert rows(
        db, "select id_decode('aBMswoO2UB3Sj', %s), id_decode('NkK9', 'another salt')", salt
    ) == [([683, 94108, 123, 5], [])]
    assert rows(
        db,
        "select count(*) from generate_series(0, 9223372036854775807, 461168601842738790) as n"
        " where id_decode_once(id_encode(n, 's', 12), 's', 12) is distinct from n",
    ) == [(0,)]


# --- those that do much of the work -----------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ('{"type": "object", "required": ["a"]}', '{"a": 1}', '{"b": 1}'),
        ('{"properties": {"a": {"type": "integer"}}}', '{"a": 1.0}', '{"a": 1.5}'),
        (
            '{"properties": {"a": {}}, "additionalProperties": false}',
            '{"a": 1}',
            '{"a": 1, "b": 2}',
        ),
        ('{"items": {"enum": ["x", null]}, "uniqueItems": true}', '["x", null]', '["x", "x"]'),
        ('{"prefixItems": [{"const": 1}], "items": {"minLength": 2}}', '[1, "ab"]', '[1, "a"]'),
        ('{"oneOf": [{"type": "integer"}, {"minimum": 2}]}', "2.5", "3"),
        (
            '{"$defs": {"t": {"pattern": "^a+$"}}, "items": {"$ref": "#/$defs/t"}}',
            '["aa"]',
            '["b"]',
        ),
        ('{"if": {"const": 1}, "then": false, "else": {"maximum": 5}}', "5", "1"),
    ],
)
def test_a_json_schema_as_a_constraint(db: Connection, schema: str, good: str, bad: str) -> None:
    """A table with a schema in a CHECK takes what fits and refuses what does not."""
    db.execute("create extension pg_jsonschema with schema extensions")
    literal = schema.replace("'", "''")
    db.execute(f"create table t (j json check (json_matches_schema('{literal}', j)))")
    db.execute("insert into t values (%s)", [good])
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("insert into t values (%s)", [bad])
    ((errors,),) = rows(db, "select jsonschema_validation_errors(%s, %s)", schema, bad)
    assert errors
    assert rows(db, "select jsonschema_is_valid(%s)", schema) == [(True,)]
    assert rows(db, 'select jsonschema_is_valid(\'{"type": "objekt"}\')') == [(False,)]


def test_tables_with_places(db: Connection) -> None:
    """Columns of postgis keep their modifiers, take points, and can be indexed and grouped by."""
    db.execute("""
        create extension postgis with schema extensions;
        create table public.places (
            id int, at geography(POINT, 4326), shape geometry(MultiPolygonZ, 2056), other geometry);
        create index on public.places using gist (at);
        create index on public.places using gist (shape, other);
        insert into public.places (id, at, other)
            select n, st_point(n, 48.5), st_setsrid(st_makepoint(n % 7, 2), 4326)
            from generate_series(1, 2000) as n;
        create function public.near(lat float, long float) returns setof public.places
            language sql stable as $$
            select * from public.places where st_dwithin(at, st_point(long, lat)::geography, 1000)
            order by at <-> st_point(long, lat)::geography $$;
    """)
    assert rows(
        db,
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = 'public.places'::regclass and attname in ('at', 'shape', 'other')"
        " order by attnum",
    ) == [
        ("at", "geography(Point,4326)"),
        ("shape", "geometry(MultiPolygonZ,2056)"),
        ("other", "geometry"),
    ]
    assert rows(
        db, "select st_astext(at), st_x(at::geometry), st_y(at::geometry) from places where id = 7"
    ) == [("POINT(7 48.5)", 7.0, 48.5)]
    assert len(rows(db, "select other, count(*) from places group by other order by other")) == 7
    assert rows(db, "select st_srid(other), geometrytype(other) from places limit 1") == [
        (4326, "POINT")
    ]
    assert rows(
        db, "select f_geometry_column, srid, type from geometry_columns order by 1 desc"
    ) == [("shape", 2056, "MULTIPOLYGONZ"), ("other", 0, "GEOMETRY")]
    with pytest.raises(psycopg.errors.FeatureNotSupported, match=REFUSAL):
        db.execute("select * from near(1, 2)")


def test_a_hypertable_is_a_table(db: Connection) -> None:
    """create_hypertable leaves a plain table with the usual index; time_bucket groups by time."""
    db.execute("""
        create extension timescaledb;
        create table public.measured (at timestamptz, value float);
        select create_hypertable('measured', 'at');
        insert into measured select '2024-01-01 00:00+00'::timestamptz + n * interval '1 minute', n
            from generate_series(0, 119) as n;
    """)
    assert rows(db, "select to_regclass('measured_at_idx') is not null") == [(True,)]
    assert rows(
        db,
        "select time_bucket('1 hour', at)::text, sum(value) from measured group by 1 order by 1",
    ) == [("2024-01-01 00:00:00+00", 1770.0), ("2024-01-01 01:00:00+00", 5370.0)]
    assert rows(
        db,
        "select time_bucket('1 week', date '2024-01-03')::text,"
        " time_bucket('3 months', timestamptz '2024-05-15')::date::text",
    ) == [("2024-01-01", "2024-04-01")]
    with pytest.raises(psycopg.Error, match="already a hypertable"):
        db.execute("select create_hypertable('measured', 'at')")


def test_an_index_of_rum_finds(db: Connection) -> None:
    """A search by rum's index gives the right rows, and uses it."""
    db.execute("""
        create extension rum;
        create table texts (id int, words tsvector);
        create index by_words on texts using rum (words rum_tsvector_ops);
        insert into texts
            select n, to_tsvector('simple', 'word' || n) from generate_series(1, 99) as n;
    """)
    search = "select id from texts where words @@ to_tsquery('simple', 'word42')"
    with db.transaction():
        db.execute("set local enable_seqscan = off")
        assert "by_words" in str(rows(db, f"explain {search}"))
        assert rows(db, search) == [(42,)]


def test_tests_of_the_database(db: Connection) -> None:
    """A test run counts what is ok, and says at the end what was not."""
    db.execute("create extension pgtap with schema extensions")
    said = [
        rows(db, f"select {call}")[0][0].splitlines()[0]
        for call in (
            "plan(4)",
            "ok(true, 'first')",
            "is(1, 2, 'second')",
            "throws_ok('select 1/0', '22012')",
            "results_eq('select 1', 'values (1)')",
        )
    ]
    assert said == ["1..4", "ok 1 - first", "not ok 2 - second", "ok 3", "ok 4"]
    assert rows(db, "select * from finish()") == [("# Looks like you failed 1 tests of 4",)]
