from ajour.model import Relation
from ajour.profiles import PLAIN
from ajour.sql.parse import parse
from ajour.sql.schema import Schema, begin
from ajour.sql.split import split
from ajour.sql.types import Type
from traces import known_after


def public(name: str) -> Relation:
    """Return a relation of the schema public."""
    return Relation("public", name)


def names(schema: Schema) -> set[str]:
    """Return the relations and indexes that are known."""
    return {str(each).removeprefix("public.") for each in (*schema.tables, *schema.indexes)}


def test_create_table_is_known_whole() -> None:
    """Columns, constraints and indexes are known, by the names that PostgreSQL gives them."""
    schema = known_after(
        "create table t (id bigserial primary key, code varchar(10) unique, n int check (n > 0),"
        " other int references t, a int, b int, unique (a, b), check (a < b))"
    )
    table = schema.tables[public("t")]
    assert table.whole
    assert table.kind == "table"
    assert [each.name for each in table.columns] == ["id", "code", "n", "other", "a", "b"]
    assert [(each.name, each.kind) for each in table.constraints] == [
        ("t_pkey", "primary key"),
        ("t_code_key", "unique"),
        ("t_n_check", "check"),
        ("t_other_fkey", "foreign key"),
        ("t_a_b_key", "unique"),
        ("t_check", "check"),
    ]
    assert names(schema) == {"t", "t_id_seq", "t_pkey", "t_code_key", "t_a_b_key"}
    identity, code = table.column("id"), table.column("code")
    assert identity is not None
    assert (identity.type, identity.not_null) == (Type("int8"), True)
    assert code is not None
    assert str(code.type) == "varchar(10)"
    assert table.constraints[3].referenced == ("id",)


def test_alter_table_changes_what_is_known() -> None:
    """Columns and constraints come and go, and are validated."""
    schema = known_after(
        "create table t (id int, v int);"
        "alter table t add constraint c check (v is not null) not valid;"
        "alter table t add column w text not null default 'x', drop column id;"
        "alter table t alter column v type bigint, alter column v set default 5"
    )
    table = schema.tables[public("t")]
    assert [str(each.type) for each in table.columns] == ["int8", "text"]
    assert [(each.name, each.kind, each.valid) for each in table.constraints] == [
        ("c", "check", False),
        ("t_w_not_null", "not null", True),
    ]
    after = known_after("alter table t validate constraint c", schema)
    assert after.tables[public("t")].constraints[0].valid
    assert not table.constraints[0].valid, "the earlier picture stays as it was"
    gone = known_after("alter table t drop constraint c", schema)
    assert [each.name for each in gone.tables[public("t")].constraints] == ["t_w_not_null"]


def test_an_unknown_table_stays_unknown() -> None:
    """A table that no file creates is not guessed at; a DO block tells nothing."""
    schema = known_after("do $$ begin create table t (id int); end $$; comment on table t is 'x'")
    assert schema.tables == {}
    told = known_after("alter table t add column v int", schema).tables[public("t")]
    assert (told.whole, told.kind, told.file) == (False, None, "")


def test_created_in_a_file() -> None:
    """A table and its indexes are new in the file that creates them, and only there."""
    schema = known_after("create table t (id int)", file="1.sql")
    schema = known_after("create index i on t (id); create view v as select 1", schema, "2.sql")
    assert schema.created_in(public("t"), "1.sql")
    assert not schema.created_in(public("t"), "2.sql")
    assert schema.created_in(public("t"), "1.sql", "2.sql")
    assert schema.created_in(public("i"), "1.sql")
    assert schema.created_in(public("v"), "2.sql")
    assert not schema.created_in(public("else"), "1.sql")


def test_a_file_begins_with_the_usual_search_path() -> None:
    """SET search_path holds for the rest of its file."""
    schema = known_after("set search_path = shop, public; create table t (id int)", file="1.sql")
    assert Relation("shop", "t") in schema.tables
    schema = known_after("create table t (id int)", schema, "2.sql")
    assert public("t") in schema.tables


def test_set_local_and_default_change_the_path() -> None:
    """SET … TO DEFAULT goes back to what is usual."""
    schema = known_after("set search_path = a; set search_path to default; create table t (id int)")
    assert names(schema) == {"t"}


def test_renames_are_followed() -> None:
    """Tables, columns, constraints, indexes, types and schemas keep what is known of them."""
    schema = known_after(
        "create schema shop; create domain shop.mail as text check (value <> '');"
        "create table shop.t (id int primary key, v shop.mail);"
        "create table shop.u (t_id int references shop.t);"
        "alter table shop.t rename column id to key;"
        "alter table shop.t rename to goods;"
        "alter table shop.goods rename constraint t_pkey to goods_pkey;"
        "alter domain shop.mail rename to address;"
        "alter schema shop rename to store"
    )
    goods = schema.tables[Relation("store", "goods")]
    assert [each.name for each in goods.columns] == ["key", "v"]
    assert [each.name for each in goods.constraints] == ["goods_pkey"]
    assert Relation("store", "goods_pkey") in schema.indexes
    ((table, key),) = schema.foreign_keys_to(goods.relation)
    assert (table, key.referenced) == (Relation("store", "u"), ("key",))
    assert schema.columns_of_type(Relation("store", "address")) == ((goods.relation, "v"),)


def test_drops_take_with_them_what_belongs() -> None:
    """A dropped table takes its indexes, sequences, partitions and views along."""
    schema = known_after(
        "create table t (id serial primary key) partition by range (id);"
        "create table t1 partition of t default; create view v as select * from t;"
        "create table u (t_id int references t); drop table t cascade"
    )
    assert names(schema) == {"u"}
    assert schema.tables[public("u")].constraints == ()
    assert known_after("drop schema public cascade", schema).tables == {}


def test_like_and_partitions_inherit() -> None:
    """LIKE INCLUDING ALL copies; a partition has its parent's columns, constraints and indexes."""
    schema = known_after(
        "create table t (id int primary key, v int default 1 check (v > 0));"
        "create table copy (like t including all); create table bare (like t);"
        "create table p (id int, k int, primary key (id, k)) partition by list (k);"
        "create table p1 partition of p for values in (1)"
    )
    assert {"copy_pkey", "p1_pkey"} <= names(schema)
    assert "bare_pkey" not in names(schema)
    assert schema.partitions_of(public("p")) == (public("p1"),)
    copied, bare = schema.tables[public("copy")], schema.tables[public("bare")]
    assert {each.kind for each in copied.constraints} == {"check", "primary key"}
    assert bare.constraints == ()
    assert [each.default is None for each in bare.columns] == [True, True]


def test_long_names_are_cut_as_postgresql_cuts_them() -> None:
    """The longer part gives way, so that a name has at most 63 characters."""
    table, column = "t" * 50, "c" * 40
    schema = known_after(f"create table {table} ({column} int unique)")
    (index,) = schema.indexes
    assert index.name == f"{'t' * 29}_{'c' * 29}_key"


def test_types_and_functions_are_known() -> None:
    """Enums, domains and how steady a function is, each by its schema."""
    schema = known_after(
        "create type mood as enum ('a'); create domain d as int not null;"
        "create function f() returns int immutable language plpgsql as 'begin end';"
        "alter function f() stable"
    )
    assert schema.types == {public("mood"): "enum"}
    assert schema.domains[public("d")].constrained
    mail = known_after(
        "create domain m as text check (value <> '') constraint at check (value like '%@%');"
        "alter domain m add check (length(value) < 99); alter domain m drop constraint m_check"
    ).domains[public("m")]
    assert [each.name for each in mail.constraints] == ["at", "m_check1"]
    assert schema.functions[public("f")] == {"immutable", "stable"}


def test_every_statement_can_be_read_after_any_other() -> None:
    """No statement makes the reader fail, whatever is known before it."""
    texts = (
        "drop table a; alter table a rename to b; alter table b drop column c cascade;"
        "alter table a attach partition b default; alter table a detach partition b;"
        "alter domain d drop constraint x; drop type d cascade; drop domain if exists e;"
        "alter index i rename to j; drop index j; create index on a (b); reindex table a;"
        "refresh materialized view m; alter table a set schema s; drop function f();"
        "alter table a add primary key using index i; alter function f() volatile;"
        "create table c (like a); create table d partition of a for values in (1);"
        "create table e () inherits (a); select 1 into f; create schema g create view h as select 1"
    )
    schema = begin(PLAIN)
    for statement in split(texts):
        for node in parse(statement.text) or ():
            schema = schema.after(node, "1.sql")
    assert "h" in {each.name for each in schema.tables}


def test_the_indexes_of_a_table_stay_its_own() -> None:
    """However they are made, renamed, moved and dropped; what was known before stays as it was."""
    first = known_after(
        "create table t (id int primary key, a int unique); create index i on t (a);"
        " create table u (id int primary key); create index j on u (id)"
    )
    schema = first
    for statement in split(
        "alter index i rename to k; alter table t rename to v; create schema s;"
        " alter table v set schema s; drop index j; alter table s.v drop constraint t_a_key;"
        " create table w (like s.v including indexes); drop table u; alter table s.v rename a to b"
    ):
        for node in parse(statement.text) or ():
            schema = schema.after(node)
    assert {str(each): len(schema.indexes_of(each)) for each in schema.tables} == {
        "s.v": 2,
        "public.w": 2,
    }
    assert first.indexes_of(public("u")) == tuple(
        each for each in first.indexes.values() if each.table == public("u")
    )
    for each in schema.indexes.values():
        assert each in schema.indexes_of(each.table)
    assert [each.relation.name for each in first.indexes_of(public("t"))] == [
        *("t_pkey", "t_a_key", "i")
    ]
