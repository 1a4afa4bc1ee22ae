"""Runs of the library against a database, from values instead of a folder on disk."""

from collections.abc import Generator
from hashlib import sha256
from pathlib import Path

from ajour.config import load
from ajour.db.history import State, read
from ajour.db.retry import Budget
from ajour.db.session import Session
from ajour.db.stop import Stop
from ajour.events import Done, Event
from ajour.migrate import Migrate
from ajour.model import Migration, Plan, Relation
from ajour.plan import compare, make_plan
from ajour.target import parse_url

TABLE = Relation("public", "migrations")


def file(name: str, text: str) -> Migration:
    """Return a migration as the folder would give it."""
    return Migration(name, name, text, sha256(text.encode()).hexdigest())


def migrate(
    url: str,
    *files: Migration,
    budget: Budget | None = None,
    stop: Stop | None = None,
    **flags: object,
) -> list[Event]:
    """Run what is pending of `files`, as `ajour migrate` does; flags are settings by name."""
    return list(events(url, *files, budget=budget, stop=stop, **flags))


def events(
    url: str,
    *files: Migration,
    budget: Budget | None = None,
    stop: Stop | None = None,
    **flags: object,
) -> Generator[Event, None, None]:
    """Do the same, and yield each event when it happens. `budget` is for what is tried again."""
    settings = load(Path("/nowhere"), {"url": url, "wait": "5s", **flags}, {})
    session = Session(parse_url(url))

    def plan() -> tuple[Plan, State]:
        state = read(session.pgconn, TABLE, ("anon", "authenticated"))
        return make_plan(compare(files, state.history), state.history, table=TABLE), state

    try:
        run = Migrate(settings, session, plan, stop or Stop(), budget=budget or Budget())
        yield from run.events()
    finally:
        session.close()


def names(run: list[Event]) -> list[str]:
    """Return the migrations that a run says it applied."""
    return [event.name for event in run if isinstance(event, Done)]
