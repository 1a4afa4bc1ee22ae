"""Writes the generated pages: docs/commands.md from the help texts, docs/rules/ from the rules.

Run `make docs` after changing a help text or a rule. With --check, writes nothing and fails on a
difference.
"""

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ajour.model import RulePage
from ajour.rules import HEADINGS, pages
from ajour.rules._rule import FAMILIES

DOCS = Path(__file__).parents[1] / "docs"
RULES = DOCS / "rules"

HEAD = """# Commands

Made from the help texts by `make docs`: change those, not this page.
"""

RULES_HEAD = """# Rules

What `ajour check` looks for. Each name leads to a page that says why it hurts and what to write
instead. Made from the files in `src/ajour/rules/` by `make docs`: change those, not these pages.

A finding is allowed by a comment on a line of its own above the statement, with a reason:
`-- ajour: allow drop-table the rows are in the archive`. Levels are set in `ajour.toml`, below
`[rules]`: `drop-table = "warning"`, or `"off"`.
"""


def main() -> int:
    """Write the pages, or compare them; return the exit code."""
    wanted = dict(wanted_pages())
    extra = set(RULES.glob("*.md")) - wanted.keys()
    if "--check" not in sys.argv[1:]:
        RULES.mkdir(exist_ok=True)
        for path in extra:
            path.unlink()
        for path, page in wanted.items():
            path.write_text(page, "utf-8")
        return 0
    differs = False
    for path, page in [*wanted.items(), *((path, "") for path in extra)]:
        there = path.read_text("utf-8") if path.exists() else ""
        differs |= there != page
        sys.stdout.writelines(
            difflib.unified_diff(
                there.splitlines(keepends=True),
                page.splitlines(keepends=True),
                str(path),
                "make docs",
            )
        )
    return int(differs)


def wanted_pages() -> Iterator[tuple[Path, str]]:
    """Give each page that is generated, with its text."""
    yield DOCS / "commands.md", "\n".join([HEAD, *sections(("ajour",))])
    yield RULES / "README.md", "\n".join([joined(RULES_HEAD), *families()])
    for page in pages():
        yield RULES / f"{page.name}.md", rule(page)


def families() -> Iterator[str]:
    """Give a heading and a table for each family of rules."""
    for family, heading in FAMILIES.items():
        rows = [
            f"| [`{page.name}`]({page.name}.md) | {page.level} | {page.summary} |\n"
            for page in pages()
            if page.family == family
        ]
        if rows:
            table = "| Rule | Level | Finds |\n| --- | --- | --- |\n"
            yield f"## {heading}\n\n{table}{''.join(rows)}"


def rule(page: RulePage) -> str:
    """Return the page of a rule: its docstring, where headings have text set in below them."""
    _, _, rest = page.text.partition("\n\n")
    lines = [
        f"## {line}" if line in HEADINGS else line.removeprefix("    ") for line in rest.split("\n")
    ]
    text = re.sub(r"^(## .*)\n(?!\n)", r"\1\n\n", "\n".join(lines), flags=re.MULTILINE)
    return f"# {page.name}\n\n{page.summary} Level: {page.level}.\n\n{joined(text)}\n"


def joined(text: str) -> str:
    """Return Markdown with each paragraph on one line; code and lists stay as they are."""
    blocks = re.split(r"(```.*?```)", text, flags=re.DOTALL)
    for index in range(0, len(blocks), 2):
        blocks[index] = re.sub(r"(?<=\S)\n(?=[^\n#\-*|`]|`[^`])", " ", blocks[index])
    return "".join(blocks)


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
