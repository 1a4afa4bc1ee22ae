from ajour.sql.schema import Schema
from ajour.sql.split import split
from ajour.sql.tables import Constraint
from servers import Connection, connect
from traces import MORE, fixture, known_after

NAMES = """
create table unnamed (a int unique, b int check (b > 0), c int check (c > a), e int references
  unnamed (a), unique (b, c) include (e), check (a < 9), check (b < c), exclude (b with =));
create index on unnamed (a); create index on unnamed (a, b) include (c);
create index on unnamed (lower(a::text)); create index on unnamed (a);
create index on unnamed ((a + b)); create index on unnamed ((a + b), (b + c));
alter table unnamed add check (a > 1), add unique (a);
create table a_very_long_name_for_a_table_that_has_no_end (
  a_column_with_a_long_name_too bigserial primary key, x int references unnamed (a));
create index on a_very_long_name_for_a_table_that_has_no_end (a_column_with_a_long_name_too, x);
create table kids (like unnamed including all);
create table ranged (k int primary key, v int, unique (k, v)) partition by range (k);
"""

KINDS = {"c": "check", "p": "primary key", "u": "unique", "f": "foreign key", "x": "exclude"}


def catalog(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
    """Return what the server has: relations, columns and constraints, as plain values."""
    where = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_%'"
    relations = f"""select n.nspname, c.relname from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where c.relkind <> 'c' and {where}"""
    columns = f"""select n.nspname, c.relname, a.attname, a.attnotnull, t.typname
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
      join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and {where}"""
    constraints = f"""select n.nspname, c.relname, k.conname, k.contype::text, k.convalidated
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      join pg_namespace n on n.oid = c.relnamespace where k.contype <> 'n' and {where}"""
    return {
        "relations": set(connection.execute(relations.encode()).fetchall()),
        "columns": {
            (schema, table, name, not_null, type_)
            for schema, table, name, not_null, type_ in connection.execute(columns.encode())
        },
        "constraints": {
            (schema, table, name, KINDS[kind], valid)
            for schema, table, name, kind, valid in connection.execute(constraints.encode())
            if kind in KINDS
        },
    }


def told(schema: Schema) -> dict[str, set[tuple[object, ...]]]:
    """Return the same of what the text tells."""
    tables = [
        each for each in schema.tables.values() if each.kind in {"table", "partitioned table"}
    ]
    return {
        "relations": {
            (each.schema, each.name) for names in (schema.tables, schema.indexes) for each in names
        },
        "columns": {
            (each.relation.schema, each.relation.name, column.name, column.not_null, name)
            for each in tables
            for column in each.columns
            if column.type is not None
            for name in [("_" if column.type.dimensions else "") + column.type.name]
        },
        "constraints": {
            (each.relation.schema, each.relation.name, one.name, one.kind, one.valid)
            for each in tables
            for one in each.constraints
            if _is_kept(one)
        },
    }


def _is_kept(constraint: Constraint) -> bool:
    """Tell whether the server's catalogue has a constraint on every major: NOT NULL it has not."""
    return constraint.kind != "not null"


def test_what_the_text_tells_is_what_the_catalogue_has(plain_database_url: str) -> None:
    """Names, types, NOT NULL and constraints are those of the server, after all fixtures."""
    text = f"{MORE} {NAMES} {fixture()}"
    with connect(plain_database_url) as connection:
        for statement in split(text):
            connection.execute(statement.text.encode())
        has = catalog(connection)
    tells = told(known_after(text))
    for what, values in has.items():
        assert (tells[what] - values, values - tells[what]) == (set(), set()), what
