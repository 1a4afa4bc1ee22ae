"""Types of columns as SQL writes them, told apart from each other."""

from dataclasses import dataclass

from ajour.sql.parse import Node

SERIAL = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}
"""Written like a type, each stands for one with NOT NULL and a sequence of the column's own."""


_BASE_NAMES = """
    bit bool box bpchar bytea char cidr circle date float4 float8 inet int2 int4 int8 interval json
    jsonb jsonpath line lseg macaddr macaddr8 money name numeric oid path pg_lsn pg_snapshot point
    polygon regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype text time timestamp timestamptz timetz tsquery tsvector
    txid_snapshot uuid varbit varchar xid xid8 xml
    int4range int8range numrange tsrange tstzrange daterange
    int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
    citext vector halfvec sparsevec hstore ltree lquery cube seg isbn geometry geography
"""

BASE = frozenset(_BASE_NAMES.split())
"""Types that are no domains: PostgreSQL's own, and the usual ones of extensions."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type by its name. `str` writes it as SQL does."""

    name: str
    """PostgreSQL's own short name where it has one: int4, timestamptz, bpchar."""
    schema: str = ""
    """Empty where none is written, and for PostgreSQL's own types."""
    modifiers: tuple[int | None, ...] = ()
    """varchar(20) has (20,), numeric(10,2) has (10, 2); None for one that is no plain number."""
    dimensions: int = 0
    """How many pairs of brackets follow it."""

    def __str__(self) -> str:
        name = f"{self.schema}.{self.name}" if self.schema else self.name
        inside = ",".join("?" if each is None else str(each) for each in self.modifiers)
        return f"{name}{f'({inside})' if inside else ''}{'[]' * self.dimensions}"


def read_type(node: Node) -> Type:
    """Return the type that a TypeName node names; a serial stands as itself."""
    *schema, name = (part.text("sval") for part in node.children("names"))
    own = schema == ["pg_catalog"]
    return Type(
        name,
        "" if own else ".".join(schema),
        tuple(_number(each) for each in node.children("typmods")),
        len(node.children("array_bounds")),
    )


def _number(node: Node) -> int | None:
    value = node.child("ival") if node.kind == "A_Const" else None
    return int(value.text("ival")) if value is not None else None
