"""A tunnel to the database through an SSH server, by the system's own OpenSSH.

Keys, agents, jump hosts and known hosts are those of `ssh` itself: whatever `ssh user@bastion` can
do without asking, this can. The near end is a port of the loopback address.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from typing import IO

from ajour.db.causes import Cause
from ajour.errors import ConnectionFailed
from ajour.target import Bastion, Target

PATIENCE = 30.0
"""Seconds until the tunnel must stand."""

POLL = 0.02
TRIES = 5
"""How often another port is taken, when someone was faster."""

_OPTIONS = (
    "BatchMode=yes",  # asks nothing: there may be nobody to answer
    "ExitOnForwardFailure=yes",
    "ControlMaster=no",  # a shared connection would hold the forward, and we could not end it
    "ControlPath=none",
    "GatewayPorts=no",
    "PermitLocalCommand=no",
    "ConnectTimeout=15",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
    "LogLevel=DEBUG1",  # says when it listens: that something does may be somebody else
)
_LISTENS = "Local forwarding listening on 127.0.0.1 port"
_CHATTER = re.compile(r"debug\d|OpenSSH_|Authenticat|Transferred|Bytes per second|Warning: Perm")

_KEPT_BACK = ("SUPABASE_DB_URL", "DATABASE_URL", "PGPASSWORD")
"""Secrets of ours that ssh does not need; `SendEnv *` would tell them to the bastion."""

# Linux: the kernel ends ssh when we end, also after SIGKILL. Then ssh runs in this process' place.
_FOLLOW = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""

_CAUSES = (
    Cause(
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed",
        "never",
        "The SSH server {at} shows a key that this machine does not know it by.",
        "Connect once by hand and compare the key: ssh {words}",
    ),
    Cause(
        r"Permission denied|Too many authentication failures|no mutual",
        "never",
        "The SSH server {at} accepts none of this user's keys.",
        "See that this works without a question: ssh {words} (for a key with a passphrase, run"
        " ssh-add before).",
    ),
    Cause(
        r"Could not resolve hostname",
        "maybe",
        "The SSH server {at} has no address here.",
        "Check its spelling, the VPN and the DNS of this machine.",
    ),
    Cause(
        r"Could not request local forwarding|cannot listen to port|forwarding failed",
        "never",
        "ssh cannot forward a port of this machine.",
        "Look for a LocalForward of {at} in ~/.ssh/config: its port may be taken.",
    ),
    Cause(
        r"Connection refused|timed out|unreachable|No route to host|Connection (?:closed|reset)",
        "maybe",
        "The SSH server {at} cannot be reached.",
        "Check its name and port, and the VPN: ssh {words}",
    ),
    Cause(
        "",
        "maybe",
        "ssh did not open a tunnel through {at}.",
        "See that this works without a question: ssh {words}",
    ),
)


class Tunnel:
    """One way through a bastion, opened when it is first needed and again when it was lost.

    `close` ends it. On Linux ssh ends with our process in any case.
    """

    def __init__(self, bastion: Bastion) -> None:
        self.bastion = bastion
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._port = 0

    def reach(self, target: Target) -> Target:
        """Return `target` as it is reached through the tunnel. Raises ConnectionFailed."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            try:
                self._open(target)
            except BaseException:  # also Ctrl-C: nothing of it stays
                self.close()
                raise
        return replace(target, local_port=self._port)

    def said(self) -> tuple[str, ...]:
        """Return what ssh has complained of, line by line."""
        lines = self._text().splitlines()
        told = (line.strip() for line in lines if not _CHATTER.match(line))
        return tuple(dict.fromkeys(f"ssh says: {line}" for line in told if line))

    def close(self) -> None:
        """End the tunnel, and every connection through it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()
        self._process = self._log = None

    def _open(self, target: Target) -> None:
        for _ in range(TRIES):
            self._port = _free_port()
            self._spawn(target)
            if self._await():
                return
            taken = re.search(r"Address already in use|cannot listen to port", self._text())
            if not taken:
                break
            self.close()
        raise self._failure()

    def _spawn(self, target: Target) -> None:
        program = shutil.which("ssh")
        if program is None:
            raise ConnectionFailed(
                "The tunnel needs the program ssh, and there is none on PATH.",
                hint="Install OpenSSH's client (on Debian: apt-get install openssh-client).",
            )
        forward = f"127.0.0.1:{self._port}:{_far_end(target)}"
        options = [word for option in _OPTIONS for word in ("-o", option)]
        command = [program, "-N", "-T", "-n", "-a", "-x", *options, "-L", forward]
        command += [*self.bastion.words]
        if sys.platform == "linux":
            follow = [sys.executable, "-I", "-S", "-c", _FOLLOW, str(os.getpid())]
            command = [*follow, *command]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as ssh runs; close() ends both
        self._process = subprocess.Popen(  # noqa: S603 - our words; the name is checked
            command,
            env={name: value for name, value in os.environ.items() if name not in _KEPT_BACK},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for us: a migration is rolled back through it
        )

    def _await(self) -> bool:
        """Wait until ssh itself says that it listens; False when it ended or says nothing."""
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            if _LISTENS in self._text():
                return True
            time.sleep(POLL)
        return False

    def _text(self) -> str:
        if self._log is None:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode("utf-8", "replace")

    def _failure(self) -> ConnectionFailed:
        cause = next(each for each in _CAUSES if re.search(each.pattern, self._text()))
        values = {"at": str(self.bastion), "words": " ".join(self.bastion.words)}
        failure = ConnectionFailed(
            cause.message.format(**values),
            hint=cause.hint.format(**values),
            details=self.said()[-6:],
        )
        failure.passes = cause.passes
        return failure


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def _far_end(target: Target) -> str:
    """Return the database as ssh names it: host and port, or a Unix socket of the bastion."""
    return target.socket or target.place
