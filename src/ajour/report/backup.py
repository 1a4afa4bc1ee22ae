"""Backups in words: the list of them, a new one, and what was brought back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ajour.report.words import size, some
from ajour.saved import Backup, Restored


def made(backup: Backup) -> str:
    """Return one line about a new backup."""
    tables = f"{len(backup.tables)} {'table' if len(backup.tables) == 1 else 'tables'}"
    return f"backup {backup.id}: {tables}, {size(backup.bytes)}, verified: {backup.path}"


def listed(backups: Sequence[Backup], damaged: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each backup: id, when, database, size, what it has, what it precedes.

    `damaged`: what is wrong with a backup's file, by the backup's id.
    """
    for each in backups:
        what = "whole" if each.whole else some(tuple(str(t.relation) for t in each.tables), 3)
        how = " (copy)" if each.kind == "copy" else ""
        before = f"  before {some(each.precedes, 2)}" if each.precedes else ""
        yield (
            f"{each.id}  {each.made_at:%Y-%m-%d %H:%M:%S} UTC  {each.database}@{each.place}"
            f"  {size(each.bytes)}  {damaged.get(each.id, 'verified')}  {what}{how}{before}"
        )


def content(backup: Backup, damaged: str | None = None) -> dict[str, object]:
    """Return a backup as JSON has it, without what was saved of every column."""
    return {
        "id": backup.id,
        "file": str(backup.path),
        "made_at": backup.made_at,
        "made_by": backup.kind,
        "database": backup.database,
        "place": backup.place,
        "server_version": backup.server_version,
        "whole": backup.whole,
        "bytes": backup.bytes,
        "sha256": backup.sha256,
        "verified": damaged is None,
        "damaged": damaged,
        "tables": [str(each.relation) for each in backup.tables],
        "precedes": backup.precedes,
        "reasons": backup.reasons,
    }


def restored(fates: Iterable[Restored], quoted: dict[str, str]) -> Iterator[str]:
    """Yield what became of each table, and where its rows are beside it, how to go on.

    `quoted` has names of tables and columns as SQL writes them.
    """
    for each in fates:
        if each.how != "beside":
            yield f"{each.relation}: {_HOW[each.how]}"
            continue
        yield f"{each.relation} is in use: the saved rows are in {each.into}"
        yield from _next(each, quoted)


def large_objects(columns: tuple[str, ...]) -> str:
    """Return one line about columns that may point to large objects, which are in no table."""
    return (
        f"Large objects are not brought back with tables: look where {some(columns)}"
        f" {'points' if len(columns) == 1 else 'point'} to. All of a backup has them (--into URL)."
    )


_HOW = {
    "created": "made anew, with its rows",
    "filled": "the saved rows are in it again",
    "replaced": "its rows were replaced by the saved ones",
}


def _next(fate: Restored, quoted: dict[str, str]) -> Iterator[str]:
    """Yield the statements that bring lost columns back, and remove the table beside."""
    table, beside = quoted[str(fate.relation)], quoted[str(fate.into)]
    if fate.lost and fate.key:
        yield "To bring what was lost back, in a new migration:"
        for name, type_ in fate.lost:
            yield f"  alter table {table} add column {quoted[name]} {type_};"
        sets = ", ".join(f"{quoted[name]} = r.{quoted[name]}" for name, _ in fate.lost)
        keys = " and ".join(f"t.{quoted[name]} = r.{quoted[name]}" for name in fate.key)
        yield f"  update {table} t set {sets} from {beside} r where {keys};"  # noqa: S608 - said, not run; quoted
    yield f"When it is not needed any more: drop table {beside};"
