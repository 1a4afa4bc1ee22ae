"""Goes back from what was rehearsed, and forward again: both times to the same schema."""

from collections.abc import Callable, Iterator

from ajour.catalog.diff import diff
from ajour.catalog.objects import Catalog, Difference
from ajour.db.observe import observe
from ajour.db.session import Session
from ajour.inverse.schema import transform
from ajour.rehearsal import Back
from ajour.sql.split import split


def back_and_forth(
    session: Session,
    before: Catalog,
    after: Catalog,
    look: Callable[[], Catalog],
    again: Callable[[], str | None],
) -> Back:
    """Run the inverse on the copy, then, by `again`, the files once more. Rows do not count.

    `look` reads the catalog as it is then; `again` returns why the files failed, or None. The
    order of columns does not count either.
    """
    found = transform(after, before)
    if found.unknown:
        return Back(0, tuple(f"{each} cannot be made anew" for each in found.unknown))
    statements = split(";\n".join(change.sql for change in found.changes))
    done = observe(session.pgconn, statements, keep=True)
    error = next((each.error for each in done if each.error), None)
    if error is not None:
        return Back(len(found.changes), (f"the inverse fails: {error}",))
    undone = tuple(
        _said("after the inverse", diff(before, look(), column_order=False, hidden=False))
    )
    if undone:
        return Back(len(found.changes), undone)
    failed = again()
    if failed is not None:
        return Back(len(found.changes), (f"forward again it fails: {failed}",))
    again_differs = diff(after, look(), column_order=False, hidden=False)
    return Back(len(found.changes), tuple(_said("forward again", again_differs)))


def _said(when: str, differences: tuple[Difference, ...]) -> Iterator[str]:
    for each in differences:
        what = f" ({each.attribute})" if each.attribute else ""
        yield f"{when} it differs: {each.identity}{what}"
