"""Tries the inverse of a migration on a scratch database: forward, back, forward again.

A stage goes forward through the files of a project; each trial runs on a copy of it.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from ajour.api import Project
from ajour.catalog.diff import ORDER, diff
from ajour.catalog.objects import Catalog, Difference, Identity
from ajour.catalog.read import read
from ajour.catalog.view import without
from ajour.db.rows import ServerError, fetch
from ajour.drift import replay, scratch_project, seen
from ajour.engines import clones
from ajour.engines.server import drop_database
from ajour.errors import Refusal
from ajour.inverse.rare import MAKERS
from ajour.inverse.renames import Rename, renames
from ajour.inverse.rows import Around
from ajour.inverse.undo import Inverse, invert
from ajour.model import Folder, Migration
from ajour.settings import Settings
from ajour.sql.names import quote
from ajour.sql.steps import script
from ajour.target import Target

AT_ONCE = 3
"""Differences that are named where two schemas should be equal and are not."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a migration and its inverse on a scratch database."""

    inverse: Inverse
    before: Catalog
    after: Catalog
    why_not: str | None
    """Why the inverse is not proven; None where it is."""
    reordered: tuple[Identity, ...] = ()
    """Tables whose columns stand in another order afterwards."""
    emptied: tuple[str, ...] = ()
    """Tables that had to be emptied before the inverse ran, as SQL has their names."""


@dataclass
class Stage:
    """A scratch database, and the files that were run on it."""

    project: Project
    server: Target
    """Another database of the same server: copies are made from there."""
    own: bool
    """The server is thrown away as well."""
    called: str = ""
    """The database that this is a copy of: files change its settings by that name."""

    def forward(self, *files: Migration) -> None:
        """Run files. Raises Refusal where one does not run."""
        folder = self.project.folder
        meant = tuple(map(self._about_this, files))
        self.project.folder = replace(folder, migrations=(*folder.migrations, *meant))
        try:
            replay(self.project, with_roles=self.own)
        except Refusal:
            self.project.folder = folder  # it was rolled back: what comes next is without it
            raise

    def _about_this(self, file: Migration) -> Migration:
        """Return a file that changes the settings of this database, not of that it is copied of."""
        if not self.called:
            return file
        words = rf'\b((?:alter|in)\s+database\s+)("?){re.escape(self.called)}\2(?=\s+(?:re)?set\b)'
        ours = rf"\g<1>{quote(self.project.target.dbname)}"
        return replace(file, text=re.sub(words, ours, file.text, flags=re.IGNORECASE))

    def run(self, statements: Iterable[str]) -> None:
        """Run statements as a file of their own, in one transaction. Raises Refusal."""
        text = "".join(f"{each};\n" for each in statements)
        number = len(self.project.folder.migrations)
        name = f"~{number:06}_trial.sql"  # behind every name of a file
        path = str(self.project.folder.path / name)
        self.forward(Migration(name, path, text, sha256(text.encode()).hexdigest()))

    def again(self, file: Migration) -> None:
        """Run a file once more, under another name. Raises Refusal."""
        number = len(self.project.folder.migrations)
        self.forward(replace(file, name=f"~{number:06}_{file.name}"))

    def catalog(self) -> Catalog:
        """Read the schema; one that the history alone was put into is not the project's."""
        settings = self.project.settings
        found = seen(read(self.project.session, settings.profile), settings, sessions=True)
        made = Identity("schema", "", settings.table.schema)
        return without(found, lambda each: each.identity == made and made.name != "public")

    @contextmanager
    def fork(self) -> "Iterator[Stage]":
        """Yield a copy of this database, which is dropped afterwards."""
        settings = [
            sql
            for each in self.catalog().objects.values()
            if each.kind == "database setting"
            for sql in MAKERS[each.kind](each)
        ]
        self.project.session.close()  # a database is only copied while nobody is connected
        name = self.project.target.dbname
        template = clones.template(name, self.server, synced=not self.own)
        target = clones.copy(template, f"ajour_trial_{secrets.token_hex(6)}")
        try:
            with Project(self.project.settings, target, judges=False) as copy:
                copy.folder = self.project.folder
                for sql in settings:  # they do not go with a copy
                    fetch(copy.session.pgconn, sql)
                yield Stage(copy, self.server, self.own, self.called or name)
        finally:
            drop_database(self.server, target.dbname)


@contextmanager
def stage(settings: Settings, server: Target | None, folder: Folder) -> Iterator[Stage]:
    """Yield a stage on which nothing was run yet: an embedded server, or a database on `server`.

    Raises Refusal.
    """
    with scratch_project(settings, server) as project:
        project.judges = False
        project.folder = replace(folder, migrations=(), findings=())
        own = server is None
        yield Stage(project, server or replace(project.target, dbname="template1"), own)


def attempt(at: Stage, file: Migration) -> Trial:
    """Try a migration and its inverse on a database that is just before it; it is used up.

    Raises Refusal where the migration itself does not run.
    """
    before = at.catalog()
    at.forward(file)
    after = at.catalog()
    statements = [each for step in script(file).steps for each in step.statements]
    done = list(_rename_back(at, renames(statements, before, after)))
    now = at.catalog() if done else after
    managed = at.project.settings.profile.managed_schemas
    inverse = invert(statements, Around(before, after, managed), done, now)
    if inverse.unknown:
        return Trial(inverse, before, after, f"It is not known how to make {inverse.unknown[0]}.")
    emptied = False
    try:
        if done:  # the renames are done; from here on the whole inverse is one file
            emptied = _first(at, inverse.rest, (*inverse.emptied, *inverse.rest)) > 0
            at.again(file)
        inverse, emptied_then = run_inverse(at, inverse)
        back = at.catalog()
        why_not = _differs("Undone", before, back) or _again(at, file, inverse, after)
    except Refusal as refusal:
        return Trial(inverse, before, after, said(refusal))
    every = diff(before, back)
    reordered = tuple(each.identity for each in every if each.attribute == ORDER)
    tables = inverse.without_values if emptied or emptied_then else ()
    return Trial(inverse, before, after, why_not, reordered, tables)


def run_inverse(at: Stage, inverse: Inverse) -> tuple[Inverse, bool]:
    """Run an inverse, and return it; where its DELETEs fail, without them. Raises Refusal.

    Values that are lost cannot be made up: where rows without them are in the way of NOT NULL or
    of a key, the tables are emptied before. Returns as well whether that was done.
    """
    emptied = (*inverse.begin, *inverse.emptied, *inverse.rest)
    try:
        return inverse, _first(at, inverse.statements, emptied) > 0
    except Refusal as refusal:
        if not inverse.deletes:
            raise
        less = inverse.without_rows(said(refusal))
        way = _first(at, less.statements, (*less.begin, *less.emptied, *less.rest))
        return less, way > 0


def _first(at: Stage, *ways: tuple[str, ...]) -> int:
    """Run the first of several lists of statements that runs; return which one that was, from 0.

    Raises the first Refusal.
    """
    refusals: list[Refusal] = []
    for number, each in enumerate(dict.fromkeys(ways)):
        try:
            at.run(each)
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            return number
    raise refusals[0]


def _again(at: Stage, file: Migration, inverse: Inverse, after: Catalog) -> str | None:
    """Apply a file again; return why that does not lead to where it led before.

    Rows that it inserted and that the inverse has left may be in its own way: that is said as a
    loss, and is no fault of the inverse.
    """
    try:
        at.again(file)
    except Refusal as refusal:
        return None if inverse.leaves_rows else f"Applied again: {said(refusal)}"
    return _differs("Applied again", after, at.catalog())


def _rename_back(at: Stage, found: Iterable[Rename]) -> Iterator[Rename]:
    """Take renames back, and yield those that could be; what has the old name now moves away."""
    for each in found:
        error = _error(at, each)
        if error is None:
            yield each
            continue
        aside = each.aside() if error in _TAKEN else None
        if aside is not None and _error(at, aside) is None:
            yield aside
            if _error(at, each) is None:
                yield each


_TAKEN = frozenset({"42P07", "42710", "42701", "42P06"})
"""SQLSTATEs that say that another object has the name."""


def _error(at: Stage, rename: Rename) -> str | None:
    try:
        fetch(at.project.session.pgconn, rename.back)
    except ServerError as error:
        return error.sqlstate
    return None


def _differs(when: str, wanted: Catalog, found: Catalog) -> str | None:
    differences = diff(wanted, found, column_order=False, hidden=False)
    return f"{when}, the schema is another one: {some(differences)}." if differences else None


def some(differences: Sequence[Difference]) -> str:
    """Return the first differences in a few words, and how many more there are."""
    named = "; ".join(map(told, differences[:AT_ONCE]))
    more = len(differences) - AT_ONCE
    return f"{named}{f' and {more} more' if more > 0 else ''}"


def told(each: Difference) -> str:
    """Return a difference in a few words."""
    if each.attribute is not None:
        return f"{each.identity} ({each.attribute.replace('_', ' ')})"
    return f"{each.identity} is {'missing' if each.after is None else 'left over'}"


def said(refusal: Refusal) -> str:
    """Return why SQL did not run on a scratch database, in a line."""
    where = refusal.where
    at = f" at `{where.source.strip()[:100]}`" if where and where.source else ""
    details = " ".join(refusal.details[:2])
    _, _, message = refusal.message.rpartition(" on a scratch database: ")
    return f"{message}{at} {details}".strip()
