"""Something outside of the database is called, and no rollback takes it back.

Finds
    Calls of `net.http_…` (pg_net), `http_…` (the extension http) and `dblink…`.

Why it hurts
    A migration that fails is rolled back and run again. What it sent is sent, and is sent once
    more. A test database sends it as well, to the same address. A slow answer keeps the locks of
    the file.

Instead
    Do it in the application or by hand, after the migration. If it must follow from a change of
    rows, write a row that a job works off.

When it is fine
    To send it twice does no harm: `-- ajour: allow outside-effect <why>`. A function that the file
    only defines is no finding.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, calls

RULE = Rule("outside-effect", level="warning", family="runner")

_HTTP = ("http_get", "http_post", "http_put", "http_patch", "http_delete", "http")
_DBLINK = ("dblink", "dblink_exec", "dblink_send_query")


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find calls that reach out."""
    for call in calls(facts, *_HTTP, *_DBLINK):
        yield context.finding(
            RULE,
            facts,
            "This reaches out of the database: a rollback does not take it back.",
            "Do it after the migration, or leave a row for a job to work off.",
            at=call,
        )
