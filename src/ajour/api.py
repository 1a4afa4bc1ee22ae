"""The library's face: a project with its folder and its database, and what can be done.

What only some commands need is imported where it is used: that is most of the time of a command
that has nothing to do.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ajour.db.history import State, prepare, ran, read
from ajour.db.lock import take_session
from ajour.db.session import Session
from ajour.db.statements import Statements
from ajour.db.stop import Stop
from ajour.errors import Occupied, Refusal
from ajour.events import Event
from ajour.files import read_folder
from ajour.model import Comparison, Finding, Folder, Plan, Repair, Unfinished
from ajour.plan import compare, make_plan, next_step
from ajour.profiles import SUPABASE
from ajour.settings import Settings
from ajour.sql.position import place_of
from ajour.target import Target

if TYPE_CHECKING:
    from types import TracebackType

    from ajour.check import Circumstances


MANY = 10
"""Files. Where more than that are pending and none was run, a database is made from nothing: what
is wrong with old files is for `ajour check` to say, not for everyone who begins."""


def folder_of(settings: Settings) -> Folder:
    """Read the project's migrations, named as seen from the current folder. Raises FilesRefused."""
    folder = read_folder(near(settings.migrations))
    return replace(folder, findings=(*folder.findings, *_habits(settings, folder)))


def _habits(settings: Settings, folder: Folder) -> Iterator[Finding]:
    """Yield what of a Supabase project's settings and names has no effect here, or another one."""
    if not settings.mirror and settings.profile is not SUPABASE:
        return
    from ajour import supabase

    if settings.mirror:
        yield from supabase.unmirrored(file.name for file in folder.migrations)
    if settings.profile is SUPABASE:
        embedded = None
        if settings.url is None:
            from ajour.engines.home import home_of

            embedded = home_of(settings.root).major
        config = supabase.read_config(near(settings.root))
        yield from supabase.about(config, folder.path, embedded)


def circumstances(settings: Settings, major: int | None = None) -> "Circumstances":
    """Return what the project's files are judged by; `major` is the server's, where it is known."""
    from ajour import supabase
    from ajour.check import Circumstances
    from ajour.rules._rule import MAJORS

    profile = settings.profile
    if profile is SUPABASE:
        config = supabase.read_config(settings.root)
        major = major or config.major_version
        served = (each for each in config.served if each not in profile.managed_schemas)
        profile = replace(profile, api_schemas=tuple(served))
    fitting = min(max(major or MAJORS[-1], MAJORS[0]), MAJORS[-1])
    return Circumstances(profile, fitting, settings.table, settings.rules)


def near(path: Path) -> Path:
    """Return a path as it is seen from the current folder, when it is in it."""
    near = os.path.relpath(path)
    return path if near.startswith("..") else Path(near)


@dataclass
class Project:
    """A folder of migrations and the database they go to. Used in a `with` statement."""

    settings: Settings
    target: Target
    judges: bool = True
    """Whether the rules look at what is pending; a scratch database does without."""
    _found: dict[tuple[str, ...], tuple[Finding, ...]] = field(default_factory=dict, repr=False)
    """What the rules found, by the names of the files that were pending."""

    @cached_property
    def folder(self) -> Folder:
        """The migrations on disk, read once. Raises FilesRefused."""
        return folder_of(self.settings)

    @cached_property
    def session(self) -> Session:
        """The way to the database; a connection is opened when first needed."""
        if self.settings.tunnel is None or self.settings.url is None:
            return Session(self.target)
        from ajour.tunnel import Tunnel  # starts programs: only where one is wanted

        return Session(self.target, Tunnel(self.settings.tunnel))

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
        comparison = compare(migrations, self.state().history)
        unfinished = tuple(map(self._looked_at, comparison.unfinished))
        return replace(comparison, unfinished=unfinished)

    def plan(self, *, allow_out_of_order: bool, consent: bool = False) -> Plan:
        """Return what `migrate` would run. Changes nothing. Raises Refusal.

        With `consent`, that is also raised for a finding of level error that no file allows.
        """
        return self._plan(allow_out_of_order, consent)[0]

    def migrate(
        self,
        *,
        allow_out_of_order: bool,
        consent: bool = False,
        stop: Stop | None = None,
        before: Callable[[Plan], None] | None = None,
    ) -> Iterator[Event]:
        """Apply what is pending, one event for each thing that became true.

        With `consent`, findings of level error are refused unless a file allows them. `stop` lets
        a signal handler end the run cleanly. `before` gets the plan before anything runs, and may
        raise Refusal. Raises Refusal before anything ran; MigrationFailed,
        Interrupted or InDoubt after.
        """
        from ajour.migrate import Migrate

        run = Migrate(
            self.settings,
            self.session,
            # Not with `before`, which may take long: then the lock is taken behind it.
            partial(self._plan, allow_out_of_order, consent, patient=True, early=before is None),
            stop or Stop(),
            before=before,
        )
        yield from run.events()

    def repair(self, repairs: tuple[Repair, ...]) -> None:
        """Change the history as it was asked for, whole or not at all. Raises Refusal."""
        from ajour.db import mirror
        from ajour.db.repair import by_hand, repair
        from ajour.migrate import check_writable

        pgconn, table, state = self.session.pgconn, self.settings.table, self.state()
        check_writable(state)
        with by_hand(pgconn, table, "repaired"):
            prepare(pgconn, table, state)
            if self.settings.mirror:
                mirror.prepare(pgconn, table)
            repair(pgconn, table, repairs, mirror.follow(repairs) if self.settings.mirror else ())

    def stand_ins(self) -> tuple[str, ...]:
        """Return the extensions that the files use and the embedded server only stands in for."""
        if self.settings.url is not None:
            return ()
        from ajour.stand_ins import touched

        return touched(self.session, self.folder.migrations)

    def _looked_at(self, left: Unfinished) -> Unfinished:
        """Add what the file and the database say about a migration that was interrupted."""
        file = next((each for each in self.folder.migrations if each.name == left.name), None)
        try:
            goes_on = next_step(file, left) if file else None
        except Refusal:  # of the file as it is now; `plan` says so
            goes_on = None
        if file is None or goes_on is None:
            return left
        from ajour.db.recover import state_now

        count, step = goes_on
        begun = left.before is not None and not step.transactional
        return replace(
            left,
            steps=count,
            goes_on=place_of(file, step.statements[0]),
            state=state_now(self.session.pgconn, step, left.before) if begun else "",
        )

    def _plan(
        self,
        allow_out_of_order: bool,
        consent: bool,
        *,
        patient: bool = False,
        early: bool = False,
    ) -> tuple[Plan, State]:
        """Read the history and plan from it. If `patient`, raises Occupied.

        If `early`, the lock is taken before: whoever does not get it need not plan in vain.
        """
        migrations = self.folder.migrations
        state = self.state()
        comparison = compare(migrations, state.history)
        busy = state.server.busy
        if patient and comparison.pending and (busy or (early and not self._locks(state))):
            raise Occupied("Another run is at work.")
        texts = (
            (file.name, ran(self.session.pgconn, self.settings.table, file.name))
            for file in comparison.edited[:1]  # one is shown: the rest would hide it
        )
        plan = make_plan(
            comparison,
            state.history,
            table=self.settings.table,
            allow_out_of_order=allow_out_of_order,
            ran={name: text for name, text in texts if text is not None},
        )
        if self.settings.url is None and plan.pending:
            from ajour.stand_ins import fitted  # for the embedded server alone

            plan = fitted(plan, self.settings)
        from_nothing = not plan.applied and len(plan.pending) > MANY
        if not self.judges or not plan.pending or (from_nothing and not consent):
            return plan, state
        return self._judged(plan, state, consent), state

    def _locks(self, state: State) -> bool:
        """Take the lock for the session, where it is ours alone for certain."""
        from ajour.db.pooler import is_direct  # only where something is pending

        pgconn = self.session.pgconn
        direct = is_direct(pgconn, state.server.backend.pid)
        return not direct or take_session(pgconn, Statements(self.settings.table))

    def _judged(self, plan: Plan, state: State, consent: bool) -> Plan:
        """Add what the rules find in what is pending. Each turn plans anew: judged is once.

        With `consent`, raises Refusal for an error.
        """
        from ajour.check import OTHERS, check, refusal  # only where something is pending
        from ajour.related import related

        names = tuple(item.migration.name for item in plan.pending)
        if names not in self._found:
            where = circumstances(self.settings, state.server.version // 10_000)
            scripts = {item.migration.name: item.script for item in plan.pending}
            files = related(self.folder.migrations, scripts.keys(), scripts)
            found = check(files, where, only=scripts.keys(), together=True, scripts=scripts)
            self._found[names] = tuple(found)
        others = (each for each in plan.findings if each.rule not in OTHERS)
        refused = refusal(self._found[names]) if consent else None
        if refused is not None:
            raise refused
        return replace(plan, findings=(*others, *self._found[names]))
