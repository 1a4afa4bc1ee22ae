"""Writes the generated pages: docs/commands.md from the help texts.

Run `make docs` after changing a help text. With --check, writes nothing and fails on a difference.
"""

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"

HEAD = """# Commands

Made from the help texts by `make docs`: change those, not this page.
"""


def main() -> int:
    """Write the page, or compare it; return the exit code."""
    page = "\n".join([HEAD, *sections(("ajour",))])
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page, "utf-8")
        return 0
    there = PAGE.read_text("utf-8") if PAGE.exists() else ""
    sys.stdout.writelines(
        difflib.unified_diff(
            there.splitlines(keepends=True), page.splitlines(keepends=True), str(PAGE), "make docs"
        )
    )
    return int(there != page)


def sections(words: tuple[str, ...]) -> Iterator[str]:
    """Give the section of a command, then those of its own commands."""
    text = help_of(words)
    yield f"## {' '.join(words)}\n\n```text\n{text}\n```\n"
    for name in subcommands(text):
        yield from sections((*words, name))


def help_of(words: tuple[str, ...]) -> str:
    """Return what the command prints about itself."""
    command = [sys.executable, "-m", "ajour", *words[1:], "--help"]
    environment = os.environ | {"COLUMNS": "88", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def subcommands(text: str) -> list[str]:
    """Return the names below the heading "Commands:"."""
    return re.findall(r"^  ([a-z][a-z-]*)", text.partition("\nCommands:\n")[2], re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
