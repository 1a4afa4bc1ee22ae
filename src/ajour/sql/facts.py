"""What a statement is: transaction control, and whether it may run in a transaction block.

Words come first, the parser second: only what begins like one of the few statements that cannot
run in a transaction is parsed, so that ordinary files never load the parser. Where the parser
cannot read such a statement (the syntax of a newer server), the words decide.

The list is PostgreSQL's own (PreventInTransactionBlock), tried on the majors 13 to 18. What only
the database knows is judged to run in a transaction: REINDEX and CLUSTER of a partitioned
relation, and a COMMIT inside of CALL or DO.
"""

import re
from typing import Literal

from ajour.model import Statement
from ajour.sql.parse import Node, parse
from ajour.sql.split import leading_words, skip

Control = Literal[
    "begin",
    "commit",
    "rollback",
    "commit and chain",
    "rollback and chain",
    "savepoint",
    "release",
    "rollback to",
    "prepare transaction",
    "commit prepared",
    "rollback prepared",
    "discard all",
    "incomplete",
]
"""Statements that steer the transaction or the session. END is "commit", ABORT is "rollback",
START TRANSACTION is "begin"; "incomplete" begins like one of them and goes on as none does."""

_MODE = (
    r"(?:isolation level (?:serializable|repeatable read|read committed|read uncommitted)"
    r"|read only|read write|(?:not )?deferrable)"
)
_MODES = re.compile(_MODE)
_USUAL_MODES = {"isolation level read committed", "read write", "not deferrable"}
_WORK = r"(?: work| transaction)?"
_GRAMMAR: dict[Control, str] = {
    "begin": rf"(?:begin{_WORK}|start transaction)(?: {_MODE}(?:(?: ,)? {_MODE})*)?",
    "commit": rf"(?:commit|end){_WORK}(?: and no chain)?",
    "commit and chain": rf"(?:commit|end){_WORK} and chain",
    "rollback": rf"(?:rollback|abort){_WORK}(?: and no chain)?",
    "rollback and chain": rf"(?:rollback|abort){_WORK} and chain",
    "rollback to": rf"rollback{_WORK} to .+",
    "commit prepared": r"commit prepared .+",
    "rollback prepared": r"rollback prepared .+",
    "incomplete": r"(?:begin|start|commit|end|rollback|abort)\b.*",
    "savepoint": r"savepoint .+",
    "release": r"release .+",
    # PREPARE transaction AS … is another thing: a query that is prepared under that name.
    "prepare transaction": r"prepare transaction (?:[eu] )?[&'$].*",
    "discard all": r"discard all",
}
_CONTROLS = {kind: re.compile(grammar, re.DOTALL) for kind, grammar in _GRAMMAR.items()}
_CONTROL_START = r"(?:begin|start|commit|end|rollback|abort|savepoint|release|prepare|discard)\b"
_CONTROL_STARTS = re.compile(_CONTROL_START, re.IGNORECASE | re.ASCII)
_SETTING_STARTS = re.compile(r"(?:set|reset|select)\b", re.IGNORECASE | re.ASCII)
_SETTING = re.compile(
    r"set (?!local\b|transaction\b|constraints\b)|reset\b"
    r"|select (?:pg_catalog ?\. ?)?set_config\b.*\bfalse\b",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
# Fast, and right about what it refuses; a comment between the first words makes it pass.
_ALONE_START = (
    r"(?:reindex|vacuum|cluster)\b"
    r"|(?:create|drop)\s*(?:unique\s*)?(?:--|/\*|database\b|tablespace\b|subscription\b)"
    r"|(?:create|drop)\s+(?:unique\s+)?index\s*(?:--|/\*|concurrently\b)"
    r"|alter\s*(?:--|/\*|system\b|database\b|subscription\b|table\b.*\bdetach\b)"
)
_ALONE_STARTS = re.compile(_ALONE_START, re.IGNORECASE | re.ASCII | re.DOTALL)
_SPECIAL_STARTS = re.compile(
    f"{_CONTROL_START}|{_ALONE_START}", re.IGNORECASE | re.ASCII | re.DOTALL
)
_ALONE = re.compile(
    r"create (?:unique )?index concurrently\b|drop index concurrently\b|vacuum\b"
    r"|reindex\b.*\b(?:concurrently|schema|database|system)\b|cluster(?: verbose)?(?: \(.*)?\Z"
    r"|(?:create|drop) (?:database|tablespace|subscription)\b"
    r"|alter system\b|alter database\b.*\btablespace\b"
    r"|alter table\b(?=.*\bdetach\b).*\b(?:concurrently|finalize)\b"
    r"|alter subscription\b.*\b(?:refresh|publication|failover|two_phase)\b",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_ALONE_KINDS = {
    "CreatedbStmt",
    "DropdbStmt",
    "CreateTableSpaceStmt",
    "DropTableSpaceStmt",
    "AlterSystemStmt",
    "DropSubscriptionStmt",
}


def is_ordinary(statement: Statement) -> bool:
    """Tell at once of most statements that `control` is None, and `runs_in_transaction` is true.

    False says nothing.
    """
    end = len(statement.whole) if statement.end is None else statement.end
    return _SPECIAL_STARTS.match(statement.whole, statement.offset, end) is None


def control(statement: Statement) -> Control | None:
    """Return which statement of transaction control this is, or None."""
    if not _CONTROL_STARTS.match(statement.text):
        return None
    shape = _shape(statement.text)
    return next((kind for kind, pattern in _CONTROLS.items() if pattern.fullmatch(shape)), None)


def unusual_modes(statement: Statement) -> tuple[str, ...]:
    """Return the modes of a BEGIN that differ from a migration's own transaction, in capitals."""
    modes: list[str] = _MODES.findall(_shape(statement.text))
    return tuple(mode.upper() for mode in modes if mode not in _USUAL_MODES)


def sets_session(statement: Statement) -> bool:
    """Return whether this changes settings that stay when a transaction is over."""
    if not _SETTING_STARTS.match(statement.text):
        return False
    shape = _shape(statement.text)
    return _SETTING.match(shape) is not None


def runs_in_transaction(statement: Statement) -> bool:
    """Return False for a statement that PostgreSQL refuses inside a transaction block."""
    kind = control(statement)
    if kind in {"commit prepared", "rollback prepared", "discard all"}:
        return False
    if not _ALONE_STARTS.match(statement.text) or not _ALONE.match(_shape(statement.text)):
        return True
    nodes = parse(statement.text)
    return nodes is not None and not any(map(_runs_alone, nodes))


def _shape(sql: str) -> str:
    """Return the words `sql` begins with in lower case, one space between, then its rest as is.

    Commas between words count as words; comments between words are left out.
    """
    words: list[str] = []
    pos = 0
    while True:
        pos = skip(sql, pos)
        found = leading_words(sql, 1, pos) or ((",",) if sql.startswith(",", pos) else ())
        if not found:
            return " ".join([*words, sql[pos:]] if pos < len(sql) else words)
        words += found
        pos += len(found[0])


def _runs_alone(node: Node) -> bool:
    """Return whether PostgreSQL refuses this statement inside a transaction block."""
    match node.kind:
        case "IndexStmt" | "DropStmt":
            return node.flag("concurrent")
        case "VacuumStmt":
            return node.flag("is_vacuumcmd")
        case "ClusterStmt":
            return node.child("relation") is None
        case "ReindexStmt":
            whole = node.text("kind") not in {"REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE"}
            return whole or _on(node.options("params"), "concurrently", default=False)
        case "AlterDatabaseStmt":
            return "tablespace" in node.options()
        case "AlterTableStmt":
            return any(map(_detaches_alone, node.children("cmds")))
        case "CreateSubscriptionStmt":
            options = node.options()
            return _on(options, "connect") and _on(options, "create_slot")
        case "AlterSubscriptionStmt":
            return _alters_alone(node)
    return node.kind in _ALONE_KINDS


def _detaches_alone(command: Node) -> bool:
    if command.text("subtype") == "AT_DetachPartitionFinalize":
        return True
    partition = command.child("def")
    detach = command.text("subtype") == "AT_DetachPartition"
    return detach and partition is not None and partition.flag("concurrent")


def _alters_alone(subscription: Node) -> bool:
    """Judge ALTER SUBSCRIPTION: it must not change the publisher and then be rolled back."""
    options = subscription.options()
    match subscription.text("kind"):
        case "ALTER_SUBSCRIPTION_REFRESH":
            return True
        case "ALTER_SUBSCRIPTION_OPTIONS":
            return "failover" in options or not _on(options, "two_phase")
        case kind:
            return kind.endswith("_PUBLICATION") and _on(options, "refresh")


def _on(options: dict[str, str | None], name: str, *, default: bool = True) -> bool:
    """Return a true-or-false option as PostgreSQL reads it: no value means true."""
    return options[name] not in {"false", "off", "0"} if name in options else default
