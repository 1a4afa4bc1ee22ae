"""What a command that has nothing to do may import: it is most of the time that it takes."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ajour.cli.main import _docstring, app
from projects import NOT_INHERITED, Project

LISTED = """
import os, sys
from ajour.cli.main import main
os._exit = sys.exit
try:
    main()
finally:
    packages = [each for each in sys.path if each.endswith("site-packages")]
    for name, module in tuple(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if name.split(".")[0] == "ajour":
            print("MODULE", name)
        elif "." not in name and any(file.startswith(each) for each in packages):
            print("MODULE", name)
"""
"""Runs the command line, then prints our modules, and the packages that are not Python's own."""

HELP = """
click ajour ajour.cli ajour.cli.main ajour.cli.output ajour.cli.signals ajour.db ajour.db.stop
ajour.errors ajour.events ajour.model ajour.redact ajour.report ajour.report.machine
ajour.report.text ajour.report.words
"""

DATABASE = """
psycopg psycopg_binary typing_extensions ajour.api ajour.cli.commands ajour.cli.options
ajour.config ajour.db.connect ajour.db.history ajour.db.libpq ajour.db.lock
ajour.db.rows ajour.db.session ajour.db.statements ajour.db.watch ajour.db.wire ajour.dotenv
ajour.files ajour.plan ajour.profiles ajour.settings ajour.sql ajour.sql.names ajour.sql.position
ajour.supabase ajour.target ajour.tomlfile
"""

MIGRATE = "ajour.cli.commands.migrate ajour.db.retry ajour.migrate"
STATUS = "ajour.cli.commands.status ajour.report.status"


def imported(folder: Path, url: str, *words: str) -> set[str]:
    """Run the command in a process of its own; return the modules that it imported."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    done = subprocess.run(
        [sys.executable, "-c", LISTED, *words],
        cwd=folder,
        env={**kept, "SUPABASE_DB_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    return {line.split()[1] for line in lines if line.startswith("MODULE ")}


def beyond(found: set[str], *listed: str) -> set[str]:
    """Return what is imported and is not listed; hooks of the environment are nobody's."""
    hooks = {"_distutils_hack", "sitecustomize", "usercustomize", "coverage"}
    return found - hooks - set(" ".join(listed).split())


def test_help_imports_no_command(tmp_path: Path) -> None:
    """`ajour --help` reads what the commands are for, and imports none of them."""
    found = imported(tmp_path, "", "--help")
    assert "click" in found
    assert not beyond(found, HELP), "import it where it is used, or list it here"


@pytest.mark.parametrize(("command", "own"), [("status", STATUS), ("migrate", MIGRATE)])
def test_a_command_with_nothing_to_do(
    project: Project, database_url: str, command: str, own: str
) -> None:
    """Where nothing is pending, nothing is imported that runs, splits or judges SQL."""
    project.migration("20240101_a.sql", "create table a (); insert into a default values;")
    first = imported(project.path, database_url, "migrate")
    assert first > {"ajour.db.apply", "ajour.sql.split"}
    found = imported(project.path, database_url, command)
    assert "psycopg" in found
    assert not beyond(found, HELP, DATABASE, own), "import it where it is used, or list it here"


def test_help_says_of_each_command_what_the_command_says() -> None:
    """What `ajour --help` reads in the files is what the commands themselves would say."""
    context = click.Context(app)
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None
        assert command.help
        assert inspect.cleandoc(_docstring(name)) == inspect.cleandoc(command.help)
