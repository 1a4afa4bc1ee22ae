"""The values of a catalog: each object of a schema, with all that decides what it is.

`Object` is generic; which `attributes` each kind has stands in KINDS. An attribute that has its
default is left out, so that `get` gives None for it. Expressions and definitions are the server's
own text, made with an empty search path: every name in them that is not PostgreSQL's own has its
schema. Values are text, integers, True, or tuples of these; lists without an order of their own
(roles, options) are sorted. Other objects are named as SQL has them, quoted where they must be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ajour.sql.names import quote

Value = str | int | bool | tuple["Value", ...] | None

KINDS: dict[str, tuple[str, ...]] = {
    "schema": (),
    "extension": ("schema", "version"),
    # name(types); also procedures, which have kind "procedure", and aggregates
    "function": (
        *("arguments", "returns", "language", "window", "volatility", "strict"),
        *("security_definer", "leakproof", "parallel", "cost", "rows", "support", "settings"),
        *("transforms", "library", "body"),  # together they say all that the definition says
    ),
    "procedure": ("arguments", "language", "security_definer", "settings", "transforms", "body"),
    "aggregate": ("options",),  # as CREATE AGGREGATE takes them, in its order
    "enum": ("labels",),
    "domain": ("type", "collation", "not_null", "default"),
    "domain constraint": ("type", "not_valid"),
    # form: composite (its columns are objects), range, base or shell
    "type": ("form", "subtype", "multirange", "options"),
    "sequence": (
        *("type", "start", "increment", "minimum", "maximum", "cache", "cycle", "unlogged"),
        *("owned_by", "identity"),  # owned_by: a column, quoted; identity: the column made it
    ),
    "table": (
        *("partition_key", "partition_of", "bound", "inherits", "of_type", "unlogged", "options"),
        *("toast_options", "access_method", "tablespace", "row_security", "force_row_security"),
        "replica_identity",  # "full" or "nothing"; an index of it has the attribute of that name
    ),
    "foreign table": (
        *("server", "fdw_options", "hidden_values", "partition_of", "bound", "inherits"),
    ),
    # `default` also holds the expression of a generated column, see `generated`: stored, virtual.
    # Of a view only columns with a comment, a grant or an option of their own are objects.
    "column": (
        *("position", "type", "collation", "not_null", "default", "generated", "identity"),
        # usual_storage: that of the type, where the column has another
        *("storage", "usual_storage", "compression", "statistics", "options", "fdw_options"),
        "inherited",
    ),
    "constraint": (
        *("type", "columns", "references", "referenced_columns", "not_valid", "not_enforced"),
        *("deferrable", "deferred", "inherited", "no_inherit"),
        *("clustered", "replica_identity", "index_options", "index_comment", "tablespace"),
    ),
    # Indexes that a constraint made stand in the constraint.
    "index": (
        *("unique", "invalid", "clustered", "replica_identity", "statistics", "tablespace"),
        "partition_of",
    ),
    "view": ("options",),
    "materialized view": ("options", "unpopulated", "access_method", "tablespace"),
    "trigger": ("enabled", "inherited", "function"),
    "rule": ("enabled",),
    "policy": ("command", "restrictive", "roles", "using", "check"),
    "event trigger": ("event", "tags", "function", "enabled"),
    "statistics": ("target",),
    "publication": ("all_tables", "publishes", "via_root", "generated"),
    "publication table": ("columns", "where"),
    "publication schema": (),
    # name: the role; table: tables, sequences, functions, types, schemas
    "default privileges": (),
    "collation": ("provider", "locale", "ctype", "nondeterministic", "rules"),
    "cast": ("function", "context", "method"),
    "operator": (
        *("function", "left", "right", "commutator", "negator", "restrict", "join", "hashes"),
        "merges",
    ),
    "operator class": ("type", "default", "family", "key_type", "members"),
    "operator family": ("members",),
    "text search configuration": ("parser", "mappings"),
    "text search dictionary": ("template", "options"),
    "language": ("handler", "inline", "validator", "trusted"),
    # Secret options stand as name=hidden; `hidden_values` is a hash over them, and never shown.
    "foreign data wrapper": ("handler", "validator", "options", "hidden_values"),
    "server": ("wrapper", "type", "version", "options", "hidden_values"),
    "user mapping": ("options", "hidden_values"),  # table: its server; all options are hidden
    # table: the role; "" for all roles, and for a setting of the database alone
    "role setting": ("value", "hidden_values"),
    "database setting": ("value", "hidden_values"),
    "subscription": ("enabled", "slot", "publications"),
    "conversion": ("from", "to", "function", "default"),
    "transform": ("from", "to"),  # functions; name: type and language
    "access method": ("type", "handler"),
    "text search parser": ("start", "gettoken", "end", "lextypes", "headline"),
    "text search template": ("lexize", "init"),
    "security label": ("label",),  # name: the provider; table: kind and name of the object
}
"""Each kind of object and its attributes, beside those that every `Object` has."""

HIDDEN = "hidden_values"
"""The attribute that stands for values that nobody may see: it is compared, and not shown."""

NOT_READABLE = "not readable"
"""Its value where the role that read the catalog may not read them."""

SETTINGS = frozenset({"role setting", "database setting"})
"""Kinds that belong to the server or to the database's name, and go with no copy of it."""

OF_TABLES = frozenset({"constraint", "trigger", "rule", "policy"})
"""Kinds whose name is told from others by the table that it is on."""


class Identity(NamedTuple):
    """What an object is called; two objects with the same identity are the same object."""

    kind: str
    schema: str
    """"" for what lies in none, such as an extension."""
    name: str
    """A function's has its argument types: f(integer, text). Never quoted."""
    table: str = ""
    """The table, view, domain or type (in the same schema) that it is part of, or is on."""

    def __str__(self) -> str:
        if self.kind == "default privileges":
            where = f" in schema {self.schema}" if self.schema else ""
            return f"default privileges of {self.name} on {self.table}{where}"
        schema = f"{self.schema}." if self.schema else ""
        if self.kind == "publication table":
            return f"table {schema}{self.table} of publication {self.name}"
        if self.kind == "publication schema":
            return f"schema {self.schema} of publication {self.name}"
        if self.kind == "column":
            return f"column {schema}{self.table}.{self.name}"
        if self.kind in {"user mapping", "security label"}:
            return f"{self.kind} {self.name} on {self.table}"
        if self.kind in SETTINGS:
            role = f" of role {self.table}" if self.table else ""
            return f"{self.kind} {self.name}{role}"
        if self.table:
            return f"{self.kind} {self.name} on {schema}{self.table}"
        return f"{self.kind} {schema}{self.name}"

    @property
    def sql(self) -> str:
        """The name as SQL has it after ALTER, DROP or COMMENT ON and the kind, quoted."""
        schema = f"{quote(self.schema)}." if self.schema else ""
        if self.kind == "schema":
            return quote(self.name)
        if self.kind == "column":
            return f"{schema}{quote(self.table)}.{quote(self.name)}"
        if self.kind in OF_TABLES:
            return f"{quote(self.name)} on {schema}{quote(self.table)}"
        if self.kind == "domain constraint":
            return f"{quote(self.name)} on domain {schema}{quote(self.table)}"
        if self.kind in {"function", "procedure", "aggregate"}:
            name, _, arguments = self.name.rpartition("(")
            return f"{schema}{quote(name)}({arguments}"
        return f"{schema}{quote(self.name)}"


class Grant(NamedTuple):
    """One privilege of one role on an object."""

    grantee: str
    """A role, or "public" for everyone."""
    privilege: str
    """As SQL has it: SELECT, EXECUTE, …"""
    grantable: bool
    grantor: str


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a schema."""

    identity: Identity
    attributes: Mapping[str, Value] = field(default_factory=dict)
    definition: str | None = None
    """The server's own text where it has one (pg_get_viewdef, …def): whole statements for indexes,
    triggers, rules, functions and statistics; the query of a view; CHECK (…) and the like for a
    constraint."""
    owner: str | None = None
    comment: str | None = None
    grants: tuple[Grant, ...] = ()
    """What is granted, the defaults spelled out; the owner's own rights are left out."""
    owner_lacks: tuple[str, ...] = ()
    """Privileges that the owner has taken from itself."""
    depends_on: tuple[Identity, ...] = ()
    """Objects of the same catalog that must be there first, sorted; `parent` is not repeated."""
    parent: Identity | None = None
    """The object that this one is a part of, and vanishes with: a column's table."""

    @property
    def kind(self) -> str:
        """The kind of object, one of KINDS."""
        return self.identity.kind


@dataclass(frozen=True, slots=True)
class Catalog:
    """All objects of a database's schema at one moment, but for what was left out."""

    objects: Mapping[Identity, Object]
    version: int
    """The server's, as server_version_num has it."""
    user: str
    """The role that read it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two catalogs do not have alike."""

    identity: Identity
    attribute: str | None
    """What of it differs: a key of `attributes`, or definition, owner, comment, grants,
    owner_lacks. None: the whole object is missing in one of them."""
    before: Value | Object
    after: Value | Object
    """None where it is not there, or has its default."""
