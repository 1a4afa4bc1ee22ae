from collections.abc import Iterator

import pytest

from ajour.catalog.diff import diff
from ajour.catalog.objects import HIDDEN, NOT_READABLE, Catalog, Identity
from ajour.inverse.schema import transform
from catalogs import catalog, told
from servers import MAJOR, Connection, Server, connect

SUBSCRIBED = (
    "create subscription sub connection 'host=nowhere password=of-the-publisher' publication pub"
    " with (connect = false, slot_name = none, enabled = false)"
)


@pytest.fixture
def url(plain_database_url: str) -> str:
    """Give the address of an empty database."""
    return plain_database_url


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """Give a connection to it."""
    with connect(url) as made:
        yield made


def secret_free(found: Catalog) -> bool:
    """Tell whether nothing that the tests keep secret stands in a catalog."""
    return "of-the-" not in repr(found)


def test_options(url: str, connection: Connection) -> None:
    """What looks like a secret is read as a hash; names in _id and other options are shown."""
    connection.execute(
        "create foreign data wrapper w options (api_key 'of-the-wrapper', api_key_id 'k1');"
        "create server s foreign data wrapper w"
        " options (conn_string 'tcp://u:of-the-server@h', host 'h');"
        "create user mapping for public server s options (user 'of-the-role');"
        "create foreign table t (a int) server s options (token 'of-the-table', object 'o');"
    )
    found = catalog(url)
    shown = {
        str(each.identity): each.attributes.get("options") or each.attributes.get("fdw_options")
        for each in found.objects.values()
        if HIDDEN in each.attributes
    }
    assert shown == {
        "foreign data wrapper w": ("api_key=hidden", "api_key_id=k1"),
        "server s": ("conn_string=hidden", "host=h"),
        "user mapping public on s": ("user=hidden",),
        "foreign table public.t": ("object=o", "token=hidden"),
    }
    assert secret_free(found)


def test_options_that_may_not_be_read(server: Server, url: str, connection: Connection) -> None:
    """To a role without the right to see them they are no difference."""
    connection.execute(
        "create foreign data wrapper w; create server s foreign data wrapper w;"
        "create user mapping for anon server s options (password 'of-the-role')"
    )
    whole = catalog(url)
    mapping = Identity("user mapping", "", "anon", "s")
    with connect(server.url("template1")) as admin:
        admin.execute("create role passer_by login password 'of-the-passer-by'")
        try:
            as_other = url.replace(url[: url.index("@")], "postgresql://passer_by:of-the-passer-by")
            seen = catalog(as_other)
        finally:
            admin.execute("drop role passer_by")
    assert seen.objects[mapping].attributes == {HIDDEN: NOT_READABLE}
    assert diff(whole, seen) == ()
    connection.execute("alter user mapping for anon server s options (set password 'another')")
    now = catalog(url)
    assert told(diff(whole, now)) == ["user mapping anon on s: hidden_values"]
    assert diff(whole, now, hidden=False) == ()


def test_a_subscription(url: str, connection: Connection) -> None:
    """It is found, without its connection; it cannot be made from that, and can be dropped."""
    before = catalog(url)
    connection.execute(SUBSCRIBED.encode())
    try:
        after = catalog(url)
        assert told(diff(before, after)) == ["+ subscription sub"]
        assert secret_free(after)
        assert [str(each) for each in transform(before, after).unknown] == ["subscription sub"]
        if MAJOR >= 14:
            connection.execute("comment on subscription sub is 'from there'")
            assert told(diff(after, catalog(url))) == ["subscription sub: comment"]
            connection.execute("comment on subscription sub is null")
        connection.execute("alter subscription sub set publication other with (refresh = false)")
        assert told(diff(after, catalog(url))) == ["subscription sub: publications"]
        (change,) = transform(after, before).changes
        assert change.sql == "drop subscription sub"
    finally:
        connection.execute("drop subscription sub")


def test_security_labels(url: str, connection: Connection) -> None:
    """They are found, with what they are on; the statements are those of SECURITY LABEL."""
    connection.execute(
        "create table t (a int); create function f(a int) returns int language sql as 'select a'"
    )
    before = catalog(url)
    connection.execute("set allow_system_table_mods = on")  # no server has a provider for tests
    for relation, oid, column in (
        ("pg_class", "'t'::regclass", 0),
        ("pg_class", "'t'::regclass", 1),
        ("pg_proc", "'f(int)'::regprocedure", 0),
    ):
        connection.execute(
            f"insert into pg_seclabel values ({oid}, '{relation}'::regclass, {column}, 'own',"
            " 'for few')".encode()
        )
    after = catalog(url)
    assert told(diff(before, after)) == [
        "+ security label own on column public.t.a",
        "+ security label own on function public.f(integer)",
        "+ security label own on table public.t",
    ]
    assert [each.sql for each in transform(before, after).changes] == [
        "security label for own on column public.t.a is 'for few'",
        "security label for own on function public.f(integer) is 'for few'",
        "security label for own on table public.t is 'for few'",
    ]
    connection.execute("drop table t")
    assert told(diff(after, catalog(url))) == [
        "- security label own on column public.t.a",
        "- security label own on table public.t",
        "- table public.t",
    ]
    assert [each.sql for each in transform(after, catalog(url)).changes] == ["drop table public.t"]


def test_settings_of_roles(url: str, connection: Connection) -> None:
    """Those of one role and of all, their values, and no value that looks like a secret."""
    role = f"of_{connection.info.dbname}"
    connection.execute(f"create role {role}".encode())
    try:
        before = catalog(url)
        connection.execute(f"alter role {role} set statement_timeout = '1s'".encode())
        connection.execute(f"alter role {role} set app.service_key = 'of-the-service'".encode())
        connection.execute("alter role all set app.every = 'x'")
        after = catalog(url)
        assert told(diff(before, after)) == [
            "+ role setting app.every",
            f"+ role setting app.service_key of role {role}",
            f"+ role setting statement_timeout of role {role}",
        ]
        assert secret_free(after)
        for change in transform(after, before).changes:
            connection.execute(change.sql.encode())
        assert diff(before, catalog(url)) == ()
        for change in transform(before, after).changes:
            connection.execute(change.sql.encode())
        assert diff(after, catalog(url), hidden=False) == ()
    finally:
        connection.execute("alter role all reset app.every")
        connection.execute(f"drop role {role}".encode())
