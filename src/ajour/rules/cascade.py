"""CASCADE: what depends on an object goes with it, without being named.

Finds
    `DROP … CASCADE`, `ALTER TABLE … DROP COLUMN … CASCADE`, `DROP CONSTRAINT … CASCADE` and
    `TRUNCATE … CASCADE`.

Why it hurts
    Views, policies, triggers, rules, foreign keys, functions and whole columns vanish: those that
    somebody made by hand, too. `DROP TYPE … CASCADE` drops every column of the type with its
    values. `TRUNCATE … CASCADE` empties every table whose foreign keys point to it. A notice names
    the first hundred, and it is read by nobody.

Instead
    Leave `CASCADE` out. The server then names what depends on the object; drop or change that by
    name, in statements of its own.

When it is fine
    What goes along is known, and meant to go: `-- ajour: allow cascade <what goes along>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule(
    "cascade",
    level="error",
    family="destructive",
    kinds=("AlterTableStmt", "DropStmt", "DropOwnedStmt", "TruncateStmt"),
)

_LOST = {
    "TruncateStmt": "the rows of every table whose foreign keys point to it",
    "OBJECT_TYPE": "every column of the type, with its values",
    "OBJECT_DOMAIN": "every column of the domain, with its values",
    "OBJECT_EXTENSION": "all that uses the extension, columns with their values included",
    "OBJECT_FUNCTION": "triggers, policies, defaults and generated columns that call it",
    "OBJECT_VIEW": "the views that read it, and what depends on those",
}
_OTHERWISE = "all that depends on it: views, policies, foreign keys, functions"


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find CASCADE at what is dropped or emptied."""
    node = facts.node
    if node.kind == "AlterTableStmt":
        dropping = commands(node, "AT_DropColumn", "AT_DropConstraint")
        cascades = any(each.text("behavior") == "DROP_CASCADE" for each in dropping)
    else:
        cascades = node.text("behavior") == "DROP_CASCADE"
    if cascades:
        kind = node.text("remove_type") if node.kind == "DropStmt" else node.kind
        yield context.finding(
            RULE,
            facts,
            f"CASCADE takes along {_LOST.get(kind, _OTHERWISE)}.",
            "Leave CASCADE out, and name what has to go with it in statements of its own.",
            at="cascade",
        )
