"""The only writer to standard output and standard error."""

import os
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import TextIO

import click

from ajour.db.stop import Stop
from ajour.errors import AjourError, FilesRefused
from ajour.events import Done, Event, Planned, Running
from ajour.model import Finding
from ajour.report import machine, text

_SAY_RUNNING_EVERY = 10.0
"""Seconds between two lines about one long statement, where no terminal redraws them."""

_COLOURS = {
    "error": "red",
    "failed": "red",
    "warning": "yellow",
    "info": "cyan",
    "allowed": "cyan",
    "applied": "green",
    "ok": "green",
}


class Output:
    """Text for people on standard output, JSON with --json; what went wrong on standard error."""

    def __init__(self, *, json: bool, stop: Stop) -> None:
        self.json = json
        self.stop = stop
        """What a run is to heed: the user's signals."""
        for stream in (sys.stdout, sys.stderr):  # letters that the terminal lacks end no run
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        self._live = sys.stdout.isatty() and not json
        self._status: object = None
        self._said = 0.0

    def line(self, words: str) -> None:
        """Write a line for a person; with --json it is not written."""
        if not self.json:
            self._settle()
            self.raw(self._coloured(words))

    def lines(self, several: Iterable[str]) -> None:
        """Write lines for a person."""
        for words in several:
            self.line(words)

    def report(self, several: Iterable[str]) -> None:
        """Write the lines of a report: what was asked for, whoever reads it."""
        for words in several:
            self.raw(self._coloured(words) if sys.stdout.isatty() else words)

    def raw(self, words: str) -> None:
        """Write to standard output what a program will read: a document, a URL."""
        self._write(words, sys.stdout)

    def warn(self, words: str) -> None:
        """Write a line to standard error."""
        self._settle()
        self._write(self._coloured(words), sys.stderr)

    def findings(self, found: Iterable[Finding]) -> None:
        """Write findings to standard error, so that they never mix with a document."""
        for each in found:
            for words in text.finding(each):
                self.warn(words)

    def grouped(self, found: Sequence[Finding]) -> None:
        """Write the findings of a plan, which may be many, in a few lines."""
        for words in text.grouped(found):
            self.warn(words)

    def event(self, happened: Event) -> None:
        """Write what happened, as it happens."""
        if isinstance(happened, Planned):
            self.grouped(happened.findings)
        if self.json:
            self.raw(machine.event(happened))
            return
        words = text.event(happened)
        if isinstance(happened, Running):
            self._running(happened, words or "")
        elif words is not None:
            self.line(words)

    def error(self, problem: AjourError, code: int) -> None:
        """Write an error: to standard error, and with --json as a document."""
        self._settle()
        if self.json:
            self.raw(machine.error(problem, code))
        several = problem.problems if isinstance(problem, FilesRefused) else (problem,)
        for each in several:
            for words in text.error(each):
                self.warn(words)

    def close(self) -> None:
        """End what is drawn on the terminal."""
        self._settle()

    def _running(self, happened: Running, words: str) -> None:
        if self._live:
            from rich.status import Status  # drawn only where something can be redrawn
            from rich.text import Text

            shown = Text(words.strip())  # not markup: a statement may hold brackets
            if not isinstance(self._status, Status):
                self._status = Status(shown)
                self._status.start()
            self._status.update(shown)
        elif happened.seconds - self._said >= _SAY_RUNNING_EVERY or happened.seconds < self._said:
            self._said = happened.seconds
            if happened.seconds >= _SAY_RUNNING_EVERY:
                self.line(words)

    def _settle(self) -> None:
        if self._status is not None:
            self._status.stop()  # type: ignore[attr-defined]  # a rich Status, imported lazily
            self._status = None

    def _coloured(self, words: str) -> str:
        first, space, rest = words.partition(" ")
        colour = _COLOURS.get(first.rstrip(":"))
        if not colour or "NO_COLOR" in os.environ:
            return words
        return click.style(first, fg=colour, bold=True) + space + rest

    def _write(self, words: str, stream: TextIO) -> None:
        try:
            click.echo(words, file=stream)
        except OSError as error:
            # Who read it has gone (`ajour migrate | head`), or the disk is full: whatever is said,
            # the work goes on, unheard.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                self.warn(f"warning: standard output cannot be written: {error.strerror}")


def summary(events: Iterable[Event], output: Output) -> int:
    """Write each event and return how many migrations were applied."""
    applied = 0
    for happened in events:
        with output.stop.defer():  # the run itself knows what to say when it is stopped
            output.event(happened)
        applied += isinstance(happened, Done)
    return applied
