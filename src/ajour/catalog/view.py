"""Looks at a catalog in another way: without some objects, or as if another role had made them."""

from collections.abc import Callable
from dataclasses import replace

from ajour.catalog.objects import Catalog, Grant, Identity, Object, Value


def without(catalog: Catalog, leave_out: Callable[[Object], bool]) -> Catalog:
    """Return the catalog without some objects, their parts, and what is made for them alone."""
    gone = {identity for identity, each in catalog.objects.items() if leave_out(each)}
    while more := {
        identity
        for identity, each in catalog.objects.items()
        if identity not in gone and each.parent in gone
    }:
        gone |= more
    kept = {name: each for name, each in catalog.objects.items() if name not in gone}
    return replace(catalog, objects=kept)


def as_role(catalog: Catalog, role: str) -> Catalog:
    """Return the catalog as if `role` had done what the role that read it has done."""
    if role == catalog.user:
        return catalog

    def named(name: str) -> str:
        return role if name == catalog.user else name

    def renamed(each: Object) -> Object:
        grants = (
            Grant(named(grant.grantee), grant.privilege, grant.grantable, named(grant.grantor))
            for grant in each.grants
        )
        return replace(
            each,
            identity=_identity(each.identity),
            owner=named(each.owner) if each.owner is not None else None,
            attributes={key: _roles(key, value) for key, value in each.attributes.items()},
            # a right that the other role has as the owner is no grant to it any more
            grants=tuple(
                sorted(grant for grant in grants if grant.grantee != named(each.owner or ""))
            ),
        )

    def _roles(key: str, value: Value) -> Value:
        if key != "roles" or not isinstance(value, tuple):
            return value
        return tuple(sorted(named(name) if isinstance(name, str) else "" for name in value))

    def _identity(identity: Identity) -> Identity:
        if identity.kind in {"default privileges", "user mapping"}:
            return identity._replace(name=named(identity.name))
        return identity

    objects = (renamed(each) for each in catalog.objects.values())
    return replace(catalog, objects={each.identity: each for each in objects}, user=role)
