"""Reads types, domains and functions into what is known."""

from collections.abc import Callable
from dataclasses import replace

from ajour.model import Relation
from ajour.sql.known import Domain, Known, Volatility
from ajour.sql.learn_table import read_constraint
from ajour.sql.parse import Node
from ajour.sql.tables import Table

_VOLATILITIES: dict[str | None, Volatility] = {
    "immutable": "immutable",
    "stable": "stable",
    "volatile": "volatile",
}


def _create_domain(known: Known, node: Node) -> None:
    written = node.child("type_name")
    if written is None:
        return
    relation = _type_name(known, node.children("domainname"))
    rules = [
        each for each in node.children("constraints") if each.text("contype") != "CONSTR_DEFAULT"
    ]
    kinds = {each.text("contype") for each in rules}
    domain = Domain(known.read_type(written), "CONSTR_NOTNULL" in kinds)
    known.domains[relation] = domain
    for each in rules:
        if each.text("contype") == "CONSTR_CHECK":
            domain = _with_check(known, relation, domain, each)
    known.domains[relation] = domain


def _with_check(known: Known, relation: Relation, domain: Domain, node: Node) -> Domain:
    so_far = Table(relation, constraints=domain.constraints)
    added = read_constraint(known, so_far, node)
    return replace(domain, constraints=(*domain.constraints, added))


def _alter_domain(known: Known, node: Node) -> None:
    relation = known.find_type(node.children("type_name"))
    domain = known.domains.get(relation)
    if domain is None:
        return
    definition = node.child("def")
    left = tuple(each for each in domain.constraints if each.name != node.text("name"))
    match node.text("subtype"):
        case "C" if definition is not None and definition.text("contype") == "CONSTR_NOTNULL":
            domain = replace(domain, not_null=True)
        case "C" if definition is not None:
            domain = _with_check(known, relation, domain, definition)
        case "X":
            domain = replace(domain, constraints=left)
        case "O" | "N":
            domain = replace(domain, not_null=node.text("subtype") == "O")
        case "V":
            checked = tuple(
                replace(each, valid=True) if each.name == node.text("name") else each
                for each in domain.constraints
            )
            domain = replace(domain, constraints=checked)
    known.domains[relation] = domain


def _type_name(known: Known, parts: tuple[Node, ...]) -> Relation:
    *schema, name = (part.text("sval") for part in parts)
    return Relation(schema[-1] if schema else known.here, name)


def _create_enum(known: Known, node: Node) -> None:
    known.types[_type_name(known, node.children("type_name"))] = "enum"


def _create_range(known: Known, node: Node) -> None:
    known.types[_type_name(known, node.children("type_name"))] = "range"


def _create_composite(known: Known, node: Node) -> None:
    named = node.child("typevar")
    if named is not None:
        schema = named.text("schemaname") or known.here
        known.types[Relation(schema, named.text("relname"))] = "composite"


def _define(known: Known, node: Node) -> None:
    if node.text("kind") == "OBJECT_TYPE":
        known.types[_type_name(known, node.children("defnames"))] = "base"


def _create_function(known: Known, node: Node) -> None:
    name = _type_name(known, node.children("funcname"))
    found = _VOLATILITIES[node.options().get("volatility") or "volatile"]
    # Which of several functions of a name is replaced is not looked into: both may be meant.
    others = known.functions.get(name, frozenset())
    # The planner may put the body of one in SQL in its place: then it is what the body is.
    inlined: set[Volatility] = {"stable"} if node.options().get("language") == "sql" else set()
    known.functions[name] = others | inlined | {found}


def _alter_function(known: Known, node: Node) -> None:
    function = node.child("func")
    volatility = node.options("actions").get("volatility")
    if function is not None and volatility is not None:
        name = known.find_type(function.children("objname"))
        known.functions[name] = known.functions.get(name, frozenset()) | {_VOLATILITIES[volatility]}


TYPES: dict[str, Callable[[Known, Node], None]] = {
    "CreateDomainStmt": _create_domain,
    "AlterDomainStmt": _alter_domain,
    "CreateEnumStmt": _create_enum,
    "CreateRangeStmt": _create_range,
    "CompositeTypeStmt": _create_composite,
    "DefineStmt": _define,
    "CreateFunctionStmt": _create_function,
    "AlterFunctionStmt": _alter_function,
}
"""The statements about types and functions, and what reads them."""
