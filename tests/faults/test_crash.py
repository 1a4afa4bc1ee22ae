import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).parents[2] / "tools"


def test_random_projects_survive_random_ends() -> None:
    """Fifty of them; what fails is printed with the seed, and with the command to see it again."""
    done = subprocess.run(
        [sys.executable, str(TOOLS / "crash.py"), "--rounds", "50"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "50 of 50 rounds" in done.stdout
