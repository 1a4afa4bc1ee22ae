"""Rights that are taken away: who uses them is refused from now on.

Finds
    `REVOKE` of rights on tables, sequences, functions and schemas that were there before the file;
    one finding for each file.

Why it hurts
    Clients that run now, and whatever else connects as that role, get "permission denied". To close
    what should never have been open is right; which of them needed it shows only then.

Instead
    Look who uses it: `pg_stat_statements` has the statements by role, the API's logs the paths.
    Move them to another way first.

When it is fine
    Nobody uses it as that role: `-- ajour: allow revoke <how you know>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.guard import role
from ajour.sql.parse import Node

RULE = Rule("revoke", level="info", family="breaking")


def check_file(context: Context) -> Iterator[Finding]:
    """Find the first REVOKE of a file on something in use: tools write one for each right."""
    found = [each for each in context.before if _takes(each, context)]
    if not found:
        return
    roles = dict.fromkeys(role(one) for each in found for one in each.node.children("grantees"))
    names = ", ".join("PUBLIC" if each == "public" else each or "this role" for each in roles)
    more = f" ({len(found)} statements of the file)" if len(found) > 1 else ""
    yield context.finding(
        RULE,
        found[0],
        f"What is done with these rights as {names} is refused from now on{more}.",
        "Look who uses them first.",
    )


def _takes(facts: Facts, context: Context) -> bool:
    return (
        facts.kind == "GrantStmt"
        and not facts.node.flag("is_grant")
        and any(_in_use(each, context) for each in facts.node.children("objects"))
    )


def _in_use(named: Node, context: Context) -> bool:
    """Tell whether something was there before the files; whole schemas and what is unknown were."""
    if named.kind == "RangeVar":
        return not context.is_new(context.schema.resolve(named))
    if named.kind == "ObjectWithArgs":
        same = context.schema.routines.get(context.schema.find_type(named.children("objname")), ())
        return not same or any(each.file not in context.together for each in same)
    return True
