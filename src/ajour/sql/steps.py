"""A migration as the steps it runs in: one transaction, or as its own COMMITs cut it.

A file is one step, so that it is applied whole or not at all. It becomes several steps where it
says COMMIT itself, or holds statements that cannot run in a transaction; then it is cut as psql
would run it. BEGIN and COMMIT are never sent: each step is a transaction of ajour's own.
"""

import hashlib
from dataclasses import dataclass, field

from ajour.errors import Refusal
from ajour.model import Finding, Migration, Script, Statement, Step, Where
from ajour.sql.facts import (
    Control,
    control,
    is_ordinary,
    runs_in_transaction,
    sets_session,
    unusual_modes,
)
from ajour.sql.plain_rows import telling
from ajour.sql.position import place_of
from ajour.sql.split import leading_words, split

_MODES_HELP = "Each step runs as READ COMMITTED, READ WRITE."
_TWO_PHASE = "Remove it: a prepared transaction would outlive the run and keep its locks."
_REFUSED: dict[Control, tuple[str, str]] = {
    "rollback": (
        "{words} would undo what stands before it in this file",
        "Remove it: a step that fails is rolled back whole all by itself.",
    ),
    "rollback and chain": (
        "{words} AND CHAIN would undo what stands before it in this file",
        "Remove it: a step that fails is rolled back whole all by itself.",
    ),
    "commit and chain": (
        "{words} AND CHAIN would begin a transaction that ajour does not know of",
        "Write COMMIT; and BEGIN; instead.",
    ),
    "prepare transaction": ("PREPARE TRANSACTION cannot run in a migration", _TWO_PHASE),
    "commit prepared": ("COMMIT PREPARED cannot run in a migration", _TWO_PHASE),
    "rollback prepared": ("ROLLBACK PREPARED cannot run in a migration", _TWO_PHASE),
    "discard all": (
        "DISCARD ALL would end the locks that this run holds",
        "Remove it: each file begins with a clean session anyway.",
    ),
    "incomplete": (
        "This {words} is not one that PostgreSQL knows",
        "If a statement follows it, end {words} with a semicolon.",
    ),
}


def script(migration: Migration) -> Script:
    """Return the steps of `migration`, with notes on what was left out and where it was cut.

    A file without statements is one empty step.
    Raises Refusal for what `split` refuses, and for transaction control that cannot be kept:
    ROLLBACK, AND CHAIN, prepared transactions, DISCARD ALL, a BEGIN in an open block or without
    its COMMIT, a statement that cannot run in a transaction between BEGIN and COMMIT.
    """
    cut = _Cut(migration)
    for statement in split(migration.text, migration.path):
        cut.take(statement)
    return cut.finished()


def done_checksum(script: Script, steps_done: int) -> str:
    """Return the SHA-256, in hexadecimal, over the statements of the first `steps_done` steps.

    Each text is preceded by its length, so that no two lists of statements give the same bytes.
    """
    digest = hashlib.sha256()
    for step in script.steps[:steps_done]:
        for statement in step.statements:
            for text in (statement.text, statement.copy_data):
                data = None if text is None else text.encode()
                digest.update(b"-;" if data is None else b"%d:%b;" % (len(data), data))
    return digest.hexdigest()


@dataclass
class _Cut:
    """Collects the statements of a file, step by step."""

    migration: Migration
    steps: list[Step] = field(default_factory=list)
    current: list[Statement] = field(default_factory=list)
    opened: Statement | None = None
    """The BEGIN of the block that is open."""
    carried: list[Statement] = field(default_factory=list)
    """What the steps so far set for the session."""
    left_out: list[Statement] = field(default_factory=list)
    """Every BEGIN and COMMIT."""

    def take(self, statement: Statement) -> None:
        if is_ordinary(statement):
            self.current.append(statement)
            return
        kind = control(statement)
        if kind in _REFUSED:
            message, hint = (text.format(words=_name(statement)) for text in _REFUSED[kind])
            raise Refusal(message, hint=hint, where=self.where(statement))
        if kind == "begin":
            self.begin(statement)
        elif kind == "commit":
            self.left_out.append(statement)
            self.close()
            self.opened = None
        elif runs_in_transaction(statement):
            self.current.append(statement)
        else:
            self.alone(statement)

    def begin(self, statement: Statement) -> None:
        if self.opened:
            raise Refusal(
                f"A transaction is open already, since line {self.opened.line}",
                hint="Remove this line, or write COMMIT before it. SAVEPOINT opens a block inside.",
                where=self.where(statement),
            )
        self.close()
        self.left_out.append(statement)
        self.opened = statement

    def alone(self, statement: Statement) -> None:
        if self.opened:
            raise Refusal(
                "This statement cannot run in a transaction, and one is open since line "
                f"{self.opened.line}",
                hint="Write COMMIT before it, or give it a migration of its own.",
                where=self.where(statement),
            )
        self.close()
        self.add((statement,), transactional=False)

    def close(self) -> None:
        if self.current:
            self.add(tuple(self.current))
            self.current = []

    def add(self, statements: tuple[Statement, ...], *, transactional: bool = True) -> None:
        if self.steps:
            self.carried += filter(sets_session, self.steps[-1].statements)
        self.steps.append(Step(statements, transactional, tuple(self.carried)))

    def finished(self) -> Script:
        if self.opened:
            raise Refusal(
                f"{_name(self.opened)} has no COMMIT",
                hint="Remove it: ajour runs each file in a transaction. Or add the COMMIT.",
                where=self.where(self.opened),
            )
        self.close()
        statements = [one for each in self.steps for one in each.statements]
        words = telling(self.migration.text, statements)
        return Script(tuple(self.steps) or (Step(()),), words, tuple(self.notes()))

    def notes(self) -> list[Finding]:
        if not self.steps and not self.left_out:
            return [self.empty_note()]
        if len(self.steps) > 1:
            begins = [each for each in self.left_out if unusual_modes(each)]
            return [self.several_note(), *map(self.modes_note, begins)]
        return [self.wrapper_note()] if self.left_out else []

    def empty_note(self) -> Finding:
        return Finding(
            rule="empty-migration",
            level="warning",
            message=f"{self.migration.name} holds no statement.",
            where=Where(self.migration.path),
            help="It will be recorded as applied; what is added to it later would not run.",
        )

    def wrapper_note(self) -> Finding:
        names = " and ".join(f"{_name(each)} (line {each.line})" for each in self.left_out)
        modes = [mode for each in self.left_out for mode in unusual_modes(each)]
        unused = f"; not used: {', '.join(modes)}" if modes else ""
        return Finding(
            rule="transaction-wrapper",
            level="warning" if modes else "info",
            message=f"{names} left out: ajour runs each file in a transaction of its own{unused}",
            where=self.where(self.left_out[0]),
            help=_MODES_HELP if modes else None,
        )

    def modes_note(self, begin: Statement) -> Finding:
        return Finding(
            rule="transaction-modes",
            level="warning",
            message=f"Not used: {', '.join(unusual_modes(begin))}",
            where=self.where(begin),
            help=_MODES_HELP,
        )

    def several_note(self) -> Finding:
        lines = dict.fromkeys(step.statements[0].line for step in self.steps)
        return Finding(
            rule="several-steps",
            level="info",
            message=(
                f"This file runs in {len(self.steps)} steps, which begin in the lines "
                f"{', '.join(map(str, lines))}: if one fails, the ones before it stay applied"
            ),
            where=self.where(self.steps[1].statements[0]),
            help="A later run goes on with the step that failed.",
        )

    def where(self, statement: Statement) -> Where:
        return place_of(self.migration, statement)


def _name(statement: Statement) -> str:
    """Return the name of a statement of transaction control, in capitals."""
    words = leading_words(statement.text, 2)
    return "START TRANSACTION" if words == ("start", "transaction") else words[0].upper()
