"""A project folder for a test, its database, and the real command run in it."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, LiteralString

from lacking import leave_out
from servers import PASSWORD, Connection

NOT_INHERITED = ("SUPABASE_DB_URL", "DATABASE_URL", "CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
"""The developer's own environment must not decide how a test ends."""

Finished = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Project:
    """A project folder with `supabase/migrations/`."""

    path: Path

    @property
    def migrations(self) -> Path:
        """The folder of migrations."""
        return self.path / "supabase" / "migrations"

    def migration(self, name: str, text: str) -> Path:
        """Write a migration, byte for byte as given, and return its path."""
        return self.write(f"supabase/migrations/{name}", text)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path


@dataclass(frozen=True)
class Database:
    """A look into a database, beside the command."""

    connection: Connection

    def run(self, sql: LiteralString, *parameters: object) -> None:
        """Run a statement."""
        self.connection.execute(sql, parameters or None)

    def values(self, sql: LiteralString, *parameters: object) -> list[Any]:
        """Return the first column of a query."""
        return [row[0] for row in self.connection.execute(sql, parameters or None).fetchall()]

    def history(self) -> list[str]:
        """Return the names that the history lists, in its order."""
        return self.values("select name from migrations order by name")

    def tables(self) -> list[str]:
        """Return the tables of the schema public."""
        return self.values(
            "select tablename from pg_tables where schemaname = 'public' order by tablename"
        )


@dataclass(frozen=True)
class Cli:
    """Runs the real command in a process of its own."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def on(self, url: str) -> "Cli":
        """Return the command with a database URL in its environment."""
        return replace(self, env={**self.env, "SUPABASE_DB_URL": url})

    def __call__(
        self,
        *words: str,
        code: int = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout: float = 60,
    ) -> Finished:
        """Run `ajour <words>` to its end, which must have the exit code `code`.

        No output may hold the server's password or a traceback.
        """
        with self.start(*words, cwd=cwd, env=env) as process:
            try:
                out, err = process.communicate(stdin, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return checked(Finished(process.args, process.returncode, out, err), code)

    def start(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start `ajour <words>`, to be waited for by the caller."""
        return subprocess.Popen(
            [sys.executable, "-m", "ajour", *words],
            cwd=cwd or self.folder,
            env=environment() | dict(self.env) | dict(env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def on_terminal(
        self,
        *words: str,
        code: int = 0,
        answer: str = "",
        meanwhile: Callable[[], None] = lambda: None,
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run `ajour <words>` on a terminal of 80 columns and return all that it shows.

        When it asks, `meanwhile` happens, then `answer` is typed.
        """
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        process = subprocess.Popen(
            [sys.executable, "-m", "ajour", *words],
            cwd=self.folder,
            env=environment() | {"TERM": "xterm-256color"} | dict(self.env) | dict(env or {}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        shown = ""
        try:
            for some in _all_of(ours):
                shown += some
                if answer and "[y/N]" in shown:
                    meanwhile()
                    os.write(ours, answer.encode())
                    answer = ""
        finally:
            process.wait()
            watchdog.cancel()
            os.close(ours)
        checked(Finished(process.args, process.returncode, shown, ""), code)
        return shown


def checked(done: Finished, code: int) -> Finished:
    """Return a finished command when it ended as it should and said nothing that it must not."""
    said = done.stdout + done.stderr
    assert done.returncode == code, f"exit code {done.returncode}, not {code}:\n{said}"
    assert PASSWORD not in said
    assert "Traceback" not in said
    return done


def documents(done: Finished) -> list[dict[str, Any]]:
    """Return what a command wrote for a program: each line is a document of version 1."""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["version"] for each in found} == {1}
    return found


def wait_for(fact: Callable[[], object], seconds: float = 10) -> None:
    """Look again and again until something is so; fail when it is not after `seconds`."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.02)


def environment() -> dict[str, str]:
    """Return our environment without what would change the command's behaviour."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_INHERITED and not name.startswith(("PG", "AJOUR_"))
    }


def _all_of(terminal: int) -> Iterator[str]:
    with contextlib.suppress(OSError):  # EIO: on Linux that is how a terminal ends
        while some := os.read(terminal, 1 << 16):
            yield some.decode(errors="replace")


def git(project: Project, *words: str) -> None:
    """Run git in the project."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    try:
        subprocess.run(["git", *who, *words], cwd=project.path, check=True, capture_output=True)
    except FileNotFoundError:
        leave_out("needs git")
