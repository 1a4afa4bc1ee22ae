"""The ways to a database, direct and through a pooler, and what a session is left with."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import Connection, connect

SETTINGS = "name !~ '^(application_name|in_hot_standby|plpgsql.*)$'"
"""Those that one notices: the language's own appear when it is first used."""

SESSION = f"""
select 'role' as what, current_user::text as value
union all select 'user', session_user
union all select 'setting ' || name, setting from pg_settings where {SETTINGS}
union all select 'prepared', name from pg_prepared_statements
union all select 'cursor', name from pg_cursors where name <> ''
union all select 'listens', pg_listening_channels()
union all select 'temporary', relname from pg_class where relnamespace = pg_my_temp_schema()
union all
select 'lock', objid::text from pg_locks
where locktype = 'advisory' and pid = pg_backend_pid() and virtualtransaction is not null
"""
"""All that a statement can leave behind in its session."""


@dataclass(frozen=True)
class Way:
    """A database: how ajour reaches it, and how we look at it from beside."""

    url: str
    direct: str

    @property
    def pooled(self) -> bool:
        """Whether a pooler of transactions stands between, with a single server connection."""
        return self.url != self.direct

    def session(self) -> list[tuple[Any, ...]]:
        """Return the session that the pool's next client gets: the one that ajour had.

        Nothing on a direct connection, whose session ends with it.
        """
        if not self.pooled:
            return []
        with connect(self.url) as client:
            pid = client.execute("select 'pid', pg_backend_pid()").fetchall()
            return pid + sorted(client.execute(SESSION).fetchall())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, asked from beside."""
        with connect(self.direct) as db:
            return db.execute(sql).fetchall()

    def history(self) -> list[str]:
        """Return the names that the history lists; none where there is no history."""
        if self.rows("select to_regclass('public.migrations')") == [(None,)]:
            return []
        return [row[0] for row in self.rows("select name from public.migrations order by name")]

    def tables(self) -> set[str]:
        """Return the project's tables of the schema public."""
        found = self.rows(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
        )
        ours = {"migrations", "migrations_in_progress"}
        return {name for (name,) in found if not name.endswith("_pkey")} - ours


def cases(name: str) -> dict[str, str | None]:
    """Return the texts of a file of `faults/data/` by their names."""
    path = Path(__file__).parent / "faults" / "data" / name
    return {case["name"]: case["sql"] for case in json.loads(path.read_text("utf-8"))}


def hidden(sql: str) -> str:
    """Return what runs `sql` on the server without that a parser could see it."""
    quoted = sql.replace("'", "''")
    return f"do $hidden$ begin execute '{quoted}'; end $hidden$;"


def open_to(db: Connection) -> list[tuple[object, ...]]:
    """Return what of the two tables is open: to the internet's roles, or because RLS is off."""
    return db.execute(
        """
        with ours as (
          select * from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
            and relname in ('migrations', 'migrations_in_progress'))
        select relname, 'no row level security' from ours where not relrowsecurity
        union all
        select relname, right_ || ' for ' || role
        from ours, unnest(array['anon', 'authenticated']) role,
          unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'trigger']) right_
        where has_table_privilege(role, ours.oid, right_)
        union all
        select relname, 'a column of it' from ours
        where has_any_column_privilege('anon', ours.oid, 'select, insert, update')
        """
    ).fetchall()
