"""What is known of who may do what: policies and functions, as values. See learn_guard.py."""

from dataclasses import dataclass

from ajour.model import Relation
from ajour.sql.parse import Node


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of a table."""

    name: str
    command: str
    """all, select, insert, update or delete."""
    roles: tuple[str, ...]
    """Whom it is for; "public" for everybody."""
    permissive: bool = True
    columns: tuple[str, ...] = ()
    """The columns that its expressions name."""


@dataclass(frozen=True, slots=True)
class Routine:
    """A function or procedure with the types that it is called with."""

    name: Relation
    arguments: tuple[str, ...]
    """The types of its input, in order: with its name they tell it from others."""
    parameters: tuple[str, ...] = ()
    """The names of its input; empty for one without."""
    returns: str = ""
    """The type that it returns, "" for a procedure; with OUT parameters and TABLE their columns."""
    required: int = 0
    """How many arguments have no default."""
    definer: bool = False
    """It runs with its owner's rights."""
    path: bool = False
    """It has a search_path of its own."""
    closed: frozenset[str] = frozenset()
    """Roles that EXECUTE was revoked from; "public" for PUBLIC."""
    file: str = ""
    """The file that created it first."""

    @property
    def signature(self) -> str:
        """The function as DROP FUNCTION names it."""
        return f"{self.name}({', '.join(self.arguments)})"


def role(node: Node) -> str:
    """Return the name of a RoleSpec; "public" for PUBLIC, "" for CURRENT_USER and the like."""
    if node.text("roletype") == "ROLESPEC_PUBLIC":
        return "public"
    return node.text("rolename")
