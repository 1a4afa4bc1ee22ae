"""Another tool's history beside the folder, as lines or as JSON's content."""

from collections.abc import Iterator

from ajour.adoption import Adoption, ForeignHistory, ForeignRow, Match

_HOW = {
    "name": "",
    "version": "",
    "content": "the same SQL under another version",
    "title": "the same title under another version",
    "up to": "at or before that version",
}


def lines(adoption: Adoption) -> Iterator[str]:
    """Yield which row means which file, and what is left on either side."""
    source = adoption.source
    where = f" ({source.table})" if source.table and str(source.table) != source.tool else ""
    yield f"found: {source.tool}{where}, {_counted(source)}"
    for other in adoption.others:
        yield f"also here: {other.tool} ({other.table}), {_counted(other)}"
    width = max((len(_row(each.row)) for each in adoption.matches), default=0)
    for each in adoption.matches:
        yield f"  {_row(each.row):{width}}  is {each.file.name}{_remark(each)}"
    if adoption.known:
        yield f"in ajour's history already: {len(adoption.known)}"
    for row in adoption.rows_left:
        name = f" {row.name}" if row.name and row.name != row.version else ""
        yield f"no file  {row.version}{name}  (its row cannot be taken over)"
    for name in adoption.pending:
        why = "  (its version has a row, which may mean another file)"
        yield f"pending  {name}{why if name in adoption.unclear else ''}"
    yield from _notes(adoption)


def content(adoption: Adoption) -> dict[str, object]:
    """Return the same for a program."""
    return {
        "tool": adoption.source.tool,
        "table": str(adoption.source.table) if adoption.source.table else None,
        "matched": [
            {
                "version": each.row.version,
                "name": each.file.name,
                "how": each.how,
                "differs": each.differs,
                "executed_at": each.row.executed_at,
            }
            for each in adoption.matches
        ],
        "known": adoption.known,
        "rows_without_file": [
            {"version": row.version, "name": row.name} for row in adoption.rows_left
        ],
        "pending": adoption.pending,
        "unclear": adoption.unclear,
    }


def _counted(history: ForeignHistory) -> str:
    return f"{len(history.rows)} {'row' if len(history.rows) == 1 else 'rows'}"


def _row(row: ForeignRow) -> str:
    return row.name if row.name and row.name.endswith(".sql") else row.version


def _remark(each: Match) -> str:
    remarks = [_HOW[each.how], "what was run differs from what is on disk" if each.differs else ""]
    said = "; ".join(filter(None, remarks))
    return f"  ({said})" if said else ""


def _notes(adoption: Adoption) -> Iterator[str]:
    """Yield what a person should know before saying yes."""
    if any(row.text for row in adoption.rows_left):
        yield (
            "What was run by rows without a file is kept in their table:"
            " `supabase migration fetch` writes it to files."
        )
    if any(each.row.executed_at is None for each in adoption.matches):
        yield (
            f"{adoption.source.tool} does not know when a migration was run:"
            " executed_at will be the time of this adoption."
        )
