"""The tests' own server: a killed run leaves nothing behind."""

import subprocess
import sys
import time
from pathlib import Path

import servers
from ajour.engines.probe import answer

HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
import servers
with servers.running() as server:
    print(server.port, server.folder, flush=True)
    sys.stdin.read()
"""


def test_a_killed_run_leaves_nothing() -> None:
    """After SIGKILL of the process that tests, its server and its folder go away."""
    command = [sys.executable, "-c", HOLD, str(Path(servers.__file__).parent)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        port, folder = holder.stdout.readline().split()
        assert answer(int(port)) == "ready"
        holder.kill()
    deadline = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(folder).exists()
    assert answer(int(port)) == "silent"
