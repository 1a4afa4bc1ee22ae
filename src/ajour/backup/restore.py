"""Brings a backup back, all of it or single tables, in one transaction or not at all."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from ajour.api import Project
from ajour.backup import copies
from ajour.backup.archive import Archive, removals
from ajour.backup.dump import check_way
from ajour.backup.manifest import check
from ajour.backup.pieces import Piece, Rows
from ajour.db import copies as db
from ajour.db.rows import ServerError, fetch, undo
from ajour.engines.pgdump import installed
from ajour.errors import Refusal, UsageError
from ajour.model import Relation
from ajour.report.words import some
from ajour.saved import Backup, Restored, SavedTable
from ajour.sql.names import qualified, quote
from ajour.sql.split import leading_words

LONGEST_NAME = 63
"""Bytes that PostgreSQL keeps of a name."""

DUPLICATE_OBJECT, DEPENDENTS_EXIST = "42710", "2BP01"

_LARGE_OBJECT = re.compile(r"lo_create\('(\d+)'\)")
_UNLINK = "select pg_catalog.lo_unlink(oid) from pg_catalog.pg_largeobject_metadata where oid"

_SHARED = (("create", "publication"), ("create", "event"))
"""What belongs to the database and not to a schema: a new one may have it already."""


@dataclass
class Restore:
    """A backup on its way into the database of a project. First comes `begin`."""

    project: Project
    backup: Backup
    left_out: list[str] = field(default_factory=list)
    """The first lines of statements about what the platform has anyway."""
    version: int = 0
    """The server's, as server_version_num."""
    overwrites: bool = False
    """Large objects as well: no statement of pg_restore's removes them before the data."""

    def begin(self) -> None:
        """See that the file is whole, and that there is a session to be had. Raises Refusal."""
        check(self.backup)
        state = self.project.state()
        check_way(self.project, state, "A restore")
        if not state.server.writable:
            raise Refusal("The database takes no writes: it is a standby, or read only.")
        self.version = state.server.version

    def in_the_way(self) -> tuple[str, ...]:
        """Return the tables of the backup that are there already: all of it would replace them."""
        pgconn = self.project.session.pgconn
        return tuple(
            str(each.relation)
            for each in self.backup.tables
            if db.there(pgconn, each.relation).exists
        )

    def whole(self, *, overwrite: bool) -> int:
        """Bring all of it back; return how many tables. With `overwrite`, what is there goes.

        Raises Refusal; then nothing was changed.
        """
        if not overwrite and (there := self.in_the_way()):
            raise Refusal(
                f"The database has tables of this backup already: {some(there)}.",
                hint="Restore into an empty database (--into URL), or bring single tables back"
                " (--table); --yes replaces them all.",
            )
        before, pieces, after, drops = self._read(None)
        self.overwrites = overwrite
        with self._in_one():
            if overwrite:
                self._drop(drops)
            ours = self._without_defaults(self.project.settings.profile.managed_schemas)
            for sql in before:
                self._run(sql)
            self._fill(pieces, {})
            for sql in (*after, *ours):
                self._run(sql)
            if self.backup.kind == "copy":
                for each in self.backup.tables:
                    db.count_on(self.project.session.pgconn, each.relation)
            if reload := self.project.settings.profile.reload:
                self._run(reload)
        return len(self.backup.tables)

    def tables(
        self, only: tuple[Relation, ...], now: datetime, *, replace_rows: bool
    ) -> tuple[Restored, ...]:
        """Bring the rows of tables back, in their order, and the tables that are gone.

        Rows go into the table where it is empty, and with `replace_rows` in place of what it has;
        else into a new table beside it, whose name ends with the time `now`. So nothing that is
        there is lost. Raises Refusal; then nothing was changed.
        """
        pairs = db.references(self.project.session.pgconn, only)
        wanted = [self._saved(relation) for relation in _referenced_first(only, pairs)]
        families = {each.relation: self._family(each) for each in wanted}
        with self._in_one():
            fates = [self._fate(each, now, replace_rows=replace_rows) for each in wanted]
            gone = {each.relation for each in fates if each.how == "created"}
            new = [each for relation in gone for each in families[relation]]
            before, _, after, _ = self._read(new) if new else ([], iter(()), [], [])
            defaults = self._without_defaults(None)
            for sql in before:
                self._run(sql)
            others = [each for each in reversed(fates) if each.how != "created"]
            back_on = [sql for each in others for sql in self._made_ready(each)]
            targets = {
                member: fate.into
                for fate in fates
                if fate.how != "created"
                for member in families[fate.relation]
            }
            for members in families.values():
                self._fill(self._read(members)[1], targets)
            for sql in (*back_on, *after, *defaults):
                self._run(sql)
            for each in fates:
                db.count_on(self.project.session.pgconn, each.into)
            if reload := self.project.settings.profile.reload:
                self._run(reload)
        return tuple(fates)

    def without_large_objects(self, only: Iterable[Relation]) -> tuple[str, ...]:
        """Return the columns of tables that may point to large objects: those are not in them."""
        return tuple(
            f"{each.relation}.{name}"
            for each in map(self._saved, only)
            for name, type_ in each.columns
            if type_ == "oid" or type_.rpartition(".")[2] == "lo"
        )

    def quoted(self, fates: Iterable[Restored]) -> dict[str, str]:
        """Return how SQL writes the names that are said of what became of tables."""
        names = {each: quote(each) for fate in fates for each in (*dict(fate.lost), *fate.key)}
        both = (relation for fate in fates for relation in (fate.relation, fate.into))
        return names | {str(relation): qualified(relation) for relation in both}

    def _saved(self, relation: Relation) -> SavedTable:
        found = next((each for each in self.backup.tables if each.relation == relation), None)
        if found is None:
            names = tuple(str(each.relation) for each in self.backup.tables)
            raise UsageError(f"The backup has no table {relation}.", hint=f"It has {some(names)}.")
        if found.kind == "m":
            raise UsageError(
                f"{relation} is a materialized view: its rows are made from tables.",
                hint=f"refresh materialized view {relation}",
            )
        return found

    def _family(self, table: SavedTable) -> tuple[Relation, ...]:
        """Return the table and its partitions, however deep."""
        found = [table.relation]
        for relation in found:
            parent = (relation.schema, relation.name)
            found += [each.relation for each in self.backup.tables if each.parent == parent]
        return tuple(found)

    def _fate(self, table: SavedTable, now: datetime, *, replace_rows: bool) -> Restored:
        """Decide what becomes of a table. Raises Refusal where it cannot be replaced."""
        now_there = db.there(self.project.session.pgconn, table.relation)
        names = {name for name, _ in table.columns}
        if not now_there.exists:
            return Restored(table.relation, table.relation, "created")
        lost = tuple(each for each in table.columns if each[0] not in now_there.columns)
        if not lost and not now_there.filled:
            return Restored(table.relation, table.relation, "filled")
        if not replace_rows:
            key = table.key if set(table.key) <= names & set(now_there.columns) else ()
            return Restored(table.relation, _beside(table.relation, now), "beside", lost, key)
        if lost:
            raise Refusal(
                f"{table.relation} has no column {lost[0][0]} any more: its rows cannot be"
                " replaced by those of the backup.",
                hint="Without --replace they come back in a table beside it.",
            )
        if now_there.cascades:
            raise Refusal(
                f"Deleting the rows of {table.relation} would delete or change rows of"
                f" {now_there.cascades}, by a foreign key.",
                hint="Without --replace the rows come back in a table beside it.",
            )
        return Restored(table.relation, table.relation, "replaced")

    def _made_ready(self, fate: Restored) -> list[str]:
        """Make a table ready for rows; return what is to be run behind them."""
        pgconn = self.project.session.pgconn
        if fate.how == "beside":
            self._make_beside(fate.into, self._saved(fate.relation))
            return []
        switches = db.triggers(pgconn, fate.relation)
        for off, _ in switches:  # what they did then is among the rows of other tables
            self._run(off)
        if fate.how == "replaced":
            self._run(f"delete from {qualified(fate.relation)}")  # noqa: S608 - the name is quoted
        return [on for _, on in switches]

    def _make_beside(self, relation: Relation, table: SavedTable) -> None:
        """Make a table for the saved rows, closed to everybody but its owner."""
        pgconn, name = self.project.session.pgconn, qualified(relation)
        columns = (
            f"{quote(column)} {type_ if db.type_exists(pgconn, type_) else 'text'}"
            for column, type_ in table.columns
        )
        self._run(f"create table {name} ({', '.join(columns)})")
        self._run(f"alter table {name} enable row level security")
        roles = ", ".join(("public", *map(quote, self.project.settings.profile.api_roles)))
        self._run(f"revoke all on {name} from {roles}")

    def _read(
        self, only: Iterable[Relation] | None
    ) -> tuple[list[str], Iterator[Piece], list[str], list[str]]:
        """Return the statements before the rows, the rows, the statements behind, the removals."""
        chosen = None if only is None else frozenset(only)
        if self.backup.kind == "copy":
            copied = copies.read(self.backup.path, chosen)
            return copied.before, copied.rows, copied.after, removals(self.backup, copied.drops)
        archive = Archive(self.backup, installed(self.project.settings.postgres), chosen)
        drops = archive.drops() if only is None else []
        return archive.before(), archive.data(), archive.after(), drops

    def _without_defaults(self, others: Collection[str] | None) -> list[str]:
        """End what new objects give by default: who had been refused a right would get it again.

        Return what begins it again, of the schemas `others` and of none; of all with None. Those of
        its schemas a whole backup says itself.
        """
        pgconn, again = self.project.session.pgconn, []
        for schema, end, begin in db.defaults(pgconn):
            fetch(pgconn, end)
            if others is None or not schema or schema in others:
                again.append(begin)
        return again

    def _fill(self, pieces: Iterator[Piece], targets: dict[Relation, Relation]) -> None:
        """Run the pieces; the rows of a table in `targets` go where that says.

        What numbers rows is then counted on from the rows: its own statement is passed by.
        """
        for piece in pieces:
            if isinstance(piece, Rows):
                into = targets.get(piece.relation, piece.relation)
                listed = f" ({piece.columns})" if piece.columns else ""
                sql = f"copy {qualified(into)}{listed} from stdin"
                db.copy_in(self.project.session.pgconn, sql, piece.data)
            elif not targets:
                self._run(piece)

    def _run(self, sql: str) -> None:
        """Run a statement, or leave it out where the platform has what it makes. Raises Refusal."""
        pgconn, words = self.project.session.pgconn, leading_words(sql, 3)
        if words[:2] == ("set", "transaction_timeout") and self.version < 170000:
            return  # a newer pg_dump writes it for every server
        if self._is_platforms(words, sql):
            self.left_out.append(sql.partition("\n")[0])
            return
        if self.overwrites and (made := _LARGE_OBJECT.search(sql)):
            fetch(pgconn, f"{_UNLINK} = {made[1]}")
        if words[:2] == ("create", "schema"):
            sql = re.sub(
                r"^create schema ", "create schema if not exists ", sql, flags=re.IGNORECASE
            )
        shared = words[:2] in _SHARED
        try:
            if shared:
                fetch(pgconn, "savepoint ajour")
            fetch(pgconn, sql)
        except ServerError as error:
            if not shared or error.sqlstate != DUPLICATE_OBJECT:
                error.details = (f"in: {sql.partition(chr(10))[0]}", *error.details)
                raise
            self.left_out.append(sql.partition("\n")[0])
            fetch(pgconn, "rollback to ajour")

    def _drop(self, statements: list[str]) -> None:
        """Remove what is there, again and again as long as that helps: one holds another."""
        pgconn, left = self.project.session.pgconn, statements
        while left:
            held, error = [], None
            for sql in left:
                fetch(pgconn, "savepoint ajour")
                try:
                    fetch(pgconn, sql)
                except ServerError as refused:
                    if refused.sqlstate != DEPENDENTS_EXIST:
                        raise
                    fetch(pgconn, "rollback to ajour")
                    error = refused
                    held.append(sql)
            if error is not None and len(held) == len(left):
                raise error
            left = held

    def _is_platforms(self, words: tuple[str, ...], sql: str) -> bool:
        """Tell whether a statement is about what the platform owns and has anyway."""
        roles = self.project.settings.profile.platform_roles
        if words[:2] == ("alter", "default"):
            return any(f"FOR ROLE {role} " in sql for role in roles)
        return words == ("comment", "on", "extension") and bool(roles)

    @contextmanager
    def _in_one(self) -> Iterator[None]:
        """Run the block in one transaction; what the script sets ends with it."""
        pgconn = self.project.session.pgconn
        try:
            with db.transaction(pgconn):
                yield
        except ServerError as error:
            raise Refusal(
                f"The backup cannot be restored: {error.message}.",
                details=error.details,
                hint=f"Nothing was changed. {error.hint or ''}".strip(),
            ) from None
        finally:
            undo(pgconn, "discard all")


def _beside(relation: Relation, now: datetime) -> Relation:
    """Return the name of the table beside, cut so that PostgreSQL keeps all of it."""
    end = f"_restored_{now:%Y%m%dt%H%M%Sz}".lower()
    begin = relation.name.encode()[: LONGEST_NAME - len(end)].decode("utf-8", "ignore")
    return replace(relation, name=begin + end)


def _referenced_first(
    tables: tuple[Relation, ...], pairs: Iterable[tuple[Relation, Relation]]
) -> tuple[Relation, ...]:
    """Return the tables, each behind those that its foreign keys refer to; as they are in a circle.

    `pairs`: a table and one that it refers to.
    """
    graph: dict[Relation, set[Relation]] = {each: set() for each in tables}
    for table, referred in pairs:
        graph[table].add(referred)
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError:
        return tables
