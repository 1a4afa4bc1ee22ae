"""Run as a script: becomes someone other than root, then becomes the command it was given.

PostgreSQL refuses to run as root. A process of its own does the change, because what it takes
is only safe in a process with one thread, between start and exec. Two ways, see run_as.py:

    launch.py namespace UID GID [COMMAND …]   a user namespace where we are called UID
    launch.py user UID GID [COMMAND …]        really UID, with root's right to open files kept

Without a command it only tries. It imports nothing of ours: it runs without site-packages.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def enter_namespace(uid: int, gid: int) -> None:
    """Become `uid` in a new user namespace; outside, and for files, we stay who we are."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")  # the kernel asks for it before gid_map
    (own / "uid_map").write_text(f"{uid} {outer_uid} 1")
    (own / "gid_map").write_text(f"{gid} {outer_gid} 1")


def become_user(uid: int, gid: int) -> None:
    """Become `uid` for good, keeping the capability to open any file where we have it.

    So the programs and the data may lie below directories that only root may enter.
    """
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if libc is not None:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if libc is not None:
        bit = 1 << CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
        if libc.capset(header, sets) == 0:  # a container may have taken the capability away
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def main(way: str, uid: str, gid: str, *command: str) -> None:
    """Change who we are, then run the command in our place."""
    change = enter_namespace if way == "namespace" else become_user
    change(int(uid), int(gid))
    if command:
        os.execv(command[0], command)  # noqa: S606 -- the caller's words, and no shell wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
