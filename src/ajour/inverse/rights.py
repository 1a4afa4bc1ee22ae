"""Statements for what every object may have: an owner, a comment, and who may do what with it."""

from collections.abc import Iterable, Iterator

from ajour.catalog.objects import Catalog, Grant, Identity, Object
from ajour.inverse.words import FUNCTIONS, addressed, holder, literal, name, named, word

Right = tuple[str, str, bool]
"""Role, privilege, and whether it may be passed on."""

_TABLES = "INSERT SELECT UPDATE DELETE TRUNCATE REFERENCES TRIGGER"
_ALL = {
    "table": _TABLES.split(),
    "sequence": ["USAGE", "SELECT", "UPDATE"],
    "schema": ["USAGE", "CREATE"],
}
MAINTAIN = 170000
"""The server's version from which tables have the privilege MAINTAIN."""

_PUBLIC = {
    **dict.fromkeys(FUNCTIONS, "EXECUTE"),
    **dict.fromkeys(("enum", "domain", "type", "language"), "USAGE"),
}
"""What everyone may do with a new object of a kind."""

_CLASS = {
    **dict.fromkeys(("table", "foreign table", "view", "materialized view"), "tables"),
    **dict.fromkeys(FUNCTIONS, "functions"),
    **dict.fromkeys(("enum", "domain", "type"), "types"),
    "sequence": "sequences",
    "schema": "schemas",
}
"""What default privileges call the kinds that they are about."""

_ON = {
    "column": "",
    **dict.fromkeys(("table", "foreign table", "view", "materialized view"), ""),
    **dict.fromkeys(("function", "aggregate"), "function "),
    "procedure": "procedure ",
    **dict.fromkeys(("enum", "type"), "type "),
    "server": "foreign server ",
}
"""What stands after ON in a GRANT, before the name; else the kind itself."""

_DEFAULTS = {"functions": "EXECUTE", "types": "USAGE"}
"""What everyone may do with new objects where no default privileges say otherwise."""


def finished(each: Object, now: Catalog) -> Iterator[str]:
    """Yield what a new object still lacks to be `each`; `now`: where it was made."""
    if each.owner and each.owner != now.user:
        yield owned(each)
    if each.comment is not None:
        yield commented(each)
    given, lacking = at_birth(each, now)
    yield from granted(each, given, now.version)
    yield from _own_rights(each, lacking)


def owned(each: Object) -> str:
    """Return what gives the object its owner."""
    return f"alter {word(each.kind)} {named(each.identity)} owner to {name(each.owner or '')}"


def commented(each: Object) -> str:
    """Return what gives the object its comment, or takes it away."""
    text = "null" if each.comment is None else literal(each.comment)
    return f"comment on {addressed(each.identity)} is {text}"


def regranted(old: Object, each: Object, version: int) -> Iterator[str]:
    """Yield what changes the rights on an object from those in `old`."""
    yield from granted(each, _rights(old.grants), version)
    yield from _own_rights(each, old.owner_lacks)


def granted(each: Object, given: Iterable[Right], version: int) -> Iterator[str]:
    """Yield the GRANTs and REVOKEs that turn what is given into the rights of the object."""
    has = {(role, what): passed for role, what, passed in given}
    wants: dict[tuple[str, str], bool | None] = dict.fromkeys(sorted(has))  # None: not at all
    wants |= {(role, what): passed for role, what, passed in _rights(each.grants)}
    on, every = _target(each.identity), _every(each.kind, version)
    for role in sorted({role for role, _ in wants}):
        mine = {what: passed for (whose, what), passed in wants.items() if whose == role}
        gone = [what for what, passed in mine.items() if passed is None]
        less = [what for what, passed in mine.items() if passed is False and has.get((role, what))]
        new = [what for what, passed in mine.items() if passed is False and (role, what) not in has]
        more = [what for what, passed in mine.items() if passed and not has.get((role, what))]
        if gone:
            yield f"revoke {_listed(gone, every, each)} {on} from {_role(role)}"
        if less:
            yield f"revoke grant option for {_listed(less, every, each)} {on} from {_role(role)}"
        if new:
            yield f"grant {_listed(new, every, each)} {on} to {_role(role)}"
        if more:
            yield f"grant {_listed(more, every, each)} {on} to {_role(role)} with grant option"


def at_birth(each: Object, now: Catalog) -> tuple[set[Right], tuple[str, ...]]:
    """Return the rights that others have on a new object of this kind, and what its owner lacks."""
    kinds = _CLASS.get(each.kind, "")
    schema = each.identity.schema

    def defaults(where: str) -> Object | None:
        return now.objects.get(Identity("default privileges", where, now.user, kinds))

    general = defaults("") if kinds else None
    own = defaults(schema) if kinds and schema else None
    public = _PUBLIC.get(each.kind)
    given = {("public", public, False)} if public else set()
    if general is not None:
        given = set(_rights(general.grants))
    if own is not None:
        given |= set(_rights(own.grants))
    given = {right for right in given if right[0] != now.user}
    return given, general.owner_lacks if general is not None else ()


def default_privileges(old: Object | None, new: Object | None, user: str) -> Iterator[str]:
    """Yield what changes default privileges; None: there are none but PostgreSQL's own."""
    each = new or old
    if each is None:
        return
    identity = each.identity
    usual = None if identity.schema else _DEFAULTS.get(identity.table)
    own: list[Right] = [("public", usual, False)] if usual else []
    has = set(_rights(old.grants) if old else own)
    wants = set(_rights(new.grants) if new else own)
    whose = "" if identity.name == user else f" for role {name(identity.name)}"
    where = f" in schema {name(identity.schema)}" if identity.schema else ""
    start = f"alter default privileges{whose}{where}"
    for role, what, _ in sorted(has - wants):
        yield f"{start} revoke {what.lower()} on {identity.table} from {_role(role)}"
    for role, what, passed in sorted(wants - has):
        option = " with grant option" if passed else ""
        yield f"{start} grant {what.lower()} on {identity.table} to {_role(role)}{option}"
    before, after = (set(state.owner_lacks) if state else set() for state in (old, new))
    for what in sorted(after - before):
        yield f"{start} revoke {what.lower()} on {identity.table} from {_role(identity.name)}"
    for what in sorted(before - after):
        yield f"{start} grant {what.lower()} on {identity.table} to {_role(identity.name)}"


def _own_rights(each: Object, lacking: Iterable[str]) -> Iterator[str]:
    """Yield what takes from the owner, or gives it back, what it has taken from itself."""
    on, owner = _target(each.identity), _role(each.owner or "")
    for what in sorted(set(each.owner_lacks) - set(lacking)):
        yield f"revoke {what.lower()} {on} from {owner}"
    for what in sorted(set(lacking) - set(each.owner_lacks)):
        yield f"grant {what.lower()} {on} to {owner}"


def _rights(grants: Iterable[Grant]) -> list[Right]:
    return [(grant.grantee, grant.privilege, grant.grantable) for grant in grants]


def _listed(names: list[str], every: list[str], each: Object) -> str:
    if each.kind == "column":
        return ", ".join(f"{what.lower()} ({name(each.identity.name)})" for what in sorted(names))
    if every and sorted(names) == sorted(every):
        return "all"
    return ", ".join(what.lower() for what in sorted(names))


def _every(kind: str, version: int) -> list[str]:
    """Return all privileges that an object of a kind has, where there are several."""
    found = _ALL.get("table" if _CLASS.get(kind) == "tables" else kind, [])
    return [*found, "MAINTAIN"] if found == _ALL["table"] and version >= MAINTAIN else found


def _target(identity: Identity) -> str:
    if identity.kind == "column":
        return f"on {holder(identity)}"
    return f"on {_ON.get(identity.kind, f'{identity.kind} ')}{named(identity)}"


def _role(role: str) -> str:
    return role if role == "public" else name(role)
