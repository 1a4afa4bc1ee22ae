"""Reads one statement into what is known: what it creates, changes, renames and drops."""

from collections.abc import Callable
from dataclasses import replace

from ajour.model import Relation
from ajour.sql.known import Known
from ajour.sql.learn_alter import alter_table
from ajour.sql.learn_names import NAMES
from ajour.sql.learn_table import add_column, add_constraint, add_index, free_name
from ajour.sql.learn_types import TYPES
from ajour.sql.parse import Node
from ajour.sql.tables import Column, Table, TableKind

_LIKE_INDEXES = 1 << 6
"""Of the options of LIKE, as parsenodes.h has them."""
_LIKE_CONSTRAINTS = 1 << 2
_LIKE_DEFAULTS = 1 << 3
_LIKE_GENERATED = 1 << 4
_LIKE_IDENTITY = 1 << 5


def learn(known: Known, node: Node) -> None:
    """Change `known` into what is known after the statement."""
    LEARNED[node.kind](known, node)


def _made(known: Known, node: Node, kind: TableKind) -> Table | None:
    """Return the bare relation that a RangeVar creates; None where it is there already."""
    temporary = node.text("relpersistence") == "t"
    schema = "pg_temp" if temporary else node.text("schemaname") or known.here
    relation = Relation(schema, node.text("relname"))
    if relation in known.tables:
        return None
    return Table(
        relation,
        kind,
        whole=True,
        file=known.file,
        temporary=temporary,
        unlogged=node.text("relpersistence") == "u",
        row_security=False,
        closed=known.closed_to("table", schema),
    )


def _create_table(known: Known, node: Node, kind: TableKind = "table") -> None:
    named = node.child("relation")
    spec, bound = node.child("partspec"), node.child("partbound")
    table = _made(known, named, "partitioned table" if spec else kind) if named else None
    if table is None:
        return
    keys = [each.text("name") or None for each in spec.children("part_params")] if spec else []
    parents = tuple(known.resolve(each) for each in node.children("inh_relations"))
    table = replace(
        table,
        parents=parents,
        bound=("default" if bound.flag("is_default") else "values") if bound else None,
        partition_by=tuple(keys),
        tablespace=node.text("tablespacename"),
        method=node.text("access_method"),
    )
    known.tables[table.relation] = table
    for parent in parents:
        _inherit(known, table.relation, parent, partition=bound is not None)
    if node.has("of_typename"):
        known.tables[table.relation] = replace(known.tables[table.relation], whole=False)
    for element in node.children("table_elts"):
        match element.kind:
            case "ColumnDef":
                add_column(known, table.relation, element)
            case "Constraint":
                add_constraint(known, table.relation, element)
            case "TableLikeClause":
                _like(known, table.relation, element)


def _inherit(known: Known, relation: Relation, parent: Relation, *, partition: bool) -> None:
    """Give a table what its parent has; a partition gets its indexes as well."""
    source, table = known.tables.get(parent), known.tables[relation]
    if source is None:
        known.tables[relation] = replace(table, whole=False)
        return
    inherited = {"check", "not null"} | ({"foreign key"} if partition else set())
    passed = tuple(each for each in source.constraints if each.kind in inherited)
    known.tables[relation] = replace(
        table,
        columns=(*table.columns, *(replace(each, sequence=None) for each in source.columns)),
        constraints=(*table.constraints, *passed),
        whole=table.whole and source.whole,
    )
    if partition:
        _copy_indexes(known, parent, relation)


def _copy_indexes(known: Known, source: Relation, relation: Relation) -> None:
    for index in known.indexes_of(source):
        constraint = known.tables[source].constraint(index.relation.name)
        labels = {"primary key": "pkey", "unique": "key", "exclude": "excl"}
        label = labels[constraint.kind] if constraint else "idx"
        middle = "" if label == "pkey" else index.stem
        name = free_name(known, relation.schema, relation.name, middle, label)
        place = Relation(relation.schema, name)
        known.indexes[place] = replace(index, relation=place, table=relation)
        if constraint is not None:
            table = known.tables[relation]
            copy = replace(constraint, name=name)
            known.tables[relation] = replace(table, constraints=(*table.constraints, copy))


def _like(known: Known, relation: Relation, node: Node) -> None:
    named = node.child("relation")
    source = known.table(named) if named else None
    table = known.tables[relation]
    if source is None:
        known.tables[relation] = replace(table, whole=False)
        return
    options = int(node.text("options"))
    columns = tuple(_like_column(each, options) for each in source.columns)
    kept = {"not null"} | ({"check"} if options & _LIKE_CONSTRAINTS else set())
    passed = tuple(each for each in source.constraints if each.kind in kept)
    known.tables[relation] = replace(
        table,
        columns=(*table.columns, *columns),
        constraints=(*table.constraints, *passed),
        whole=table.whole and source.whole,
    )
    if options & _LIKE_INDEXES:
        _copy_indexes(known, source.relation, relation)


def _like_column(column: Column, options: int) -> Column:
    wanted = _LIKE_GENERATED if column.generated else _LIKE_DEFAULTS
    return replace(
        column,
        default=column.default if options & wanted else None,
        generated=column.generated if options & _LIKE_GENERATED else None,
        identity=column.identity if options & _LIKE_IDENTITY else None,
        sequence=None,
    )


def _create_foreign_table(known: Known, node: Node) -> None:
    base = node.child("base_stmt")
    if base is not None:
        _create_table(known, base, "foreign table")


def _create_as(known: Known, node: Node) -> None:
    selects = node.kind == "SelectStmt"
    into = node.child("into_clause" if selects else "into")
    named = into.child("rel") if into else None
    query = node if selects else node.child("query")
    if into is None or named is None or query is None:
        return
    view = not selects and node.text("objtype") == "OBJECT_MATVIEW"
    table = _made(known, named, "materialized view" if view else "table")
    if table is not None:
        known.tables[table.relation] = replace(
            table,
            whole=False,  # its columns come from a query
            reads=known.read_by(query) if view else (),
            populated=not into.flag("skip_data"),
            tablespace=into.text("table_space_name"),
            method=into.text("access_method"),
        )


def _create_view(known: Known, node: Node) -> None:
    named, query = node.child("view"), node.child("query")
    if named is None or query is None:
        return
    table = _made(known, named, "view")
    if table is None and node.flag("replace"):
        table = known.table(named)
    if table is not None:
        known.tables[table.relation] = replace(table, whole=False, reads=known.read_by(query))


def _create_sequence(known: Known, node: Node) -> None:
    named = node.child("sequence")
    table = _made(known, named, "sequence") if named else None
    if table is not None:
        known.tables[table.relation] = table
        _own(known, node, table.relation)


def _alter_sequence(known: Known, node: Node) -> None:
    named = node.child("sequence")
    if named is not None:
        _own(known, node, known.resolve(named))


def _own(known: Known, node: Node, sequence: Relation) -> None:
    """Read OWNED BY: the column that has the sequence from now on, and the one that had it."""
    owners = [each for each in node.children("options") if each.text("defname") == "owned_by"]
    named = owners[0].child("arg") if owners else None
    if named is None:
        return
    *parts, column = [part.text("sval") for part in named.children("items")]
    owner = known.find(parts[-1], "".join(parts[-2:-1])) if parts else None
    for relation, table in tuple(known.tables.items()):
        columns = tuple(
            replace(each, sequence=sequence if mine else None)
            if (mine := relation == owner and each.name == column) or each.sequence == sequence
            else each
            for each in table.columns
        )
        known.tables[relation] = replace(table, columns=columns)


def _refresh(known: Known, node: Node) -> None:
    named = node.child("relation")
    table = known.table(named) if named else None
    if table is not None:
        filled = not node.flag("skip_data")
        known.tables[table.relation] = replace(table, populated=filled)


def _create_schema(known: Known, node: Node) -> None:
    inside = replace(known, path=(node.text("schemaname"), *known.path))
    for element in node.children("schema_elts"):
        if element.kind in LEARNED:
            learn(inside, element)  # the tables are the same dictionaries


LEARNED: dict[str, Callable[[Known, Node], None]] = {
    "CreateStmt": _create_table,
    "CreateForeignTableStmt": _create_foreign_table,
    "CreateTableAsStmt": _create_as,
    "SelectStmt": _create_as,
    "ViewStmt": _create_view,
    "CreateSeqStmt": _create_sequence,
    "AlterSeqStmt": _alter_sequence,
    "IndexStmt": add_index,
    "AlterTableStmt": alter_table,
    "RefreshMatViewStmt": _refresh,
    "CreateSchemaStmt": _create_schema,
    **TYPES,
    **NAMES,
}
"""The statements that tell something, and what reads them."""
