"""Starts the measured command from a small process, waits for it, and prints what it took.

    python -I -S spawn.py COUNT SECONDS OUTPUT PROGRAM [WORD …]

COUNT processes of it start at once; their output goes to the file OUTPUT; after SECONDS all are
killed. One line for each: the second at which it ended, processor seconds, peak memory in bytes,
exit code. It is a process of its own, and imports nothing, because the kernel counts the memory
of the process that starts a program as the program's own peak.
"""

import os
import signal
import sys
import time

UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes of what the kernel counts peak memory in."""


def main(count: str, seconds: str, output: str, *command: str) -> None:
    """Run it, and print a line for each process."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    running: set[int] = set()

    def kill(*_: object) -> None:
        for pid in running:
            os.killpg(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, kill)
    signal.signal(signal.SIGINT, kill)
    signal.alarm(int(seconds))
    began = time.perf_counter()
    for _ in range(int(count)):
        running.add(
            os.posix_spawn(
                command[0], command, os.environ, file_actions=actions, setpgroup=0, setsigdef=()
            )
        )
    while running:
        pid, status, used = os.wait4(-1, 0)
        ended = time.perf_counter() - began
        running.discard(pid)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * UNIT
        print(ended, cpu, peak, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
