"""Opens connections: the only place that does, and the one that says why it could not."""

from typing import TYPE_CHECKING

from ajour.db.diagnose import diagnose
from ajour.target import Target

if TYPE_CHECKING:
    from psycopg import Connection as Connection  # the name is for others, too

_KEEPALIVE = {
    # A half-open line (a laptop that slept, a router that forgot) is noticed within a minute.
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "connect_timeout": "15",
}


def connect(target: Target, application: str = "ajour") -> "Connection":
    """Return a connection in autocommit mode that prepares nothing behind our back.

    Raises ConnectionFailed with the cause in one sentence and the next thing to do.
    """
    import psycopg  # 140 ms of CPU: only when there is a database to go to

    settings = {**_KEEPALIVE, "application_name": application, **target.conninfo()}
    try:
        return psycopg.connect("", autocommit=True, prepare_threshold=None, **settings)  # type: ignore[arg-type]  # the parameters are libpq's own, all text
    except psycopg.Error as error:
        raise diagnose(target, str(error)) from None
