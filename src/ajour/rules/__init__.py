"""The rules of `ajour check`: each file of this folder is one. The listing is the register."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

from ajour.model import Finding, RulePage
from ajour.rules._rule import Context, Doubt, Facts, Rule

Check = Callable[[Facts, Context], Iterable[Finding | Doubt]]
CheckFile = Callable[[Context], Iterable[Finding | Doubt]]
Fix = Callable[[Facts, Context], str | None]

HEADINGS = ("Finds", "Why it hurts", "Instead", "When it is fine")
"""What the docstring of a rule tells, in this order."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule with what its file gives: at least one of `check` and `check_file`."""

    rule: Rule
    page: RulePage
    check: Check | None
    """Gives the findings about one statement."""
    check_file: CheckFile | None
    """Gives the findings about a whole file, when all of it was read."""
    fix: Fix | None
    """Gives the text to write in place of a statement that `check` found something about."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all rules, without importing them."""
    files = Path(__file__).parent.glob("*.py")
    return tuple(sorted(f.stem.replace("_", "-") for f in files if not f.stem.startswith("_")))


@cache
def all_rules() -> tuple[Loaded, ...]:
    """Return all rules, by name."""
    return tuple(map(_load, names()))


def pages() -> tuple[RulePage, ...]:
    """Return what each rule says about itself, by name."""
    return tuple(each.page for each in all_rules())


def _load(name: str) -> Loaded:
    module = import_module(f"ajour.rules.{name.replace('-', '_')}")
    rule: Rule = module.RULE
    found = Loaded(
        rule,
        _page(module, rule),
        getattr(module, "check", None),
        getattr(module, "check_file", None),
        getattr(module, "fix", None),
    )
    if rule.name != name or not (found.check or found.check_file):
        raise TypeError(f"rules/{name}: its RULE must have this name, and there must be a check")
    return found


def _page(module: ModuleType, rule: Rule) -> RulePage:
    text = cleandoc(module.__doc__ or "")
    return RulePage(rule.name, rule.level, rule.family, text.partition("\n")[0], text)
