"""The package's modules as syntax trees with their imports, for the tests of how it is built."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "ajour"


class Import(NamedTuple):
    """A module that is imported, anywhere in a file: late imports and those for types count."""

    name: str
    line: int


@dataclass(frozen=True)
class Module:
    """A module of the package."""

    name: str
    """Below the package: "db.wire"; the package itself is ""."""
    path: Path
    tree: ast.Module
    imports: tuple[Import, ...]

    def at(self, line: int) -> str:
        """Return file:line, as an editor opens it."""
        return f"{self.path.relative_to(ROOT)}:{line}"

    def within(self, *places: str) -> bool:
        """Tell whether the module is one of `places` or lies in one."""
        return any(self.name == place or self.name.startswith(f"{place}.") for place in places)

    def ours(self) -> Iterator[Import]:
        """Give the imports of the package's own modules, named as `Module.name` is."""
        for name, line in self.imports:
            if name == "ajour" or name.startswith("ajour."):
                yield Import(name.removeprefix("ajour").removeprefix("."), line)


@cache
def modules() -> tuple[Module, ...]:
    """Return all modules of the package."""
    paths = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
    return tuple(_read(name, path, paths.keys()) for name, path in paths.items())


def must(problems: Iterable[str], remedy: str) -> None:
    """Fail with all the problems and what to do about them, when there are any."""
    if listed := list(problems):
        pytest.fail("\n".join([*listed, f"What to do: {remedy}"]), pytrace=False)


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _read(name: str, path: Path, names: Iterable[str]) -> Module:
    tree = ast.parse(path.read_text("utf-8"))
    known = {f"ajour.{name}" for name in names}
    return Module(name, path, tree, tuple(dict.fromkeys(_imports(tree, known))))


def _imports(tree: ast.Module, names: set[str]) -> Iterator[Import]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (Import(alias.name, node.lineno) for alias in aliases)
            case ast.ImportFrom(module=str(source), names=aliases, level=0):
                for alias in aliases:  # of a package, one may import a module or a name
                    whole = f"{source}.{alias.name}"
                    yield Import(whole if whole in names else source, node.lineno)
            case ast.ImportFrom():
                raise AssertionError(f"line {node.lineno}: write the import with its full name")
            case ast.Call(
                func=ast.Name("import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(source)), *_],
            ):
                yield Import(source, node.lineno)
