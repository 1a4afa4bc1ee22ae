"""What a database testifies after something died: what ran, how often, and who is still there."""

from collections.abc import Iterable

from ajour.model import Migration
from projects import Database
from runs import file
from servers import connect

LOG = "create table log (name text);\n"

AJOUR = "datname = current_database() and application_name like 'ajour%'"
"""The server's processes that work for ajour in this database."""


def logging(name: str, text: str = "") -> str:
    """Return a migration's text that leaves a row in the table `log` each time it runs."""
    return f"{text}insert into log values ('{name}');\n"


def numbered(count: int) -> list[Migration]:
    """Return migrations that each make a table and leave a row in `log`; the first one makes it."""
    texts = {f"{n:02}_t.sql": f"create table t{n:02} ();\n" for n in range(1, count + 1)}
    texts["01_t.sql"] += LOG
    return [file(name, logging(name, text)) for name, text in texts.items()]


def ran_once(db: Database, names: Iterable[str]) -> bool:
    """Tell whether exactly these ran, each of them once, and the history says the same."""
    logged = db.values("select name from log order by name")
    return db.history() == logged == sorted(names)


def is_whole(url: str, *names: str) -> bool:
    """Tell whether these migrations ran, each once, and no others."""
    with connect(url) as connection:
        return ran_once(Database(connection), names)


def processes(db: Database, what: str = "true") -> list[int]:
    """Return the pids of the server's processes that work for ajour, `what` being so of them."""
    return db.values(f"select pid from pg_stat_activity where {AJOUR} and {what}")


def running(db: Database, query: str) -> list[int]:
    """Return those that run a statement which begins like this."""
    return processes(db, f"state = 'active' and query like '{query}%'")


def locked(db: Database) -> bool:
    """Tell whether anybody holds an advisory lock."""
    mine = "database = (select oid from pg_database where datname = current_database())"
    found = db.values(f"select pid from pg_locks where locktype = 'advisory' and {mine}")
    return bool(found)
