"""The library's face: a project with its folder and its database, and what can be done."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ajour.db.apply import Run
from ajour.db.connect import connect
from ajour.db.history import State, prepare, read
from ajour.db.rows import ServerError
from ajour.db.segment import Composer, Limits
from ajour.db.statements import Statements
from ajour.errors import HistoryChanged, Refusal
from ajour.events import Event
from ajour.files import read_folder
from ajour.model import Comparison, Folder, Plan
from ajour.plan import compare, make_plan
from ajour.settings import Settings
from ajour.target import Target

if TYPE_CHECKING:
    from types import TracebackType

    from psycopg import Connection

ROUNDS = 1000
"""How often a run plans again because another process was faster: once a migration at worst."""


@dataclass
class Project:
    """A folder of migrations and the database they go to. Used in a `with` statement."""

    settings: Settings
    target: Target

    @cached_property
    def folder(self) -> Folder:
        """The migrations on disk, read once. Raises FilesRefused."""
        return read_folder(self.settings.migrations)

    @cached_property
    def connection(self) -> "Connection":
        """The connection, opened when first needed. Raises ConnectionFailed."""
        return connect(self.target)

    def __enter__(self) -> "Project":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        if "connection" in self.__dict__:
            self.connection.close()

    def state(self) -> State:
        """Return what the server says now. Raises HistoryRefused, ConnectionFailed."""
        roles = self.settings.profile.api_roles
        return read(self.connection.pgconn, self.settings.table, roles)

    def compare(self) -> Comparison:
        """Set the folder beside the history. Changes nothing."""
        migrations = self.folder.migrations  # what is wrong with files is said before connecting
        return compare(migrations, self.state().history)

    def plan(self, *, allow_out_of_order: bool) -> Plan:
        """Return what `migrate` would run. Changes nothing. Raises Refusal."""
        migrations = self.folder.migrations
        history = self.state().history
        comparison = compare(migrations, history)
        return make_plan(comparison, history, allow_out_of_order=allow_out_of_order)

    def migrate(self, *, allow_out_of_order: bool) -> Iterator[Event]:
        """Apply what is pending, one event for each thing that became true.

        Plans again whenever another process has changed the history meanwhile.
        Raises Refusal before anything ran, MigrationFailed after.
        """
        migrations = self.folder.migrations
        for _ in range(ROUNDS):
            state = self.state()
            comparison = compare(migrations, state.history)
            plan = make_plan(comparison, state.history, allow_out_of_order=allow_out_of_order)
            if not plan.pending:
                return
            _check_writable(state)
            try:
                yield from self._run(plan, state)
            except HistoryChanged:
                continue
            return
        raise Refusal("the history kept changing under this run", hint="run ajour again")

    def _run(self, plan: Plan, state: State) -> Iterator[Event]:
        pgconn = self.connection.pgconn
        limits = Limits(f"{self.settings.lock_timeout}ms", f"{self.settings.statement_timeout}ms")
        # Behind a pooler the server process is another one than the protocol speaks of.
        own_session = state.server.backend_pid == pgconn.backend_pid
        composer = Composer(
            Statements(self.settings.table), limits, state.server.version, own_session
        )
        run = Run(pgconn, composer, plan, wait=self.settings.wait / 1000)
        try:
            prepared = prepare(pgconn, self.settings.table, state)
        except ServerError as error:
            if "ajour:locked" not in error.message:
                raise
            yield from run.wait_for_lock()
            raise HistoryChanged("another process had the lock") from None
        if prepared:
            yield prepared
        yield from run.events()


def _check_writable(state: State) -> None:
    if state.server.in_recovery:
        raise Refusal(
            "this server is a read replica: nothing can be written to it",
            hint="use the URL of the primary",
        )
    if state.server.read_only:
        raise Refusal(
            "the database is in read-only mode",
            hint="on Supabase that means that the disk is 95 % full: free room first; elsewhere"
            " look at default_transaction_read_only",
        )
