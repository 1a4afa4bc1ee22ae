"""A fresh database on a server that the user names: made for one look, and dropped after it."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace

from ajour.db.connect import connect
from ajour.db.rows import ServerError, failed, fetch
from ajour.db.session import Session
from ajour.engines.baseline import baseline_sql
from ajour.errors import Refusal
from ajour.profiles import Profile
from ajour.sql.names import quote
from ajour.target import Target


@contextlib.contextmanager
def fresh_database(server: Target, profile: Profile) -> Iterator[Target]:
    """Yield a new database on the server, with what the profile brings along.

    Roles belong to the whole server and are not made: of a Supabase profile they must be there.
    Raises Refusal, ConnectionFailed.
    """
    target = make_database(server, profile, "ajour_scratch")
    try:
        yield target
    finally:  # the look may have taken long: a new connection is a good one
        drop_database(server, target.dbname)


def make_database(server: Target, profile: Profile, prefix: str) -> Target:
    """Return a new database, as `fresh_database` does, that stays until it is dropped."""
    session = Session(server)
    name = f"{prefix}_{secrets.token_hex(4)}"
    texts = baseline_sql(profile)[1:]  # the first makes the roles
    try:
        _check_roles(session, profile)
        _make(session, name)
    finally:
        session.close()
    target = replace(server, dbname=name)
    try:
        _fill(target, texts)
    except BaseException:
        drop_database(server, name)
        raise
    return target


def drop_database(server: Target, name: str) -> None:
    """Drop a database of the server where it is there, and end what is connected to it."""
    session = Session(server)
    try:
        fetch(session.pgconn, f"drop database if exists {quote(name)} with (force)")
    finally:
        session.close()


def _make(session: Session, name: str) -> None:
    try:
        fetch(session.pgconn, f"create database {quote(name)} template template0")
    except ServerError as error:
        raise Refusal(
            "No database can be made on the scratch server.",
            details=(error.message,),
            hint="Its role needs CREATEDB, and the address must not be a transaction pooler's.",
        ) from None


def _check_roles(session: Session, profile: Profile) -> None:
    wanted = (*profile.api_roles, *profile.platform_roles)
    found = {str(row[0]) for row in fetch(session.pgconn, "select rolname from pg_roles")}
    missing = [role for role in wanted if role not in found]
    if missing:
        raise Refusal(
            f"The scratch server has no role {missing[0]}: it is not one of Supabase's.",
            hint="Name a server of Supabase's image, or leave --scratch out: the embedded server"
            " has all that is needed.",
        )


def _fill(target: Target, texts: tuple[str, ...]) -> None:
    """Run the texts, each in a transaction of its own: what a first migration finds there."""
    if not texts:
        return
    path = 'set search_path = "$user", public, extensions'  # no file sets it for this database
    pgconn = connect(target)
    try:
        for text in (f"alter database {quote(target.dbname)} {path}", *texts):
            answer = pgconn.exec_(text.encode())
            if failed(answer):
                error = ServerError(answer)
                raise Refusal(
                    "The scratch server does not take what a Supabase project begins with.",
                    details=(error.message,),
                    hint="Connect as a superuser (supabase_admin in Supabase's image).",
                )
    finally:
        pgconn.finish()
