"""What `ajour doctor` found, as lines."""

from collections.abc import Iterator, Sequence

from ajour.model import Check

WAY = {"configuration", "tunnel", "DNS", "TCP", "TLS", "authentication", "server"}
"""What fails here is the last that can be looked at."""


def lines(check: Check) -> Iterator[str]:
    """Yield the verdict, the name and what was found; below it the one thing to do."""
    yield f"{check.verdict:8} {check.name:15} {check.said}"
    for detail in check.details:
        yield from (f"{'':24} {line}" for line in detail.splitlines())
    if check.next:
        yield f"{'':24} next: {check.next}"


def summary(checks: Sequence[Check]) -> str:
    """Return the last line."""
    failed = [check for check in checks if check.verdict == "failed"]
    warnings = sum(check.verdict == "warning" for check in checks)
    noun = "warning" if warnings == 1 else "warnings"
    if failed and failed[-1].name in WAY:
        return f"failed at {failed[-1].name}: what comes after it could not be looked at"
    if failed:
        return f"{len(failed)} failed, {warnings} {noun}"
    return f"nothing failed, {warnings} {noun}" if warnings else "all is well"
