"""A check or foreign key over rows that may not obey it.

Finds
    `ADD CONSTRAINT … CHECK` and `FOREIGN KEY` without `NOT VALID` on a table that the same file did
    not create. Not found is one in the place of a constraint on as many columns that the file
    drops, one over columns that are new, and one behind a statement that changes or deletes rows.

Why it hurts
    One row that is out of range, or points to nothing, and the migration fails. The test database
    has none, production has.

Instead
    `NOT VALID` holds for new rows at once and asks nothing of the old ones. Look at those, settle
    them, and `VALIDATE CONSTRAINT` in a later file.

When it is fine
    The application lets none in: `-- ajour: allow possible-violations <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule, commands
from ajour.sql.learn_table import names_in
from ajour.sql.parse import Node

RULE = Rule("possible-violations", level="warning", family="data", kinds=("AlterTableStmt",))

_KINDS = {"CONSTR_CHECK", "CONSTR_FOREIGN"}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each constraint that old rows may break."""
    for command in commands(facts.node, "AT_AddConstraint"):
        constraint = command.child("def")
        if constraint is None or constraint.text("contype") not in _KINDS:
            continue
        if constraint.flag("skip_validation"):
            continue
        columns = _columns(constraint)
        for table in facts.targets:
            if not _settled(table, columns, facts, context):
                yield context.finding(
                    RULE,
                    facts,
                    f"This fails if a row of {table} does not obey"
                    f" {constraint.text('conname') or 'it'}.",
                    "Add it NOT VALID, look at the old rows, and validate it in a later file.",
                    at=constraint,
                )


def _columns(constraint: Node) -> set[str]:
    expression = constraint.child("raw_expr")
    keys = {each.text("sval") for each in constraint.children("fk_attrs")}
    return keys if expression is None else {*names_in([expression])}


def _settled(table: Relation, columns: set[str], facts: Facts, context: Context) -> bool:
    """Tell whether the rows obeyed it before, have nothing there yet, or are seen to."""
    if context.settles(table):
        return True
    called = {table, *_old_names(table, context)}
    for each in (*context.before, facts):
        for relation in called & {*each.targets}:
            known = each.schema.tables.get(relation)
            for command in commands(each.node, "AT_AddColumn"):
                added = command.child("def")
                if added is not None and added.text("colname") in columns:
                    return True
            for command in commands(each.node, "AT_DropConstraint"):
                dropped = known.constraint(command.text("name")) if known else None
                if dropped is None or len(dropped.columns) == len(columns):
                    return True
    return False


def _old_names(table: Relation, context: Context) -> Iterator[Relation]:
    for each in context.before:
        if each.kind == "RenameStmt" and each.node.text("newname") == table.name:
            yield from each.targets
