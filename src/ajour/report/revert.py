"""What `ajour revert` wrote, as lines or as JSON's content."""

from collections.abc import Iterator, Sequence


def lines(
    path: str, lost: Sequence[tuple[str, str | None]], worth_knowing: Sequence[str]
) -> Iterator[str]:
    """Yield the path, and what does not come back; beside each the command that restores it."""
    yield f"created {path}"
    for what, command in lost:
        yield f"  does not come back: {what}"
        if command:
            yield f"    a backup has it: {command}"
    yield from (f"  {each}" for each in worth_knowing)


def summary(undoes: str, why_not: str | None, count: int) -> Iterator[str]:
    """Yield whether it is proven, and what to do next."""
    if why_not is None:
        yield f"proven: {undoes} was applied, undone and applied again on a scratch database"
    else:
        yield f"not proven: {why_not}"
    if count:
        yield "The file stops at each of these until you have decided there what shall be done."
    yield "Nothing was run on the database. Look the file through, then: ajour migrate"
