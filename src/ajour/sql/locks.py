"""What a statement does to relations: the locks it takes, what it rewrites, scans and builds.

Measured on PostgreSQL 13 to 18; tests compare every claim with a real server.
"""

from ajour.model import Effect
from ajour.sql.parse import Node
from ajour.sql.schema import Schema


def effects(node: Node, schema: Schema, major: int) -> tuple[Effect, ...]:
    """Return what a statement does to relations, one effect for each, the strongest lock first.

    `schema` is what is known before it, `major` the server's, 13 to 18. Named are tables, views
    and sequences that were there before; what the statement itself creates is left out, as nobody
    else can see it. Indexes are named only where the statement itself names one; what happens to
    the others follows their table. Catalogs of PostgreSQL itself are never named. Nothing is said
    of a statement that the server would refuse, nor of what functions and DO blocks do.
    """
    raise NotImplementedError
