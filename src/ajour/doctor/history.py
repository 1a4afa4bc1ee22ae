"""The history: what it says beside the folder, and who else may change it."""

from collections.abc import Iterator

from ajour.api import Project
from ajour.db.examine import Facts
from ajour.errors import AjourError, FilesRefused
from ajour.model import Check, Comparison, Pending
from ajour.settings import Settings


def compared(project: Project) -> tuple[Check, tuple[Pending, ...]]:
    """Set history and folder side by side; return the check, and what would run."""
    try:
        comparison = project.compare()
        pending = project.plan(allow_out_of_order=True).pending
    except FilesRefused:
        return Check("history", "warning", "not compared: see the files above."), ()
    except AjourError as refusal:
        return Check("history", "failed", refusal.message, refusal.hint, refusal.details), ()
    return _agreeing(project, comparison), pending


def _agreeing(project: Project, comparison: Comparison) -> Check:
    table = project.settings.table
    if not project.state().history.exists:
        waiting = f"{len(comparison.pending)} pending"
        return Check(
            "history", "ok", f"{table} is not there yet; the first run makes it; {waiting}"
        )
    said = f"{table}: {len(comparison.applied)} applied, {len(comparison.pending)} pending"
    if comparison.unfinished:
        name = comparison.unfinished[0].name
        hint = "ajour migrate goes on with it; ajour status says where."
        return Check("history", "warning", f"{said}; {name} was interrupted.", hint)
    return Check("history", "ok", said)


def access(facts: Facts, settings: Settings) -> Iterator[Check]:
    """Say who else may read or change the history; on Supabase that can be the internet."""
    open_ones = [each for each in facts.access if each.granted]
    unprotected = [each for each in facts.access if not each.row_security]
    roles = ", ".join(("public", *settings.profile.api_roles))
    if open_ones:
        first = open_ones[0]
        yield Check(
            "access",
            "failed",
            f"{first.table} is open to others: they could make migrations run again, or never.",
            f"revoke all on {first.table} from {roles};"
            f" alter table {first.table} enable row level security;",
            tuple(f"{each.table}: {each.granted}" for each in open_ones),
        )
    elif unprotected:
        first = unprotected[0]
        yield Check(
            "access",
            "warning",
            f"{first.table} has no row level security: one GRANT would open it.",
            f"alter table {first.table} enable row level security;",
        )
    elif facts.access:
        yield Check("access", "ok", f"nobody else may read or change {settings.table}")
