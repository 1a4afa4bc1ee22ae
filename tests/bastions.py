"""A real sshd on the loopback address, and an `ssh` on PATH that knows its way there."""

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ajour.engines.probe import is_free
from lacking import leave_out

SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
AllowTcpForwarding {forwarding}
LogLevel VERBOSE
"""

SSH = """
Host *
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  StrictHostKeyChecking yes
"""

PROGRAM = """#!/bin/sh
echo "$$ $*" >> {folder}/called
exec {ssh} -F {folder}/config "$@"
"""


@dataclass(frozen=True)
class Bastion:
    """An SSH server that forwards to this machine."""

    folder: Path
    port: int

    @property
    def name(self) -> str:
        """What --tunnel is given."""
        return f"{pwd.getpwuid(os.geteuid()).pw_name}@127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The environment in which `ssh` finds key and known host, and writes down its words."""
        return {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def calls(self) -> list[str]:
        """Return what ssh was called with, one line each, its process id first."""
        called = self.folder / "called"
        return called.read_text().splitlines() if called.exists() else []

    def running(self) -> list[int]:
        """Return the ids of those that still run."""
        return [pid for pid in (int(call.split()[0]) for call in self.calls()) if _runs(pid)]


@contextlib.contextmanager
def bastion(folder: Path, forwarding: str = "yes") -> Iterator[Bastion]:
    """Run sshd for as long as a test needs it. forwarding: "yes" or "no"."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    ssh = shutil.which("ssh")
    if sshd is None or ssh is None:
        leave_out("there is no sshd")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd of root wants to live
    (folder / "bin").mkdir(parents=True)
    for name in ("host_key", "key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    port = next(filter(is_free, range(22_000, 30_000)))
    host_key = (folder / "host_key.pub").read_text()
    (folder / "authorized_keys").write_text((folder / "key.pub").read_text())
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}")
    (folder / "sshd").write_text(SSHD.format(port=port, folder=folder, forwarding=forwarding))
    (folder / "config").write_text(SSH.format(folder=folder))
    program = folder / "bin" / "ssh"
    program.write_text(PROGRAM.format(folder=folder, ssh=ssh))
    program.chmod(0o755)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd"], stderr=log)
    try:
        _await(process, port, folder / "log")
        yield Bastion(folder, port)
    finally:
        process.terminate()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while "Server listening" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"sshd does not start at port {port}:\n{log.read_text()}")
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
