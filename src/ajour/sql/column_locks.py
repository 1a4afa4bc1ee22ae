"""What ALTER TABLE does to relations where it adds, changes or drops columns."""

from collections.abc import Callable, Iterator

from ajour.model import Relation
from ajour.sql.constraint_locks import (
    add_constraint,
    add_foreign_key,
    drop_foreign_key,
    proves_not_null,
)
from ajour.sql.gather import AX, SRX, Below, Gathered
from ajour.sql.parse import Node
from ajour.sql.tables import Column
from ajour.sql.type_change import change_of, keeps_index
from ajour.sql.types import BASE, SERIAL, Type
from ajour.sql.volatile import is_volatile


def _add(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    definition = command.child("def")
    if definition is None:
        return
    name = definition.text("colname")
    gathered.each((relation, *below), AX, f"adds the column {name}")
    if command.flag("missing_ok") and gathered.table(relation).column(name):
        return
    marks = {each.text("contype"): each for each in definition.children("constraints")}
    why, certain = _rewrites(gathered, definition, marks)
    for table in (relation, *below) if why else ():
        gathered.rewrite(table, why, certain=certain)
    filled = bool(marks.keys() & {"CONSTR_GENERATED", "CONSTR_IDENTITY"}) or bool(why)
    filled = filled or _default(marks) is not None
    if "CONSTR_NOTNULL" in marks and not filled:
        for table in (relation, *below):
            gathered.add(table, AX, f"fails unless the table is empty: {name} is NULL", scans=True)
    for kind, each in marks.items():
        if kind == "CONSTR_FOREIGN":
            unchecked = (
                not filled and "CONSTR_DEFAULT" not in marks
            )  # even DEFAULT NULL is looked at
            add_foreign_key(gathered, relation, each, below, unchecked=unchecked, null=not filled)
        elif kind in {"CONSTR_CHECK", "CONSTR_UNIQUE", "CONSTR_PRIMARY"}:
            add_constraint(gathered, relation, each, below, column=name)


def _rewrites(gathered: Gathered, column: Node, marks: dict[str, Node]) -> tuple[str, bool]:
    """Return why a new column writes the table anew, empty if it does not, and the certainty."""
    written = column.child("type_name")
    shape = gathered.schema.read_type(written) if written else None
    if (shape and not shape.schema and shape.name in SERIAL) or "CONSTR_IDENTITY" in marks:
        return "makes a number for every row", True
    generated = marks.get("CONSTR_GENERATED")
    if generated is not None:
        virtual = generated.text("generated_kind") == "v"
        return ("" if virtual else "computes the new column for every row"), True
    domain = gathered.schema.domains.get(gathered.schema.type_of(shape)) if shape else None
    if domain is not None and domain.constrained:
        return "checks the domain for every row", True
    default = _default(marks)
    volatile = is_volatile(default, gathered.schema) if default else False
    if volatile:
        return "computes the default for every row", True
    if volatile is None:
        return "computes the default for every row, if it calls a volatile function", False
    if shape is not None and domain is None and not is_base(gathered, shape):
        return f"checks every row, if {shape} is a domain with rules", False
    return "", True


def _default(marks: dict[str, Node]) -> Node | None:
    """Return the default of a new column; NULL is none."""
    default = marks["CONSTR_DEFAULT"].child("raw_expr") if "CONSTR_DEFAULT" in marks else None
    bare = default
    while bare is not None and bare.kind == "TypeCast":
        bare = bare.child("arg")
    null = bare is not None and bare.kind == "A_Const" and bare.flag("isnull")
    return None if null else default


def is_base(gathered: Gathered, shape: Type) -> bool:
    """Tell whether a type is surely no domain."""
    return shape.name in BASE or gathered.schema.type_of(shape) in gathered.schema.types


def _drop(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    name = command.text("name")
    gathered.each((relation, *below), AX, f"drops the column {name}")
    for each in (relation, *below):
        table = gathered.table(each)
        column = table.column(name)
        if column is not None and column.sequence is not None:
            gathered.add(column.sequence, AX, "is dropped with its column")
        for constraint in table.constraints:
            if name in constraint.columns and constraint.references is not None:
                drop_foreign_key(gathered, each, constraint)
        if not table.whole and column is None:
            why = f"if {name} is a foreign key: its triggers on the other table are dropped"
            gathered.add(None, AX, why, certain=False)
    if command.text("behavior") == "DROP_CASCADE":
        for view in readers(gathered, relation):
            gathered.add(view, AX, "is dropped if it shows the column", certain=False)
        for other, constraint in gathered.schema.foreign_keys_to(relation):
            if name in constraint.referenced or not constraint.referenced:
                why, certain = (
                    f"loses the foreign key {constraint.name}",
                    bool(constraint.referenced),
                )
                gathered.add(other, AX, why, certain=certain)


def readers(gathered: Gathered, relation: Relation) -> Iterator[Relation]:
    """Give the views that show a relation, and those that show them."""
    for view in gathered.schema.tables.values():
        if relation in view.reads:
            yield view.relation
            yield from readers(gathered, view.relation)


def _drop_not_null(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    column = gathered.table(relation).column(command.text("name"))
    changes = column is None or column.not_null or gathered.major < 18
    gathered.each((relation, *(below if changes else ())), AX, "drops NOT NULL")


def _alter_type(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    definition, name = command.child("def"), command.text("name")
    written = definition.child("type_name") if definition else None
    if definition is None or written is None:
        return
    new = gathered.schema.read_type(written)
    for each in (relation, *below):
        column = gathered.table(each).column(name)
        _change(gathered, each, Column(name, None) if column is None else column, new, definition)


def _change(
    gathered: Gathered, relation: Relation, column: Column, new: Type, definition: Node
) -> None:
    why = f"changes the type of {column.name}"
    gathered.add(relation, AX, why)
    if column.sequence is not None and column.identity:
        gathered.add(column.sequence, SRX, "gets the type of its column")
    old = _base(gathered, column.type) if column.type else None
    domain = gathered.schema.domains.get(gathered.schema.type_of(new))
    base = _base(gathered, new)
    if old is None:
        gathered.rewrite(relation, f"{why}; what it was is not known", certain=False)
        return
    if domain is not None and domain.constrained and new != column.type:
        gathered.rewrite(relation, "checks the domain for every row")
    elif not _casts(definition, column.name):
        gathered.rewrite(relation, "computes the column for every row")
    else:
        change = change_of(old, base)
        if change == "nothing":
            _change_in_place(gathered, relation, column, definition, keeps_index(old, base))
            return
        if change == "rewrite unless UTC":
            gathered.rewrite(relation, "unless the session's TimeZone is UTC", certain=False)
        else:
            unknown = not (is_base(gathered, base) and is_base(gathered, old))
            gathered.rewrite(relation, f"{old} is stored unlike {new}", certain=not unknown)
    _check_again(gathered, relation, column, rewritten=True)


def _change_in_place(
    gathered: Gathered, relation: Relation, column: Column, definition: Node, same: bool
) -> None:
    """Say what is left to do where the rows stay as they are: indexes, and CHECKs."""
    collation = definition.child("coll_clause")
    named = collation.children("collname")[-1].text("sval") if collation else ""
    for index in gathered.schema.indexes_of(relation):
        if column.name in index.columns and (
            not same or index.expressions or named != column.collation
        ):
            gathered.add(relation, AX, f"builds {index.relation.name}", scans=True, builds=True)
    _check_again(gathered, relation, column, rewritten=False)


def _check_again(
    gathered: Gathered, relation: Relation, column: Column, *, rewritten: bool
) -> None:
    for each in gathered.table(relation).constraints:
        if column.name not in each.columns or not each.valid:
            continue
        if each.kind == "check":
            gathered.add(relation, AX, f"checks {each.name} again", scans=True)
        elif each.references is not None:
            why = f"makes the foreign key {each.name} again"
            gathered.add(each.references, AX, why, scans=rewritten)
    for other, each in gathered.schema.foreign_keys_to(relation):
        if column.name in each.referenced or not each.referenced:
            why = f"makes the foreign key {each.name} again"
            certain = bool(each.referenced)
            gathered.add(other, AX, why, scans=rewritten and each.valid, certain=certain)


def _casts(definition: Node, column: str) -> bool:
    """Tell whether USING, if there, is no more than the column, cast to a type."""
    using = definition.child("raw_default")
    if using is not None and using.kind == "TypeCast":
        using = using.child("arg")
    if using is None:
        return True
    fields = using.children("fields") if using.kind == "ColumnRef" else ()
    return len(fields) > 0 and fields[-1].kind == "String" and fields[-1].text("sval") == column


def _base(gathered: Gathered, shape: Type) -> Type:
    """Return the type under a domain, and under the domains that it is made of."""
    domain = gathered.schema.domains.get(gathered.schema.type_of(shape))
    return _base(gathered, domain.base) if domain and not shape.dimensions else shape


def _set_not_null(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    name = command.text("name")
    for each in (relation, *below):
        proved = proves_not_null(gathered.table(each), name)
        certain = proved or gathered.table(each).whole
        why = f"{name} is known to have no NULL" if proved else f"looks for NULL in {name}"
        gathered.add(each, AX, why, scans=not proved, certain=certain)


def _set_expression(gathered: Gathered, relation: Relation, command: Node, below: Below) -> None:
    for each in (relation, *below):
        column = gathered.table(each).column(command.text("name"))
        virtual = column is not None and column.generated == "virtual"
        gathered.add(each, AX, "changes how a column is computed")
        if not virtual:
            known = column is not None and column.generated is not None
            gathered.rewrite(each, "computes the column for every row", certain=known)


def _identity(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    dropped = command.text("subtype") == "AT_DropIdentity"
    gathered.add(relation, AX, "drops an identity" if dropped else "changes an identity")
    column = gathered.table(relation).column(command.text("name"))
    if column is not None and column.sequence is not None:
        gathered.add(column.sequence, AX if dropped else SRX, "belongs to the identity")
    elif not gathered.table(relation).whole:
        why = "the sequence of the identity"
        gathered.add(None, AX if dropped else SRX, why, certain=False)


COLUMNS: dict[str, Callable[[Gathered, Relation, Node, Below], None]] = {
    "AT_AddColumn": _add,
    "AT_DropColumn": _drop,
    "AT_AlterColumnType": _alter_type,
    "AT_SetNotNull": _set_not_null,
    "AT_DropNotNull": _drop_not_null,
    "AT_SetExpression": _set_expression,
    "AT_SetIdentity": _identity,
    "AT_DropIdentity": _identity,
}
"""The commands about columns, and what gathers their effects."""
