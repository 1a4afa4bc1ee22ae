import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_commands_is_what_the_help_says() -> None:
    """docs/commands.md has every command, with the help text that it prints today."""
    done = subprocess.run(
        [sys.executable, ROOT / "tools/docs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nWhat to do: make docs"
