"""What CREATE does to relations that are there already."""

from ajour.model import Relation
from ajour.sql.gather import AS, AX, SRX, SUX, Gathered
from ajour.sql.parse import Node
from ajour.sql.partition_locks import add_partition
from ajour.sql.query_locks import reads


def table(gathered: Gathered, node: Node) -> None:
    """Gather what CREATE TABLE does: to parents, to what it points to, to what it is like."""
    base = (node.child("base_stmt") if node.kind == "CreateForeignTableStmt" else None) or node
    bound, own = base.child("partbound"), base.child("relation")
    parents = [gathered.schema.resolve(each) for each in base.children("inh_relations")]
    if own is not None and base.flag("if_not_exists") and gathered.schema.table(own):
        return
    for parent in parents:
        gathered.add(parent, AX if bound else SUX, "gets a partition" if bound else "is inherited")
        if bound is not None:
            _copies(gathered, parent)
            add_partition(gathered, parent, bound)
    for element in base.children("table_elts"):
        if element.kind == "TableLikeClause":
            _reads(gathered, element.child("relation"))
        marks = element.children("constraints") if element.kind == "ColumnDef" else (element,)
        for each in marks:
            if each.kind == "Constraint" and each.text("contype") == "CONSTR_FOREIGN":
                _points(gathered, each.child("pktable"), own)


def _reads(gathered: Gathered, named: Node | None) -> None:
    if named is not None:
        gathered.add(gathered.schema.resolve(named), AS, "is looked at")


def _points(gathered: Gathered, named: Node | None, own: Node | None) -> None:
    """Say that a new foreign key puts its triggers on the other table."""
    itself = own is not None and named is not None and _name(own) == _name(named)
    if named is None or itself:
        return
    other = gathered.schema.resolve(named)
    why = "a new table points to it"
    gathered.add(other, SRX, why)
    partitions = gathered.schema.partitions_of(other)
    gathered.each((each for each in partitions if gathered.table(each).bound), SRX, why)


def _name(node: Node) -> tuple[str, str]:
    return node.text("schemaname"), node.text("relname")


def _copies(gathered: Gathered, parent: Relation) -> None:
    """Say what the parent's foreign keys do when a new partition gets them."""
    for each in gathered.table(parent).constraints:
        if each.references is not None:
            gathered.add(each.references, SRX, "a new partition points to it")


def table_as(gathered: Gathered, node: Node) -> None:
    """Gather what CREATE TABLE AS, CREATE MATERIALIZED VIEW and SELECT INTO do."""
    into, query = node.child("into"), node.child("query")
    if query is None:
        return
    if into is not None and into.flag("skip_data"):  # the query is looked at, and not run
        gathered.each(gathered.schema.read_by(query), AS, "is looked at")
    else:
        reads(gathered, query)


def view(gathered: Gathered, node: Node) -> None:
    """Gather what CREATE VIEW does."""
    named, query = node.child("view"), node.child("query")
    if named is not None and node.flag("replace"):
        known = gathered.schema.table(named)
        why = "gets another query"
        gathered.add(gathered.schema.resolve(named), AX, why, certain=known is not None)
    if query is not None:
        for each in gathered.schema.read_by(query):
            gathered.add(each, AS, "is shown by a view")


def index(gathered: Gathered, node: Node) -> None:
    """Gather what CREATE INDEX does."""
    named = node.child("relation")
    if named is None:
        return
    relation = gathered.schema.resolve(named)
    name = node.text("idxname")
    lock = SUX if node.flag("concurrent") else "SHARE"
    why = f"builds {name or 'an index'}"
    place = gathered.schema.find(name, relation.schema) if name else None
    if node.flag("if_not_exists") and place in gathered.schema.indexes:
        gathered.add(relation, lock, f"{name} is there already")
        return
    partitioned = gathered.table(relation).kind == "partitioned table"
    below = gathered.schema.partitions_of(relation) if partitioned and named.flag("inh") else ()
    for each in (relation, *below):
        gathered.add(each, lock, why, scans=True, builds=True)


def sequence(gathered: Gathered, node: Node) -> None:
    """Gather what CREATE SEQUENCE and ALTER SEQUENCE do."""
    named = node.child("sequence")
    if node.kind == "AlterSeqStmt" and named is not None:
        gathered.add(gathered.schema.resolve(named), SRX, "is changed")
    for option in node.children("options"):
        owner = option.child("arg")
        if option.text("defname") == "owned_by" and owner is not None:
            *schema, name = [part.text("sval") for part in owner.children("items")[:-1]] or [""]
            if name:
                relation = gathered.schema.find(name, "".join(schema[-1:]))
                gathered.add(relation, AS, "owns the sequence")
