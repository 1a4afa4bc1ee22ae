"""Which relations a statement names as its objects: what it alters, drops, fills or empties."""

from collections.abc import Iterator

from ajour.model import Relation
from ajour.sql.parse import Node
from ajour.sql.schema import Schema

_RELATION = {
    "AlterObjectSchemaStmt": "relation",
    "AlterPolicyStmt": "table",
    "AlterSeqStmt": "sequence",
    "AlterTableStmt": "relation",
    "ClusterStmt": "relation",
    "CopyStmt": "relation",
    "CreatePolicyStmt": "table",
    "CreateTrigStmt": "relation",
    "DeleteStmt": "relation",
    "IndexStmt": "relation",
    "InsertStmt": "relation",
    "MergeStmt": "relation",
    "RefreshMatViewStmt": "relation",
    "ReindexStmt": "relation",
    "RenameStmt": "relation",
    "RuleStmt": "relation",
    "UpdateStmt": "relation",
}
"""The field that holds the one relation."""

_RELATIONS = {"CreateStatsStmt", "LockStmt", "TruncateStmt"}
_DROPPED = {
    "OBJECT_FOREIGN_TABLE",
    "OBJECT_INDEX",
    "OBJECT_MATVIEW",
    "OBJECT_SEQUENCE",
    "OBJECT_TABLE",
    "OBJECT_VIEW",
}
_DROPPED_FROM = {"OBJECT_POLICY", "OBJECT_RULE", "OBJECT_TRIGGER"}


def targets(node: Node, schema: Schema) -> tuple[Relation, ...]:
    """Return the relations, as `schema` resolves their names; those that it creates are none."""
    return tuple(dict.fromkeys(_targets(node, schema)))


def _targets(node: Node, schema: Schema) -> Iterator[Relation]:
    if node.kind == "DropStmt":
        for names in dropped(node):
            if names:
                yield schema.find(names[-1], names[-2] if len(names) > 1 else "")
        return
    if node.kind in _RELATION:
        found = [node.child(_RELATION[node.kind])]
    elif node.kind in _RELATIONS:
        found = [*node.children("relations")]
    elif node.kind == "VacuumStmt":
        found = [each.child("relation") for each in node.children("rels")]
    else:
        found = []
    for each in found:
        if each is not None and each.kind == "RangeVar":
            yield schema.resolve(each)


def dropped(node: Node) -> Iterator[tuple[str, ...]]:
    """Yield the names, as they are written, of the relations that a DROP is about.

    That of a trigger, a policy or a rule is about its table.
    """
    kind = node.text("remove_type")
    if kind in _DROPPED or kind in _DROPPED_FROM:
        for each in node.children("objects"):
            names = tuple(part.text("sval") for part in each.children("items"))
            yield names if kind in _DROPPED else names[:-1]
