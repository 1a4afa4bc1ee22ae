"""A project folder for a test, and the real command run in it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from servers import PASSWORD

NOT_INHERITED = ("SUPABASE_DB_URL", "DATABASE_URL", "CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
"""The developer's own environment must not decide how a test ends."""


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
class Cli:
    """Runs the real command in a process of its own."""

    folder: Path

    def __call__(
        self,
        *words: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run `ajour <words>` to its end. No output may hold the server's password."""
        with self.start(*words, cwd=cwd, env=env) as process:
            try:
                out, err = process.communicate(stdin, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert PASSWORD not in out + err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start `ajour <words>`, to be waited for by the caller."""
        return subprocess.Popen(
            [sys.executable, "-m", "ajour", *words],
            cwd=cwd or self.folder,
            env=environment() | dict(env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def environment() -> dict[str, str]:
    """Return our environment without what would change the command's behaviour."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_INHERITED and not name.startswith(("PG", "AJOUR_"))
    }
