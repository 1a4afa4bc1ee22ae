"""Reads the columns, constraints and indexes of tables into what is known."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from ajour.model import Relation
from ajour.sql.known import Known
from ajour.sql.parse import Node
from ajour.sql.tables import Column, Constraint, ConstraintKind, Index, Table
from ajour.sql.types import SERIAL, Type

LONGEST_NAME = 63

_KINDS: dict[str, ConstraintKind] = {
    "CONSTR_CHECK": "check",
    "CONSTR_NOTNULL": "not null",
    "CONSTR_PRIMARY": "primary key",
    "CONSTR_UNIQUE": "unique",
    "CONSTR_FOREIGN": "foreign key",
    "CONSTR_EXCLUSION": "exclude",
}
_LABELS = {"check": "check", "not null": "not_null", "foreign key": "fkey"}


def add_column(known: Known, relation: Relation, node: Node) -> None:
    """Read a ColumnDef, with the constraints and the sequence that come with it."""
    name = node.text("colname")
    written = node.child("type_name")
    shape = known.read_type(written) if written else None
    serial = SERIAL.get(shape.name) if shape and not shape.schema else None
    collation = node.child("coll_clause")
    column = Column(
        name,
        Type(serial) if serial else shape,
        not_null=serial is not None,
        sequence=_sequence(known, relation, name) if serial else None,
        collation=collation.children("collname")[-1].text("sval") if collation else "",
    )
    put_column(known, relation, column)
    marks = node.children("constraints")
    for each in marks:
        _mark(known, relation, name, each)
    enforced = not any(each.text("contype") == "CONSTR_ATTR_NOT_ENFORCED" for each in marks)
    for each in marks:
        if each.text("contype") in _KINDS:
            add_constraint(known, relation, each, column=name, enforced=enforced)


def _mark(known: Known, relation: Relation, name: str, node: Node) -> None:
    """Read what a column's constraint says about the column itself."""
    column = known.tables[relation].column(name)
    if column is None:
        return
    match node.text("contype"):
        case "CONSTR_DEFAULT":
            column = replace(column, default=node.child("raw_expr"))
        case "CONSTR_GENERATED":
            virtual = node.text("generated_kind") == "v"
            column = replace(
                column,
                default=node.child("raw_expr"),
                generated="virtual" if virtual else "stored",
            )
        case "CONSTR_IDENTITY":
            column = with_identity(known, relation, column, node)
    put_column(known, relation, column)


def with_identity(known: Known, relation: Relation, column: Column, node: Node) -> Column:
    """Return a column that is an identity from now on, with a sequence of its own."""
    when: Literal["always", "by default"] = (
        "always" if node.text("generated_when") == "a" else "by default"
    )
    sequence = _sequence(known, relation, column.name)
    return replace(column, identity=when, not_null=True, sequence=sequence)


def _sequence(known: Known, relation: Relation, column: str) -> Relation:
    name = Relation(
        relation.schema, free_name(known, relation.schema, relation.name, column, "seq")
    )
    known.tables[name] = Table(name, "sequence", whole=True, file=known.tables[relation].file)
    return name


def add_constraint(
    known: Known, relation: Relation, node: Node, column: str = "", *, enforced: bool = True
) -> None:
    """Read a constraint of a table, or of its `column`; its index comes with it."""
    table = known.tables[relation]
    constraint = read_constraint(known, table, node, column, enforced=enforced)
    using = node.text("indexname")
    if using:  # the index takes the constraint's name, and was there before
        index = known.indexes.pop(known.find(using, relation.schema), None)
        name = Relation(relation.schema, node.text("conname") or using)
        keys = tuple(key for key in index.keys if key) if index else ()
        constraint = replace(constraint, name=name.name, columns=keys)
        if index is not None:
            known.indexes[name] = replace(index, relation=name)
    elif constraint.kind in {"primary key", "unique", "exclude"}:
        _add_own_index(known, relation, constraint, node)
    not_null = constraint.kind == "primary key" or (
        constraint.kind == "not null" and constraint.valid
    )
    for each in constraint.columns if not_null else ():
        known_column = known.tables[relation].column(each)
        put_column(known, relation, replace(known_column or Column(each, None), not_null=True))
    table = known.tables[relation]
    known.tables[relation] = replace(table, constraints=(*table.constraints, constraint))


def _add_own_index(known: Known, relation: Relation, constraint: Constraint, node: Node) -> None:
    keys = _excluded(node) or constraint.columns
    more = tuple(each.text("sval") for each in node.children("including"))
    name = Relation(relation.schema, constraint.name)
    known.indexes[name] = Index(
        name,
        relation,
        columns=tuple(dict.fromkeys([*(key for key in keys if key), *more])),
        keys=keys,
        unique=constraint.kind != "exclude",
        partial=node.has("where_clause"),
        expressions=None in keys or node.has("where_clause"),
        stem="_".join([*(key or "expr" for key in keys), *more]),
        plain=constraint.kind != "exclude",
    )


def _excluded(node: Node) -> tuple[str | None, ...]:
    """Return the keys of EXCLUDE; None for an expression."""
    elements = [each.children("items")[0] for each in node.children("exclusions")]
    return tuple(each.text("name") or None for each in elements)


def read_constraint(
    known: Known, table: Table, node: Node, column: str = "", *, enforced: bool = True
) -> Constraint:
    """Return the constraint that a node tells of, under the name that PostgreSQL gives it."""
    kind = _KINDS[node.text("contype")]
    expression = node.child("raw_expr")
    keys = node.children("fk_attrs" if kind == "foreign key" else "keys")
    columns = tuple(each.text("sval") for each in keys) or ((column,) if column else ())
    if kind == "check" and expression is not None:
        columns = names_in([expression])
    if kind == "exclude":
        columns = tuple(name or "expr" for name in _excluded(node))
    referenced = node.child("pktable")
    return Constraint(
        node.text("conname") or _constraint_name(known, table, node, kind, columns),
        kind,
        columns,
        expression,
        known.resolve(referenced) if referenced else None,
        _referenced(known, table, node),
        valid=not node.flag("skip_validation"),
        enforced=enforced and (node.flag("is_enforced") or kind not in {"check", "foreign key"}),
    )


def _referenced(known: Known, table: Table, node: Node) -> tuple[str, ...]:
    """Return the columns that a foreign key points to: by itself the primary key."""
    named = node.child("pktable")
    if named is None or node.has("pk_attrs"):
        return tuple(each.text("sval") for each in node.children("pk_attrs"))
    other = known.tables.get(known.resolve(named), table)
    keys = (each.columns for each in other.constraints if each.kind == "primary key")
    return next(keys, ())


def _constraint_name(
    known: Known,
    table: Table,
    node: Node,
    kind: ConstraintKind,
    columns: tuple[str, ...],
) -> str:
    schema, name = table.relation.schema, table.relation.name
    if kind == "primary key":
        return free_name(known, schema, name, "", "pkey")
    if kind in {"unique", "exclude"}:
        more = (each.text("sval") for each in node.children("including"))
        label = "key" if kind == "unique" else "excl"
        return free_name(known, schema, name, "_".join([*columns, *more]), label)
    of = "_".join(columns)
    if kind == "check":  # of several columns none is named, nor what a domain calls VALUE
        of = columns[0] if len(columns) == 1 and table.relation not in known.domains else ""
    taken = {each.name for each in table.constraints}
    return _first_free(name, of, _LABELS[kind], taken.__contains__)


def free_name(known: Known, schema: str, first: str, second: str, label: str) -> str:
    """Return the name that PostgreSQL makes of a table, columns and a label, if still free."""

    def taken(name: str) -> bool:
        relation = Relation(schema, name)
        return relation in known.tables or relation in known.indexes

    return _first_free(first, second, label, taken)


def _first_free(first: str, second: str, label: str, taken: Callable[[str], bool]) -> str:
    number = 0
    while taken(name := _joined(first, second, f"{label}{number or ''}")):
        number += 1
    return name


def _joined(first: str, second: str, label: str) -> str:
    """Join three parts with underscores; the longer of the first two gives way."""
    room = LONGEST_NAME - len(label) - 1 - (1 if second else 0)
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    return "_".join(part for part in (first, second, label) if part)


def add_index(known: Known, node: Node) -> None:
    """Read CREATE INDEX; an index of a partitioned table comes with one for each partition."""
    on = node.child("relation")
    if on is None:
        return
    relation = known.resolve(on)
    name = Relation(relation.schema, node.text("idxname"))
    if name.name and (name in known.indexes or name in known.tables):
        return
    tables = (relation, *(known.partitions_of(relation) if on.flag("inh") else ()))
    for table in tables if _is_partitioned(known, relation) else (relation,):
        index = _read_index(table, node)
        chosen = name.name if table == relation else ""
        label = chosen or free_name(known, table.schema, table.name, _key_names(node), "idx")
        place = Relation(table.schema, label)
        known.indexes[place] = replace(index, relation=place)


def _is_partitioned(known: Known, relation: Relation) -> bool:
    table = known.tables.get(relation)
    return table is not None and table.kind == "partitioned table"


def _read_index(table: Relation, node: Node) -> Index:
    elements = node.children("index_params")
    keys = tuple(each.text("name") or None for each in elements)
    parts = [each.child("expr") for each in elements] + [node.child("where_clause")]
    named = [key for key in keys if key]
    named += [each.text("name") for each in node.children("index_including_params")]
    named += names_in(part for part in parts if part is not None)
    return Index(
        Relation(table.schema, ""),
        table,
        columns=tuple(dict.fromkeys(named)),
        keys=keys,
        unique=node.flag("unique"),
        partial=node.has("where_clause"),
        expressions=None in keys or node.has("where_clause"),
        stem=_key_names(node),
        plain=_is_plain(node),
    )


def _is_plain(node: Node) -> bool:
    return node.text("access_method") in {"", "btree"} and not any(
        each.has("opclass") or each.has("collation") or each.text("ordering") == "SORTBY_DESC"
        for each in node.children("index_params")
    )


def _key_names(node: Node) -> str:
    """Return the columns of an index as its name has them; an expression goes by its function."""
    names: list[str] = []
    for each in (*node.children("index_params"), *node.children("index_including_params")):
        expression = each.child("expr")
        name = each.text("name")
        if expression is not None:
            called = expression.kind == "FuncCall"
            name = expression.children("funcname")[-1].text("sval") if called else "expr"
        numbers = (f"{name}{number or ''}" for number in range(len(names) + 1))
        names.append(next(each for each in numbers if each not in names))
    return "_".join(names)


def names_in(expressions: Iterable[Node]) -> tuple[str, ...]:
    """Return the columns that expressions name, each once."""
    return tuple(
        dict.fromkeys(
            node.children("fields")[-1].text("sval")
            for expression in expressions
            for node in expression.walk()
            if node.kind == "ColumnRef" and node.children("fields")[-1].kind == "String"
        )
    )


def put_column(known: Known, relation: Relation, column: Column) -> None:
    """Put a column in the place of the one that has its name, or behind the others."""
    table = known.tables[relation]
    columns = {each.name: each for each in table.columns} | {column.name: column}
    known.tables[relation] = replace(table, columns=tuple(columns.values()))
