"""Findings summed up: the last line of a check, a table for a pull request."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ajour.model import LEVELS, Finding
from ajour.report.words import place


def summary(found: Sequence[Finding], files: int) -> str:
    """Return how many there are of each level, in how many files that were looked at."""
    counts = Counter(each.level for each in found if not each.allowed)
    parts = [_some(counts[level], level) for level in reversed(LEVELS) if counts[level]]
    allowed = sum(bool(each.allowed) for each in found)
    parts += [f"{allowed} allowed"] if allowed else []
    return f"{', '.join(parts) or 'no findings'} in {_some(files, 'file')}"


def markdown(found: Sequence[Finding], files: int, title: str = "ajour check") -> Iterator[str]:
    """Yield the lines of a comment on a pull request."""
    yield f"**{title}**: {summary(found, files)}"
    if found:
        yield ""
        yield "| Level | Where | Finding |"
        yield "| --- | --- | --- |"
    for each in found:
        where = f"`{place(each.where)}`" if each.where else ""
        level = f"allowed ({each.level})" if each.allowed else each.level
        words = [each.message, each.help, f"Allowed: {each.allowed}" if each.allowed else None]
        said = " ".join(_cell(text) for text in words if text)
        yield f"| {level} | {where} | {said} `{each.rule}` |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _some(count: int, noun: str) -> str:
    plural = noun if count == 1 or noun == "info" else f"{noun}s"
    return f"{count} {plural}"
