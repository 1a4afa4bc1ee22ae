"""The library's face: a project with its folder and its database, and what can be done."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ajour.db import lock
from ajour.db.history import State, prepare, ran, read
from ajour.db.repair import repair
from ajour.db.rows import ServerError
from ajour.db.session import Session
from ajour.db.statements import Statements
from ajour.db.stop import Stop
from ajour.errors import HistoryRefused, Refusal
from ajour.events import Event
from ajour.files import read_folder
from ajour.migrate import Migrate, check_writable
from ajour.model import Comparison, Folder, Plan, Repair
from ajour.plan import compare, make_plan
from ajour.settings import Settings
from ajour.target import Target

if TYPE_CHECKING:
    from types import TracebackType


def folder_of(settings: Settings) -> Folder:
    """Read the project's migrations, named as seen from the current folder. Raises FilesRefused."""
    near = os.path.relpath(settings.migrations)
    return read_folder(settings.migrations if near.startswith("..") else Path(near))


@dataclass
class Project:
    """A folder of migrations and the database they go to. Used in a `with` statement."""

    settings: Settings
    target: Target

    @cached_property
    def folder(self) -> Folder:
        """The migrations on disk, read once. Raises FilesRefused."""
        return folder_of(self.settings)

    @cached_property
    def session(self) -> Session:
        """The way to the database; a connection is opened when first needed."""
        return Session(self.target)

    def __enter__(self) -> "Project":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        self.session.close()

    def state(self) -> State:
        """Return what the server says now. Raises HistoryRefused, ConnectionFailed."""
        roles = self.settings.profile.api_roles
        return read(self.session.pgconn, self.settings.table, roles)

    def compare(self) -> Comparison:
        """Set the folder beside the history. Changes nothing."""
        migrations = self.folder.migrations  # what is wrong with files is said before connecting
        return compare(migrations, self.state().history)

    def plan(self, *, allow_out_of_order: bool) -> Plan:
        """Return what `migrate` would run. Changes nothing. Raises Refusal."""
        return self._plan(allow_out_of_order)[0]

    def migrate(self, *, allow_out_of_order: bool, stop: Stop | None = None) -> Iterator[Event]:
        """Apply what is pending, one event for each thing that became true.

        `stop` lets a signal handler end the run cleanly. Raises Refusal before anything ran;
        MigrationFailed, Interrupted or InDoubt after.
        """
        run = Migrate(
            self.settings,
            self.session,
            partial(self._plan, allow_out_of_order),
            stop or Stop(),
        )
        yield from run.events()

    def repair(self, repairs: tuple[Repair, ...]) -> None:
        """Change the history as it was asked for, whole or not at all. Raises Refusal."""
        pgconn, table, state = self.session.pgconn, self.settings.table, self.state()
        check_writable(state)
        try:
            prepare(pgconn, table, state)
            repair(pgconn, table, repairs)
        except ServerError as error:
            if "ajour:locked" in error.message:
                raise Refusal(
                    "Another process has the lock.",
                    details=(lock.holder(pgconn, Statements(table)),),
                    hint="Run ajour again when it has ended.",
                ) from None
            if "ajour:history-changed" in error.message:
                raise HistoryRefused(
                    "The history was changed by another process meanwhile; nothing was repaired.",
                    hint="Look at `ajour status`, then decide again.",
                ) from None
            raise

    def _plan(self, allow_out_of_order: bool) -> tuple[Plan, State]:
        migrations = self.folder.migrations
        state = self.state()
        comparison = compare(migrations, state.history)
        texts = (
            (file.name, ran(self.session.pgconn, self.settings.table, file.name))
            for file in comparison.edited[:1]  # one is shown: the rest would hide it
        )
        plan = make_plan(
            comparison,
            state.history,
            allow_out_of_order=allow_out_of_order,
            ran={name: text for name, text in texts if text is not None},
        )
        return plan, state
