"""Makes what few projects have, or lies beside the schema: foreign things, operators, settings.

Values that are secret stand as 'hidden', as the catalog has them.
"""

import re
from collections.abc import Callable, Iterator

from ajour.catalog.objects import Object
from ajour.inverse.tables import foreign_options
from ajour.inverse.words import literal, name, named, text, texts

LISTS = frozenset(
    {
        *("search_path", "temp_tablespaces", "local_preload_libraries"),
        *("session_preload_libraries", "shared_preload_libraries", "unix_socket_directories"),
    }
)
"""Settings whose value is a list of names; the server keeps each of them quoted."""


def foreign(each: Object) -> str:
    """Return kind and name of something foreign as ALTER has them."""
    if each.kind == "user mapping":
        identity = each.identity
        return f"user mapping for {name(identity.name)} server {name(identity.table)}"
    return f"{each.kind} {named(each.identity)}"


def _said(each: Object, *words: str) -> str:
    """Return the attributes of these names that it has, each behind its name."""
    return "".join(f" {word} {text(each, word)}" for word in words if text(each, word))


def _wrapper(each: Object) -> Iterator[str]:
    said = _said(each, "handler", "validator")
    yield f"create {foreign(each)}{said}{foreign_options(texts(each, 'options'))}"


def _server(each: Object) -> Iterator[str]:
    kind, version = text(each, "type"), text(each, "version")
    yield (
        f"create {foreign(each)}"
        + (f" type {literal(kind)}" if kind else "")
        + (f" version {literal(version)}" if version else "")
        + f" foreign data wrapper {name(text(each, 'wrapper'))}"
        + foreign_options(texts(each, "options"))
    )


def _mapping(each: Object) -> Iterator[str]:
    yield f"create {foreign(each)}{foreign_options(texts(each, 'options'))}"


def _cast(each: Object) -> Iterator[str]:
    function, method = text(each, "function"), text(each, "method")
    how = "with inout" if method == "inout" else "without function"
    how = f"with function {function}" if function else how
    context = f" as {text(each, 'context')}" if text(each, "context") else ""
    yield f"create cast {named(each.identity)} {how}{context}"


def _operator(each: Object) -> Iterator[str]:
    words = {"left": "leftarg", "right": "rightarg"}
    named_ones = ("function", "left", "right", "commutator", "negator", "restrict", "join")
    said = [
        f"{words.get(attribute, attribute)} = {text(each, attribute)}"
        for attribute in named_ones
        if text(each, attribute)
    ]
    said += [flag for flag in ("hashes", "merges") if text(each, flag)]
    own = named(each.identity).rpartition("(")[0]
    yield f"create operator {own} ({', '.join(said)})"


def _family(each: Object) -> Iterator[str]:
    target = f"operator family {named(each.identity)}"
    yield f"create {target}"
    if texts(each, "members"):
        yield f"alter {target} add {', '.join(texts(each, 'members'))}"


def _class(each: Object) -> Iterator[str]:
    own, _, method = named(each.identity).rpartition(" USING ")
    members = list(texts(each, "members"))
    if text(each, "key_type"):
        members.append(f"storage {text(each, 'key_type')}")
    yield (
        f"create operator class {own}{' default' if text(each, 'default') else ''}"
        f" for type {text(each, 'type')} using {method} family {text(each, 'family')}"
        f" as {', '.join(members)}"
    )


def _language(each: Object) -> Iterator[str]:
    said = _said(each, "handler", "inline", "validator")
    trusted = "trusted " if text(each, "trusted") else ""
    yield f"create {trusted}language {named(each.identity)}{said}"


def _conversion(each: Object) -> Iterator[str]:
    yield (
        f"create {'default ' if text(each, 'default') else ''}conversion {named(each.identity)}"
        f" for {literal(text(each, 'from'))} to {literal(text(each, 'to'))}"
        f" from {text(each, 'function')}"
    )


def _transform(each: Object) -> Iterator[str]:
    said = ", ".join(
        f"{way} sql with function {text(each, way)}" for way in ("from", "to") if text(each, way)
    )
    yield f"create transform {named(each.identity)} ({said})"


def _method(each: Object) -> Iterator[str]:
    target = f"access method {named(each.identity)}"
    yield f"create {target} type {text(each, 'type')} handler {text(each, 'handler')}"


def _of_search(each: Object) -> Iterator[str]:
    """Yield what makes a parser or a template of text search: they are lists of functions."""
    said = ", ".join(f"{word} = {function}" for word, function in each.attributes.items())
    yield f"create {each.kind} {named(each.identity)} ({said})"


def labelled(each: Object, *, gone: bool = False) -> str:
    """Return what puts a security label on an object, or takes it away."""
    label = "null" if gone else literal(text(each, "label"))
    return f"security label for {name(each.identity.name)} on {each.identity.table} is {label}"


def _label(each: Object) -> Iterator[str]:
    yield labelled(each)


def _setting(each: Object) -> Iterator[str]:
    value = text(each, "value")
    listed = each.identity.name in LISTS
    said = ", ".join(map(literal, _listed(value))) if listed else literal(value)
    yield _for_sessions(each, f"set {name(each.identity.name)} to {said}")


def without_setting(each: Object) -> str:
    """Return what takes back a setting of a role or of the database."""
    return _for_sessions(each, f"reset {name(each.identity.name)}")


def _for_sessions(each: Object, what: str) -> str:
    """Return the ALTER that does it. The database has another name where this is tried."""
    role = name(each.identity.table) if each.identity.table else ""
    if each.kind == "role setting":
        return f"alter role {role or 'all'} {what}"
    whose = f"role {role} in database" if role else "database"
    template = f"alter {whose.replace('%', '%%')} %I {what.replace('%', '%%')}"
    return f"do $do$ begin execute format({literal(template)}, current_database()); end $do$"


def _listed(value: str) -> list[str]:
    """Return the names of a list, without their quotes."""
    found = re.findall(r'"((?:[^"]|"")*)"|([^,\s"]+)', value)
    return [plain or quoted.replace('""', '"') for quoted, plain in found]


MAKERS: dict[str, Callable[[Object], Iterator[str]]] = {
    "foreign data wrapper": _wrapper,
    "server": _server,
    "user mapping": _mapping,
    "cast": _cast,
    "operator": _operator,
    "operator family": _family,
    "operator class": _class,
    "language": _language,
    "conversion": _conversion,
    "transform": _transform,
    "access method": _method,
    "text search parser": _of_search,
    "text search template": _of_search,
    "security label": _label,
    "role setting": _setting,
    "database setting": _setting,
}
"""What makes an object of each kind; subscriptions are missing, as they hold a password."""
