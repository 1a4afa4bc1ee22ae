"""Decides as whom PostgreSQL runs: it refuses root, and it wants a user with a name.

An ordinary user runs it plainly. Root, and a user without an entry in the password file (some
containers give any number), run it in a user namespace: inside it is called `nobody`, outside
nothing changes, so all files stay ours. Where the kernel or the container forbids namespaces,
root runs it as the user `nobody`, who then owns the data directory and nothing else.
No user is created, and no mode is changed outside our own folders.
"""

import functools
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ajour.errors import Refusal

SCRIPT = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class RunAs:
    """Who owns the data directory, and what stands before each command."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def command(self, *words: str | Path) -> list[str]:
        """Return the whole command line for `words`."""
        return [*self.prefix, *map(str, words)]

    def own(self, tree: Path) -> None:
        """Make the tree this user's, where it is not already."""
        if tree.stat().st_uid == self.uid:
            return
        for folder, _, files in os.walk(tree):
            os.chown(folder, self.uid, self.gid)
            for name in files:
                os.lchown(Path(folder) / name, self.uid, self.gid)


def run_as(owner: int | None = None) -> RunAs:
    """Return as whom to run PostgreSQL on data that the user id `owner` has (None: nobody yet).

    Root runs a server on an ordinary user's data as that user. Raises Refusal when PostgreSQL
    cannot be run at all.
    """
    uid, gid = os.geteuid(), os.getegid()
    nobody = _nobody()
    if uid != 0 and _known(uid):
        return RunAs(uid, gid)
    inside = _prefix("namespace", nobody.pw_uid, nobody.pw_gid)
    if owner in (None, 0, uid) and _works(inside):
        return RunAs(uid, gid, inside)
    if uid != 0:
        raise Refusal(
            f"PostgreSQL needs a user with a name, and the user id {uid} has none here.",
            hint="Add a line for it to /etc/passwd, or set SUPABASE_DB_URL to another server.",
        )
    return as_user(owner or nobody.pw_uid)


def as_user(uid: int) -> RunAs:
    """Return the way by which root runs PostgreSQL as the user `uid`."""
    gid = pwd.getpwuid(uid).pw_gid if _known(uid) else uid
    return RunAs(uid, gid, _prefix("user", uid, gid))


def _prefix(way: str, uid: int, gid: int) -> tuple[str, ...]:
    # -I -S: neither the environment nor site-packages have a say, and it starts in 10 ms.
    return (sys.executable, "-I", "-S", str(SCRIPT), way, str(uid), str(gid))


@functools.cache
def _works(prefix: tuple[str, ...]) -> bool:
    return subprocess.run(prefix, capture_output=True, check=False).returncode == 0


def _nobody() -> pwd.struct_passwd:
    """Return a user with a name who is not root: initdb looks the name up."""
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        others = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not others:
        raise Refusal(
            "PostgreSQL does not run as root, and this system knows no other user.",
            hint="Add a user to /etc/passwd, or set SUPABASE_DB_URL to another server.",
        )
    return others[0]


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
