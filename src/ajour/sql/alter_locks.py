"""What ALTER TABLE does to relations, command by command."""

from collections.abc import Callable

from ajour.effects import Lock
from ajour.model import Relation
from ajour.sql.column_locks import COLUMNS
from ajour.sql.constraint_locks import CONSTRAINTS
from ajour.sql.gather import AX, SRX, SUX, Below, Gathered
from ajour.sql.parse import Node
from ajour.sql.partition_locks import PARTITIONS

_WEAK: dict[str, tuple[Lock, str]] = {
    "AT_SetStatistics": (SUX, "sets how much ANALYZE looks at"),
    "AT_SetOptions": (SUX, "sets options of a column"),
    "AT_ResetOptions": (SUX, "resets options of a column"),
    "AT_ClusterOn": (SUX, "marks an index for CLUSTER"),
    "AT_DropCluster": (SUX, "takes the mark for CLUSTER away"),
    "AT_EnableTrig": (SRX, "enables a trigger"),
    "AT_EnableAlwaysTrig": (SRX, "enables a trigger"),
    "AT_EnableReplicaTrig": (SRX, "enables a trigger"),
    "AT_EnableTrigAll": (SRX, "enables triggers"),
    "AT_EnableTrigUser": (SRX, "enables triggers"),
    "AT_DisableTrig": (SRX, "disables a trigger"),
    "AT_DisableTrigAll": (SRX, "disables triggers"),
    "AT_DisableTrigUser": (SRX, "disables triggers"),
}
"""Commands that leave readers alone; all others of ALTER TABLE take ACCESS EXCLUSIVE."""

_SHORT = {
    "AT_ColumnDefault": "changes a default",
    "AT_SetStorage": "sets how a column is stored",
    "AT_SetCompression": "sets how a column is compressed",
    "AT_AddIdentity": "makes a column an identity",
    "AT_DropExpression": "makes a generated column an ordinary one",
    "AT_ChangeOwner": "changes the owner",
    "AT_EnableRowSecurity": "enables row level security",
    "AT_DisableRowSecurity": "disables row level security",
    "AT_ForceRowSecurity": "forces row level security",
    "AT_NoForceRowSecurity": "no longer forces row level security",
    "AT_ReplicaIdentity": "changes the replica identity",
}

_RECURSES = {
    "AT_ColumnDefault",
    "AT_SetStorage",
    "AT_SetCompression",
    "AT_SetStatistics",
    "AT_DropExpression",
    *(name for name, (lock, _) in _WEAK.items() if lock == SRX),
}
"""Of these the commands that partitions and inheritors follow."""

_TRIGGERS_RECURSE = 15
"""From this major on, partitions follow where triggers are enabled and disabled."""

_LIGHT_OPTIONS = (
    *("fillfactor", "autovacuum_", "toast_tuple_target", "parallel_workers", "log_"),
    *("vacuum_", "deduplicate_items", "n_distinct"),
)


def alter_table(gathered: Gathered, node: Node) -> None:
    """Gather what ALTER TABLE does; also ALTER INDEX, VIEW, SEQUENCE and FOREIGN TABLE."""
    named = node.child("relation")
    if named is None or node.text("objtype") == "OBJECT_TYPE":
        return
    relation = gathered.schema.resolve(named)
    for command in node.children("cmds"):
        kind = command.text("subtype")
        below = gathered.schema.partitions_of(relation) if named.flag("inh") else ()
        if kind in _SPECIAL:
            _SPECIAL[kind](gathered, relation, command, below)
            continue
        lock, why = _WEAK.get(kind, (AX, _SHORT.get(kind, "alters it")))
        gathered.add(relation, lock, why)
        if kind in _RECURSES and (lock != SRX or gathered.major >= _TRIGGERS_RECURSE):
            gathered.each(below, lock, why)


def _owner(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    owned = (each.sequence for each in gathered.table(relation).columns if each.sequence)
    gathered.each((relation, *owned), AX, _SHORT[command.text("subtype")])


def _options(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    listed = command.child("def")
    names = [each.text("defname") for each in listed.children("items")] if listed else []
    view = gathered.table(relation).kind == "view"
    light = all(name.startswith(_LIGHT_OPTIONS) for name in names) and not view
    gathered.add(relation, SUX if light else AX, "sets options")


def _logged(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    unlogged = command.text("subtype") == "AT_SetUnLogged"
    table = gathered.table(relation)
    if table.file and table.unlogged == unlogged:
        gathered.add(relation, AX, "is so already")
    else:
        gathered.rewrite(relation, f"becomes {'UNLOGGED' if unlogged else 'LOGGED'}")


def _tablespace(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    table = gathered.table(relation)
    stays = command.text("name") == (table.tablespace or "pg_default") and bool(table.file)
    why = "is there already" if stays else "is copied to another tablespace"
    gathered.add(relation, AX, why, rewrites=not stays, certain=bool(table.file))


def _method(gathered: Gathered, relation: Relation, command: Node, _below: Below) -> None:
    table = gathered.table(relation)
    if table.file and command.text("name") == (table.method or "heap"):
        gathered.add(relation, AX, "has this access method already")
    else:
        known = bool(table.file)
        gathered.rewrite(relation, "gets another access method", certain=known)


_SPECIAL: dict[str, Callable[[Gathered, Relation, Node, Below], None]] = {
    **COLUMNS,
    **CONSTRAINTS,
    **PARTITIONS,
    "AT_ChangeOwner": _owner,
    "AT_SetRelOptions": _options,
    "AT_ResetRelOptions": _options,
    "AT_ReplaceRelOptions": _options,
    "AT_SetLogged": _logged,
    "AT_SetUnLogged": _logged,
    "AT_SetTableSpace": _tablespace,
    "AT_SetAccessMethod": _method,
}
