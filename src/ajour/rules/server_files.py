"""Files and programs of the server are reached from SQL.

Finds
    `COPY` to or from a file of the server or a `PROGRAM`, `LOAD`, functions such as
    `pg_read_file()` and `lo_import()`, functions in `C` or an untrusted language such as
    `plpython3u`, and the extensions that give all this.

Why it hurts
    It works for a superuser alone: the deploy fails on hosted databases. Where it works, whoever
    can change the file, or call the function, acts as the account that the server runs under. No
    rollback takes back what was written.

Instead
    `COPY … FROM STDIN` with the rows in the migration, a copy from a client, an Edge Function
    or the application.

When it is fine
    The server is your own and the file is on it by intent:
    `-- ajour: allow server-files <which file, from where>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, calls
from ajour.sql.parse import Node

RULE = Rule("server-files", level="error", family="security")

_FUNCTIONS = (
    *("pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "pg_ls_logdir"),
    *("lo_import", "lo_export", "pg_file_write", "pg_file_unlink", "pg_file_rename"),
)
_LANGUAGES = {"c", "internal", "plpython3u", "plpythonu", "plperlu", "pltclu", "plsh", "plrust"}
_EXTENSIONS = {"adminpack", "file_fdw", *_LANGUAGES}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what leaves the database for the server that it is on."""
    what = _what(facts.node)
    if what:
        yield _found(facts, context, what)
    for call in calls(facts, *_FUNCTIONS):
        yield _found(facts, context, "This reaches files of the server", call)


def _found(facts: Facts, context: Context, what: str, at: Node | None = None) -> Finding:
    return context.finding(
        RULE,
        facts,
        f"{what}: a superuser alone may do that, and no rollback takes it back.",
        "Bring the rows in the migration, or do it in the application.",
        at=at,
    )


def _what(node: Node) -> str | None:
    match node.kind:
        case "CopyStmt" if node.flag("is_program"):
            return "This runs a program on the server"
        case "CopyStmt" if node.text("filename"):
            verb = "reads" if node.flag("is_from") else "writes"
            return f"This {verb} a file of the server"
        case "LoadStmt":
            return "This loads a library into the server"
        case "CreateFunctionStmt" if node.options().get("language") in _LANGUAGES:
            return "This function can do all that the server's account can"
        case "CreateExtensionStmt" if node.text("extname") in _EXTENSIONS:
            return "This extension reaches files and programs of the server"
    return None
