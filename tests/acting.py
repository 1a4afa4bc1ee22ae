"""Acts in a database as the API does for one request."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from servers import Connection


@contextmanager
def acting_as(db: Connection, role: str, /, **claims: str) -> Iterator[None]:
    """Act as the API does for one request: a role and the token's claims, in a transaction."""
    with db.transaction():
        db.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        db.execute(f"set local role {role}")
        yield


def rows(db: Connection, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return db.execute(sql, parameters or None).fetchall()
