"""A small disk for a server, to be filled: a tmpfs that nobody else sees.

Run as a script it mounts the disk in a mount namespace of its own and becomes a command, as UID
like ajour's launch.py. No rights are needed, and the disk vanishes with the last process:

    small_disk.py FOLDER SIZE UID GID COMMAND …

Where namespaces are forbidden, root (or sudo) mounts it, and unmounts it afterwards.
"""

import contextlib
import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000


def main(folder: str, size: str, uid: str, gid: str, *command: str) -> None:
    """Enter the namespaces, mount, and run the command in our place."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "namespaces are not allowed here")
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{uid} {outer_uid} 1")
    (own / "gid_map").write_text(f"{gid} {outer_gid} 1")
    options = f"size={size},mode=0700,uid={uid},gid={gid}".encode()
    if libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, options) != 0:
        raise OSError(ctypes.get_errno(), "no tmpfs can be mounted here")
    os.execv(command[0], command)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[tuple[str, ...] | None]:
    """Give what stands before the command of a server that is to see the disk in `folder`.

    None where no disk can be mounted at all.
    """
    if prefix := apart(folder, size):
        yield prefix
        return
    from ajour.engines.run_as import run_as  # a script that runs without site-packages has none

    root = () if os.geteuid() == 0 else ("sudo", "-n")
    owner = run_as()
    options = f"size={size},mode=0700,uid={owner.uid},gid={owner.gid}"
    if not _works(*root, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)):
        yield None
        return
    try:
        yield ()
    finally:
        subprocess.run([*root, "umount", str(folder)], check=True)


def apart(folder: Path, size: str) -> tuple[str, ...] | None:
    """Return what stands before a command that alone is to see the disk, in place of `folder`.

    None where namespaces are forbidden.
    """
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    script = (sys.executable, "-I", "-S", __file__, str(folder), size)
    prefix = (*script, str(user.pw_uid), str(user.pw_gid))
    return prefix if _works(*prefix, "/bin/true") else None


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:  # no sudo
        return False


if __name__ == "__main__":
    main(*sys.argv[1:])
