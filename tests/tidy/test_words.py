import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sources import ROOT, must

NOT_OURS = {
    *(".git", ".venv", ".ajour", ".env", ".hypothesis", ".mypy_cache", ".ruff_cache"),
    *("__pycache__", "node_modules", "dist", "build", "uv.lock"),
}
"""Names of files and folders that are made, not written; .gitignore has them too."""

# This file is looked through as well, so what is looked for does not stand here in one piece.
LEFTOVER = re.compile(rf"\b(?:{'|'.join(('TO' + 'DO', 'FIX' + 'ME', 'X' * 3))})\b")
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
    )
)
MACHINES = (
    *(f"/{folder}/" for folder in ("work", "root", "home", "Users")),
    *(f"/opt/{folder}" for folder in ("pypi", "wheels")),
)


def ours(folder: Path = ROOT) -> Iterator[Path]:
    """Give every file that someone wrote."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_OURS or path.suffix == ".egg-info" or path.is_symlink():
            continue
        if path.is_dir():
            yield from ours(path)
        else:
            yield path


FILES = tuple(ours())


def lines(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Give file:line and the line, of all files or of those with such a suffix."""
    for path in FILES:
        if not suffixes or path.suffix in suffixes:
            text = path.read_text("utf-8")
            for number, line in enumerate(text.split("\n"), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def test_nothing_is_left_over() -> None:
    """No file has a note that something is still to be done."""
    must(
        (f"{place}: {found[0]}" for place, line in lines() if (found := LEFTOVER.search(line))),
        "do it now, or say in the text what is so and why.",
    )


@pytest.mark.parametrize("words", [HOSTS, MACHINES], ids=["registries", "machines"])
def test_no_place_is_named(words: tuple[str, ...]) -> None:
    """No file names a package registry's host or a path of somebody's machine."""
    must(
        (f"{place}: {word}" for place, line in lines() for word in words if word in line),
        "leave it out: each machine has its own registry and its own folders.",
    )


def test_text_is_clean() -> None:
    """Lines have no blanks at their end, files end with one newline, and tabs are for make."""
    blanks = (place for place, line in lines() if line != line.rstrip(" \t\r"))
    tabs = (place for place, line in lines(".py", ".sql", ".md", ".toml", ".yml") if "\t" in line)
    ends = (
        f"{path.relative_to(ROOT)}: its end"
        for path in FILES
        if path.parent.name != "data"  # is as it came
        and (text := path.read_text("utf-8"))
        and (not text.endswith("\n") or text.endswith("\n\n"))
    )
    must((*blanks, *tabs, *ends), "let the editor follow .editorconfig.")
