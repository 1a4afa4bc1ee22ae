"""A sequence that is set to a fixed number.

Finds
    `setval()` with a number, `ALTER SEQUENCE … RESTART`, `ALTER TABLE … RESTART` of an identity,
    and `TRUNCATE … RESTART IDENTITY`, of what the same file did not create.

Why it hurts
    In production the sequence stands elsewhere than in development. Set back, it gives numbers that
    are there already: inserts fail with a duplicate key, or a new row gets the address of an old
    one.

Instead
    Take the number from the rows:
    `SELECT setval('orders_id_seq', (SELECT coalesce(max(id), 1) FROM orders))`.

When it is fine
    The table is empty, or the number is far above all others:
    `-- ajour: allow sequence-restart <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands, dotted
from ajour.sql.parse import Node

RULE = Rule(
    "sequence-restart",
    level="warning",
    family="destructive",
    kinds=("AlterSeqStmt", "AlterTableStmt", "SelectStmt", "TruncateStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what sets a sequence to a number that is written here."""
    node = facts.node
    if node.kind == "SelectStmt":
        yield from _called(facts, context)
    elif _restarts(node) and facts.targets:
        yield context.finding(
            RULE,
            facts,
            f"The numbers of {facts.targets[0]} begin anew, whatever rows are there.",
            "Take the number from the rows: setval(…, (SELECT max(id) FROM …)).",
            at="restart",
        )


def _restarts(node: Node) -> bool:
    if node.kind == "TruncateStmt":
        return node.flag("restart_seqs")
    if node.kind == "AlterSeqStmt":
        return "restart" in node.options()
    options = [
        option
        for command in commands(node, "AT_SetIdentity")
        for option in (command.child("def") or command).children("items")
    ]
    return any(option.text("defname") == "restart" for option in options)


def _called(facts: Facts, context: Context) -> Iterator[Finding]:
    for target in facts.node.children("target_list"):
        call = target.child("val")
        if call is None or call.kind != "FuncCall":
            continue
        arguments = call.children("args")
        if dotted(call.children("funcname")).endswith("setval") and len(arguments) > 1:
            name, number = arguments[0], arguments[1]
            if number.kind == "A_Const" and not _is_new(name, context):
                yield context.finding(
                    RULE,
                    facts,
                    "The sequence is set to a fixed number, whatever rows are there.",
                    "Take the number from the rows: (SELECT max(id) FROM …).",
                    at=number,
                )


def _is_new(name: Node, context: Context) -> bool:
    """Tell whether the same files created the sequence, as far as its name is written plainly."""
    while name.kind == "TypeCast":
        name = name.child("arg") or name
    text = name.child("sval") if name.kind == "A_Const" else None
    *schema, plain = text.text("sval").replace('"', "").split(".") if text else ("",)
    relation = context.schema.find(plain, schema[0] if schema else "")
    owned = (
        table.relation
        for table in context.schema.tables.values()
        if any(column.sequence == relation for column in table.columns)
    )
    return any(map(context.is_new, (relation, *owned)))
