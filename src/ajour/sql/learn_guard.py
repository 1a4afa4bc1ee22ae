"""Reads who may do what into what is known: row level security, policies, functions, grants."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ajour.model import Relation
from ajour.sql.guard import Policy, Routine, role
from ajour.sql.known import Known
from ajour.sql.learn_table import names_in
from ajour.sql.parse import Node
from ajour.sql.tables import Table

_IN = {"FUNC_PARAM_IN", "FUNC_PARAM_INOUT", "FUNC_PARAM_VARIADIC", "FUNC_PARAM_DEFAULT"}
_OUT = {"FUNC_PARAM_OUT", "FUNC_PARAM_INOUT", "FUNC_PARAM_TABLE"}
_ON = {None, "true", "on", "1", "yes", "t"}
_ENABLES = re.compile(
    r"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?"
    r'(?:(?:"([^"%]+)"|([\w$]+))\.)?(?:"([^"%]+)"|([\w$]+))\s+enable\s+row\s+level\s+security',
    re.IGNORECASE,
)
_ENABLES_SOME = re.compile(r"\benable\s+row\s+level\s+security", re.IGNORECASE)


def tells(node: Node) -> bool:
    """Tell whether a statement says anything of who may do what."""
    if node.kind == "DoStmt":
        return bool(_ENABLES_SOME.search(body(node)))
    return node.kind in GUARD


def body(node: Node) -> str:
    """Return the text of a function or DO block; empty where it has none."""
    field = "args" if node.kind == "DoStmt" else "options"
    for option in node.children(field):
        argument = option.child("arg") if option.text("defname") == "as" else None
        if argument is not None and argument.kind == "String":
            return argument.text("sval")
        if argument is not None and argument.kind == "List":
            return argument.children("items")[0].text("sval")
    return ""


def routine_of(known: Known, node: Node) -> Routine:
    """Return the function that a CREATE FUNCTION makes, as it is before any GRANT."""
    *schema, name = (part.text("sval") for part in node.children("funcname"))
    place = Relation(schema[-1] if schema else known.here, name)
    given = [each for each in node.children("parameters") if each.text("mode") in _IN]
    out = [each for each in node.children("parameters") if each.text("mode") in _OUT]
    written = node.child("return_type")
    returns = _type(known, written)
    if out:
        returns = ", ".join(f"{each.text('name')} {_type_of(known, each)}" for each in out)
    if written is not None and written.flag("setof"):
        returns = f"setof {returns}"
    options = node.options()
    sets = (each.child("arg") for each in node.children("options") if each.text("defname") == "set")
    return Routine(
        place,
        tuple(_type_of(known, each) for each in given),
        tuple(each.text("name") for each in given),
        returns,
        sum(not each.has("defexpr") for each in given),
        definer=_true(options, "security"),
        path=any(each is not None and each.text("name") == "search_path" for each in sets),
        closed=known.closed_to("function", place.schema),
        file=known.file,
    )


def routine_named(known: Known, node: Node) -> Routine | None:
    """Return the function that an ObjectWithArgs names; None where it is not known, or unclear."""
    parts = node.children("objname")
    same = known.routines.get(known.find_type(parts), ())
    if node.flag("args_unspecified"):
        return same[0] if len(same) == 1 else None
    types = tuple(_type(known, each) for each in node.children("objargs"))
    return next((each for each in same if each.arguments == types), None)


def _true(options: dict[str, str | None], name: str) -> bool:
    return name in options and options[name] in _ON


def _type_of(known: Known, parameter: Node) -> str:
    return _type(known, parameter.child("arg_type"))


def _type(known: Known, written: Node | None) -> str:
    """Return a type as it tells one function from another: without its modifiers."""
    if written is None:
        return ""
    found = replace(known.read_type(written), modifiers=())
    return str(replace(found, schema="") if found.schema in known.usual_path else found)


def _create_function(known: Known, node: Node) -> None:
    new = routine_of(known, node)
    same = known.routines.get(new.name, ())
    old = next((each for each in same if each.arguments == new.arguments), None)
    if old is not None:  # replaced: rights stay, all else is what is written now
        new = replace(new, closed=old.closed, file=old.file)
    known.routines[new.name] = (*(each for each in same if each != old), new)


def _alter_function(known: Known, node: Node) -> None:
    named = node.child("func")
    old = routine_named(known, named) if named else None
    if old is None:
        return
    options = node.options("actions")
    sets = [each.child("arg") for each in node.children("actions") if each.text("defname") == "set"]
    path = old.path
    for each in sets:
        if each is not None and each.text("kind") == "VAR_RESET_ALL":
            path = False
        elif each is not None and each.text("name") == "search_path":
            path = each.text("kind") not in {"VAR_RESET", "VAR_SET_DEFAULT"}
    definer = _true(options, "security") if "security" in options else old.definer
    _put(known, old, replace(old, definer=definer, path=path))


def _put(known: Known, old: Routine, new: Routine | None) -> None:
    left = tuple(each for each in known.routines.get(old.name, ()) if each != old)
    kept = (*left, new) if new is not None else left
    if kept:
        known.routines[old.name] = kept
    else:
        known.routines.pop(old.name, None)


def _drop(known: Known, node: Node) -> None:
    kind = node.text("remove_type")
    for each in node.children("objects"):
        if kind in {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}:
            gone = routine_named(known, each)
            if gone is not None:
                _put(known, gone, None)
        elif kind == "OBJECT_POLICY":
            *names, policy = (part.text("sval") for part in each.children("items"))
            table = known.tables.get(known.find(names[-1], "".join(names[:-1])))
            if table is not None:
                _keep(known, table, (one for one in table.policies if one.name != policy))
        elif kind == "OBJECT_SCHEMA":
            for name in [one for one in known.routines if one.schema == each.text("sval")]:
                del known.routines[name]


def _keep(known: Known, table: Table, policies: Iterable[Policy]) -> None:
    known.tables[table.relation] = replace(table, policies=tuple(policies))


def policy_of(node: Node) -> Policy:
    """Return the policy that a CREATE POLICY makes."""
    parts = (node.child("qual"), node.child("with_check"))
    return Policy(
        node.text("policy_name"),
        node.text("cmd_name"),
        tuple(role(each) for each in node.children("roles")),
        node.flag("permissive"),
        names_in(each for each in parts if each is not None),
    )


def _create_policy(known: Known, node: Node) -> None:
    named = node.child("table")
    if named is not None:
        relation = known.resolve(named)
        table = known.tables.get(relation, Table(relation))
        made = policy_of(node)
        _keep(known, table, (*(one for one in table.policies if one.name != made.name), made))


def _rename(known: Known, node: Node) -> None:
    named, kind = node.child("relation"), node.text("rename_type")
    if kind == "OBJECT_POLICY" and named is not None:
        table = known.table(named)
        if table is not None:
            old, new = node.text("subname"), node.text("newname")
            _keep(
                known,
                table,
                (replace(one, name=new) if one.name == old else one for one in table.policies),
            )
    elif kind in {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}:
        function = node.child("object")
        old_one = routine_named(known, function) if function else None
        if old_one is not None:
            place = Relation(old_one.name.schema, node.text("newname"))
            _put(known, old_one, None)
            known.routines[place] = (
                *known.routines.get(place, ()),
                replace(old_one, name=place),
            )


def _alter_table(known: Known, node: Node) -> None:
    named = node.child("relation")
    table = known.table(named) if named else None
    for command in node.children("cmds") if table else ():
        kind = command.text("subtype")
        if kind in {"AT_EnableRowSecurity", "AT_DisableRowSecurity"}:
            _secure(known, table, kind == "AT_EnableRowSecurity")
        elif kind in {"AT_SetRelOptions", "AT_ResetRelOptions"} and table is not None:
            options = command.child("def")
            found = options.options("items") if options is not None else {}
            if "security_invoker" in found:
                on = kind == "AT_SetRelOptions" and _true(found, "security_invoker")
                known.tables[table.relation] = replace(table, invoker=on)
        table = known.tables.get(table.relation) if table else None


def _secure(known: Known, table: Table | None, on: bool | None) -> None:
    if table is not None:
        known.tables[table.relation] = replace(table, row_security=on)


def _view(known: Known, node: Node) -> None:
    named = node.child("view")
    table = known.table(named) if named else None
    if table is not None:
        on = _true(node.options(), "security_invoker")
        names = _names(node.child("query"))
        known.tables[table.relation] = replace(table, invoker=on, names=names)


def _materialized(known: Known, node: Node) -> None:
    into = node.child("into")
    named = into.child("rel") if into else None
    table = known.table(named) if named else None
    if table is not None and table.kind == "materialized view":
        names = _names(node.child("query"))
        known.tables[table.relation] = replace(table, names=names)


def _names(query: Node | None) -> tuple[str, ...]:
    """Return the columns that a query names, with "*" for all."""
    if query is None:
        return ()
    star = any(each.kind == "A_Star" for each in query.walk())
    return (*names_in([query]), *(["*"] if star else []))


def _do(known: Known, node: Node) -> None:
    """Read a DO block that switches row level security on, by name or for whatever it finds."""
    text = body(node)
    found = list(_ENABLES.finditer(text))
    for each in found:
        schema = each[1] or (each[2] or "").lower()
        name = each[3] or each[4].lower()
        _secure(known, known.tables.get(known.find(name, schema)), True)
    if len(found) < len(_ENABLES_SOME.findall(text)):  # by EXECUTE: which ones is not known
        for table in tuple(known.tables.values()):
            if table.row_security is False:
                _secure(known, table, None)


def _grant(known: Known, node: Node) -> None:
    """Read which roles a REVOKE closes something to, and a GRANT opens it to again."""
    if _reads(node):
        for table in _tables(known, node):
            known.tables[table.relation] = replace(table, closed=_changed(table.closed, node))
    elif node.text("objtype") in {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}:
        for each in tuple(_routines(known, node)):
            _put(known, each, replace(each, closed=_changed(each.closed, node)))


def _reads(node: Node) -> bool:
    """Tell whether a GRANT or REVOKE decides who reads tables; a GRANT to write is as much."""
    wanted = {each.text("priv_name") for each in node.children("privileges")}
    whole = not wanted or node.flag("is_grant") or "select" in wanted
    return node.text("objtype") == "OBJECT_TABLE" and whole


def _changed(closed: frozenset[str], node: Node) -> frozenset[str]:
    """Return whom something is closed to after a GRANT or REVOKE."""
    roles = frozenset(filter(None, map(role, node.children("grantees"))))
    if not node.flag("is_grant"):
        return closed | roles
    return frozenset() if "public" in roles else closed - roles  # every role is in PUBLIC


def _tables(known: Known, node: Node) -> Iterator[Table]:
    if node.text("targtype") == "ACL_TARGET_ALL_IN_SCHEMA":
        schemas = {each.text("sval") for each in node.children("objects")}
        yield from [each for each in known.tables.values() if each.relation.schema in schemas]
        return
    for each in node.children("objects"):
        table = known.table(each) if each.kind == "RangeVar" else None
        if table is not None:
            yield table


def _routines(known: Known, node: Node) -> Iterator[Routine]:
    if node.text("targtype") == "ACL_TARGET_ALL_IN_SCHEMA":
        schemas = {each.text("sval") for each in node.children("objects")}
        for name, same in known.routines.items():
            yield from same if name.schema in schemas else ()
        return
    for each in node.children("objects"):
        found = routine_named(known, each) if each.kind == "ObjectWithArgs" else None
        if found is not None:
            yield found


def _defaults(known: Known, node: Node) -> None:
    """Read whom ALTER DEFAULT PRIVILEGES closes tables and functions to that are made later."""
    action = node.child("action")
    if action is None:
        return
    kind = "function" if action.text("objtype") in {"OBJECT_FUNCTION", "OBJECT_ROUTINE"} else ""
    kind = "table" if _reads(action) else kind
    if not kind:
        return
    schemas = [
        part.text("sval")
        for option in node.children("options")
        if option.text("defname") == "schemas"
        for part in (option.child("arg") or option).children("items")
    ]
    for schema in schemas or [""]:
        known.closed[kind, schema] = _changed(known.closed.get((kind, schema), frozenset()), action)


GUARD: dict[str, Callable[[Known, Node], None]] = {
    "AlterDefaultPrivilegesStmt": _defaults,
    "AlterFunctionStmt": _alter_function,
    "AlterTableStmt": _alter_table,
    "CreateFunctionStmt": _create_function,
    "CreatePolicyStmt": _create_policy,
    "CreateTableAsStmt": _materialized,
    "DoStmt": _do,
    "DropStmt": _drop,
    "GrantStmt": _grant,
    "RenameStmt": _rename,
    "ViewStmt": _view,
}
"""The statements about who may do what, and what reads them."""
