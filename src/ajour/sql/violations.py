"""From a statement to the queries that tell whether the rows that are there let it pass."""

from collections.abc import Iterator, Sequence

from ajour.model import Relation
from ajour.outlook import KEY, MOST, OTHER, Question
from ajour.sql.names import qualified, quote
from ajour.sql.parse import Node, written
from ajour.sql.schema import Schema
from ajour.sql.types import read_type


def questions(node: Node, schema: Schema) -> Iterator[Question]:
    """Yield what can be asked before the statement runs; nothing for most of them."""
    if node.kind == "IndexStmt" and node.flag("unique"):
        named = node.child("relation")
        if named is not None:
            where = node.child("where_clause")
            keys = [_key(each) for each in node.children("index_params")]
            yield _duplicates(schema.resolve(named), keys, node, where)
    if node.kind != "AlterTableStmt":
        return
    named = node.child("relation")
    if named is None or node.text("objtype") != "OBJECT_TABLE":
        return
    relation = schema.resolve(named)
    for command in node.children("cmds"):
        definition = command.child("def")
        match command.text("subtype"):
            case "AT_SetNotNull":
                yield _nulls(relation, command.text("name"))
            case "AT_AddConstraint" if definition is not None:
                yield from _constraint(relation, definition, schema)
            case "AT_AlterColumnType" if definition is not None:
                yield from _type(relation, command.text("name"), definition)


def _constraint(relation: Relation, node: Node, schema: Schema) -> Iterator[Question]:
    if node.flag("skip_validation"):
        return
    keys = [quote(each.text("sval")) for each in node.children("keys")]
    match node.text("contype"):
        case "CONSTR_UNIQUE" if keys:
            yield _duplicates(relation, keys, node)
        case "CONSTR_PRIMARY" if keys:
            yield _duplicates(relation, keys, node)
            yield from (_nulls(relation, each.text("sval")) for each in node.children("keys"))
        case "CONSTR_NOTNULL":
            yield from (_nulls(relation, each.text("sval")) for each in node.children("keys"))
        case "CONSTR_CHECK":
            yield from _check(relation, node)
        case "CONSTR_FOREIGN":
            yield from _foreign_key(relation, node, schema)


def _key(element: Node) -> str:
    """Return what an index is built over: a column or an expression."""
    expression = element.child("expr")
    return f"({written(expression)})" if expression else quote(element.text("name"))


def _duplicates(
    relation: Relation, keys: Sequence[str], node: Node, where: Node | None = None
) -> Question:
    filled = [] if node.flag("nulls_not_distinct") else [f"{each} is not null" for each in keys]
    if where is not None:
        filled.append(f"({written(where)})")
    condition = f" where {' and '.join(filled)}" if filled else ""
    listed = ", ".join(keys)
    # Grouped by themselves, so that what is equal is what the index will take for equal.
    inner = (
        f"select concat_ws(', ', {listed}) as example"  # noqa: S608 - names are quoted
        f" from {qualified(relation)}{condition}"
        f" group by {listed} having count(*) > 1 limit {MOST}"
    )
    shown = ", ".join(each.strip('"') for each in keys)
    message = f"{{number}} of {shown} stand in {relation} more than once: the index cannot be built"
    return Question("possible-duplicates", relation, message, _counted(inner))


def _nulls(relation: Relation, column: str) -> Question:
    sql = _rows(relation, f"{quote(column)} is null")
    message = f"{{number}} of {relation} have no {column}"
    return Question("possible-nulls", relation, message, sql)


def _check(relation: Relation, node: Node) -> Iterator[Question]:
    expression = node.child("raw_expr")
    if expression is None or (not node.flag("is_enforced")):
        return
    name = node.text("conname") or "the new CHECK"
    message = f"{{number}} of {relation} do not obey {name}"
    sql = _rows(relation, f"not ({written(expression)})")
    yield Question("possible-violations", relation, message, sql)


def _foreign_key(relation: Relation, node: Node, schema: Schema) -> Iterator[Question]:
    named = node.child("pktable")
    own = [each.text("sval") for each in node.children("fk_attrs")]
    if named is None or not own or not node.flag("is_enforced"):
        return
    other = schema.resolve(named)
    theirs = [each.text("sval") for each in node.children("pk_attrs")]
    if not theirs:
        known = schema.tables.get(other)
        keys = [c.columns for c in known.constraints if c.kind == "primary key"] if known else []
        theirs = [*keys[0]] if keys else [OTHER]
        if len(theirs) != len(own):
            return
    pairs = zip(own, theirs, strict=True)
    filled = " and ".join(f"ours.{quote(each)} is not null" for each in own)
    same = " and ".join(f"theirs.{quote(b)} = ours.{quote(a)}" for a, b in pairs)
    missing = f"not exists (select from {qualified(other)} theirs where {same})"
    sql = _rows(relation, f"{filled} and {missing}")
    message = f"{{number}} of {relation} point with {', '.join(own)} to no row of {other}"
    yield Question("possible-violations", relation, message, sql, other=other)


def _type(relation: Relation, column: str, definition: Node) -> Iterator[Question]:
    named, using = definition.child("type_name"), definition.child("raw_default")
    if named is None:
        return
    new = read_type(named)
    name = quote(column)
    if new.name in ("varchar", "bpchar") and using is None and not new.dimensions:
        length = new.modifiers[0] if new.modifiers else (1 if new.name == "bpchar" else None)
        if length is not None:
            message = f"{{number}} of {relation} have a {column} that is too long for {new}"
            # Spaces at the end are cut without a word, as the standard has it.
            sql = _rows(relation, f"length(rtrim({name}::text, ' ')) > {length}")
            yield Question("lossy-type", relation, message, sql)
        return
    if using is None and new.name == "text":
        return  # every value has a text
    value = f"({written(using) if using else name})::{written(named)}"
    # An aggregate has to look at each value; nothing is left out as not wanted.
    sql = (
        f"select '0', max(length(({value})::text))::text"  # noqa: S608 - the file's own words
        f" from {qualified(relation)}"
    )
    message = f"a {column} of {relation} cannot become {new}"
    yield Question("failing-cast", relation, message, sql, attempt=True)


def _rows(relation: Relation, condition: str) -> str:
    """Return the query for the rows that a condition holds for."""
    return _counted(
        f"select {KEY} as example from {qualified(relation)} ours"  # noqa: S608 - names are quoted
        f" where {condition} limit {MOST}"
    )


def _counted(inner: str) -> str:
    return f"select count(*)::text, min(example) from ({inner}) found"  # noqa: S608 - our own query
