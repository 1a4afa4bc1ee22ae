import ast
from collections.abc import Iterator
from statistics import median, quantiles

from sources import ROOT, modules, must

Function = ast.FunctionDef | ast.AsyncFunctionDef


def file_lengths() -> dict[str, int]:
    """Return the lines of each module, blank ones and comments included."""
    return {module.at(1): len(module.path.read_text("utf-8").splitlines()) for module in modules()}


def function_lengths() -> dict[str, int]:
    """Return the lines of each function, docstring included, under where it begins."""
    return {
        f"{module.at(node.lineno)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, Function)
    }


def longest(lengths: dict[str, int], limit: int) -> Iterator[str]:
    """Give those over the limit, the longest first."""
    over = [(length, name) for name, length in lengths.items() if length > limit]
    yield from (f"{name}: {length} lines" for length, name in sorted(over, reverse=True))


def test_no_file_is_long() -> None:
    """No file has more than 400 lines."""
    must(longest(file_lengths(), 400), "find the second subject in the file and give it its own.")


def test_files_are_short_as_a_rule() -> None:
    """Half of the files have at most 120 lines."""
    middle = median(file_lengths().values())
    must(
        longest(file_lengths(), 120) if middle > 120 else (),
        f"the median is {middle:.0f} lines, over 120: divide some of these by subject.",
    )


def test_no_function_is_long() -> None:
    """No function has more than 70 lines."""
    must(longest(function_lengths(), 70), "give its parts names: a function each.")


def test_functions_are_short_as_a_rule() -> None:
    """Nine functions in ten have at most 30 lines."""
    ninth = quantiles(function_lengths().values(), n=10, method="inclusive")[-1]
    must(
        longest(function_lengths(), 30) if ninth > 30 else (),
        f"nine in ten have up to {ninth:.0f} lines, over 30: shorten some of these.",
    )


def test_every_module_says_what_it_is_for() -> None:
    """The docstring's first line is a sentence, long enough to say something."""
    must(
        (
            module.at(1)
            for module in modules()
            if len((ast.get_docstring(module.tree) or "").partition("\n")[0]) < 20
        ),
        "begin the file with a docstring whose first line says what the module is for.",
    )


def test_every_test_says_what_it_expects() -> None:
    """A test's docstring is a sentence about behaviour."""
    must(
        (
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for path in sorted((ROOT / "tests").rglob("test_*.py"))
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, Function)
            and node.name.startswith("test_")
            and not (ast.get_docstring(node) or "").rstrip().endswith((".", "?", "!"))
        ),
        "give the test a docstring: one sentence that says how ajour behaves.",
    )
