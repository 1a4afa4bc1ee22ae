"""What upkeep does to relations: comments, rights, statistics, domains, VACUUM and the like."""

from collections.abc import Callable, Iterator

from ajour.effects import Lock
from ajour.model import Relation
from ajour.sql.gather import AS, AX, SUX, Gathered
from ajour.sql.parse import Node

_WHOLE = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_INDEX"}
_WHOLE |= {"OBJECT_FOREIGN_TABLE"}
_PARTS = {"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"}
_STORED = {"table", "materialized view", None}
_ON = {None, "true", "on", "1"}


def _comment(gathered: Gathered, node: Node) -> None:
    kind, named = node.text("objtype"), node.child("object")
    if named is None or kind not in _WHOLE | _PARTS:
        return
    parts = [part.text("sval") for part in named.children("items")]
    *schema, name = parts[:-1] if kind in _PARTS else parts
    relation = gathered.schema.find(name, "".join(schema[-1:]))
    part = kind in _PARTS and kind != "OBJECT_COLUMN"
    gathered.add(relation, AS if part else SUX, "is commented or labelled")


def _grant(gathered: Gathered, node: Node) -> None:
    """From PostgreSQL 18 on, whose rights are changed is locked against being dropped."""
    if gathered.major < 18 or node.text("objtype") not in {"OBJECT_TABLE", "OBJECT_SEQUENCE"}:
        return
    for each in node.children("objects"):
        if each.kind == "RangeVar":
            gathered.add(gathered.schema.resolve(each), AS, "its rights change")


def _statistics(gathered: Gathered, node: Node) -> None:
    for each in node.children("relations"):
        if each.kind == "RangeVar":
            gathered.add(gathered.schema.resolve(each), SUX, "gets statistics")


def _publication(gathered: Gathered, node: Node) -> None:
    for each in node.children("pubobjects"):
        published = each.child("pubtable")
        named = published.child("relation") if published else None
        if named is not None:
            relation = gathered.schema.resolve(named)
            partitions = gathered.schema.partitions_of(relation) if named.flag("inh") else ()
            below = (one for one in partitions if not gathered.table(one).bound)
            gathered.each((relation, *below), SUX, "is published, or no more")


def _users(gathered: Gathered, domain: Relation) -> Iterator[Relation]:
    """Give the tables with a column of a domain, or of a domain that is made of it."""
    for table, _ in gathered.schema.columns_of_type(domain):
        yield table
    for relation, other in gathered.schema.domains.items():
        if gathered.schema.type_of(other.base) == domain:
            yield from _users(gathered, relation)


def _domain(gathered: Gathered, node: Node) -> None:
    definition, kind = node.child("def"), node.text("subtype")
    checks = kind in {"O", "V"} or (
        kind == "C" and definition is not None and not definition.flag("skip_validation")
    )
    if not checks:
        return
    domain = gathered.schema.find_type(node.children("type_name"))
    lock: Lock = SUX if kind == "V" and gathered.major >= 18 else "SHARE"
    why = f"checks every row against the domain {domain.name}"
    for each in _users(gathered, domain):
        gathered.add(each, lock, why, scans=True)
    if domain not in gathered.schema.domains:
        gathered.add(None, lock, why, scans=True, certain=False)


def _refresh(gathered: Gathered, node: Node) -> None:
    named = node.child("relation")
    if named is None:
        return
    relation = gathered.schema.resolve(named)
    table = gathered.table(relation)
    runs = not node.flag("skip_data")
    if node.flag("concurrent"):
        gathered.add(relation, "EXCLUSIVE", "is compared with what it should be", scans=True)
    else:
        builds = gathered.has_indexes(relation)
        gathered.add(relation, AX, "is made anew", rewrites=True, scans=builds, builds=builds)
    for each in table.reads if runs else ():
        gathered.add(each, AS, "is read for it", scans=True)
    if not table.reads and runs:
        gathered.add(None, AS, "is read for it", scans=True, certain=False)


def _vacuum(gathered: Gathered, node: Node) -> None:
    options = node.options()
    full = options.get("full", "false") in _ON
    vacuums = node.flag("is_vacuumcmd")
    named = [each.child("relation") for each in node.children("rels")]
    relations = [gathered.schema.resolve(each) for each in named if each is not None]
    stored = [each.relation for each in gathered.schema.tables.values() if each.kind in _STORED]
    for relation in relations or stored:
        for each in (relation, *gathered.schema.partitions_of(relation)):
            if full and vacuums:
                gathered.rewrite(each, "is written anew")
            else:
                why = "is vacuumed" if vacuums else "a part of it is read for statistics"
                gathered.add(each, SUX, why, scans=vacuums)
    if not relations:
        everything = full and vacuums
        why = "every table of the database, one after another"
        gathered.add(None, AX if everything else SUX, why, rewrites=everything, certain=False)


def _cluster(gathered: Gathered, node: Node) -> None:
    named = node.child("relation")
    if named is None:
        gathered.add(
            None, AX, "every table that was clustered before", rewrites=True, certain=False
        )
        return
    relation = gathered.schema.resolve(named)
    for each in (relation, *gathered.schema.partitions_of(relation)):
        gathered.rewrite(each, "is written anew in the order of an index")


def _reindex(gathered: Gathered, node: Node) -> None:
    named, kind = node.child("relation"), node.text("kind")
    concurrent = node.options("params").get("concurrently", "false") in _ON
    lock: Lock = SUX if concurrent else "SHARE"
    if kind == "REINDEX_OBJECT_INDEX" and named is not None:
        place = gathered.schema.resolve(named)
        index = gathered.schema.indexes.get(place)
        table = index.table if index else None
        why = f"builds {place.name} anew"
        gathered.add(table, lock, why, scans=True, builds=True, certain=index is not None)
        gathered.add(place, SUX if concurrent else AX, why)
    elif kind == "REINDEX_OBJECT_TABLE" and named is not None:
        relation = gathered.schema.resolve(named)
        for each in (relation, *gathered.schema.partitions_of(relation)):
            builds = gathered.has_indexes(each)
            gathered.add(each, lock, "builds its indexes anew", scans=builds, builds=builds)
    else:
        inside = node.text("name") if kind == "REINDEX_OBJECT_SCHEMA" else None
        why = "builds its indexes anew, one table after another"
        for each, table_ in gathered.schema.tables.items():
            if inside in (None, each.schema) and table_.kind in _STORED:
                builds = gathered.has_indexes(each)
                gathered.add(each, lock, why, scans=builds, builds=builds)
        gathered.add(None, lock, why, scans=True, builds=True, certain=False)


def _reassign(gathered: Gathered, node: Node) -> None:
    drops = node.kind == "DropOwnedStmt"
    why = "is dropped, or loses rights" if drops else "gets another owner"
    gathered.add(None, AX, f"every relation of the role {why}", certain=False)


def _move_all(gathered: Gathered, _node: Node) -> None:
    why = "every relation of the tablespace is copied to another"
    gathered.add(None, AX, why, rewrites=True, certain=False)


UPKEEP: dict[str, Callable[[Gathered, Node], None]] = {
    "CommentStmt": _comment,
    "SecLabelStmt": _comment,
    "GrantStmt": _grant,
    "CreateStatsStmt": _statistics,
    "CreatePublicationStmt": _publication,
    "AlterPublicationStmt": _publication,
    "AlterDomainStmt": _domain,
    "RefreshMatViewStmt": _refresh,
    "VacuumStmt": _vacuum,
    "ClusterStmt": _cluster,
    "ReindexStmt": _reindex,
    "ReassignOwnedStmt": _reassign,
    "DropOwnedStmt": _reassign,
    "AlterTableMoveAllStmt": _move_all,
}
"""The statements of upkeep, and what gathers their effects."""
