"""Sessions of others that are ended.

Finds
    `pg_terminate_backend()` and `pg_cancel_backend()`.

Why it hurts
    The application loses connections in the middle of its work; jobs, replication and ajour itself
    may be hit. It cannot be rolled back.

Instead
    Let the lock timeout do it: ajour waits a short time for a lock, rolls back and tries again, and
    names who is in the way. End a session by hand when you know what it does.

When it is fine
    In a function that the file only defines; that is no finding.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, calls

RULE = Rule("terminate-backend", level="error", family="runner")


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find calls that end or cancel what other sessions do."""
    for call in calls(facts, "pg_terminate_backend", "pg_cancel_backend"):
        yield context.finding(
            RULE,
            facts,
            "This ends what other sessions do, and cannot be rolled back.",
            "Leave it to lock_timeout: ajour tries again, and names who is in the way.",
            at=call,
        )
