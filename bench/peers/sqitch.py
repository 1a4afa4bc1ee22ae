"""sqitch: Perl; it starts a psql for each file. A package of the system."""

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Command
from texts import Migration

from peers.base import Missing, Peer, may_install, needed, write

CONF = """\
[core]
    engine = pg
[engine "pg"]
    client = {psql}
[user]
    name = Bench
    email = bench@example.com
"""

PLAN = "%syntax-version=1.0.0\n%project=bench\n\n"
CHANGE = "{name} 2024-01-01T00:00:00Z Bench <bench@example.com>\n"

PACKAGES = ("sqitch", "libdbd-pg-perl")


@dataclass(frozen=True)
class Sqitch(Peer):
    """Without scripts that verify or revert."""

    name = "sqitch"
    title = "sqitch"

    def install(self) -> None:
        """Install the packages of the system where they are missing and we may."""
        if shutil.which("sqitch") is None and may_install():
            install = ("apt-get", "install", "--yes", "--quiet", *PACKAGES)
            for words in (("apt-get", "update"), install):
                if subprocess.run(words, capture_output=True, check=False).returncode:
                    raise Missing(f"`{' '.join(words[:2])}` failed")
        needed("sqitch")

    def prepare(self, folder: Path, migrations: Iterable[Migration]) -> None:
        """Write its settings, its plan and the scripts."""
        listed = list(migrations)
        plan = PLAN + "".join(CHANGE.format(name=each.name) for each in listed)
        write(folder, [("sqitch.conf", CONF.format(psql=self.psql)), ("sqitch.plan", plan)])
        scripts = ((f"{each.name}.sql", f"begin;\n{each.text}\ncommit;\n") for each in listed)
        write(folder / "deploy", scripts)

    def command(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `deploy`."""
        return _deploy(url)

    def mark(self, folder: Path, url: str) -> Command:  # noqa: ARG002 -- it runs in the folder
        """Return `deploy --log-only`."""
        return _deploy(url, "--log-only")


def _deploy(url: str, *flags: str) -> Command:
    target = url.replace("postgresql://", "db:pg://")
    return Command((needed("sqitch"), "deploy", "--quiet", *flags, "--target", target))
