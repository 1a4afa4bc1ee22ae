"""The command `ajour`: finds the commands, and turns every error into words and an exit code."""

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import NoReturn

import click

from ajour import __version__, errors
from ajour.cli.output import Output
from ajour.cli.signals import Signals
from ajour.redact import passwords_in, redact

EXIT_CODES: dict[type[BaseException], int] = {
    errors.UsageError: 2,
    errors.Refusal: 3,
    errors.MigrationFailed: 4,
    errors.InDoubt: 5,
    errors.Interrupted: 130,
}
"""0 is done, 1 findings or differences, 70 a bug of ours; docs/exit-codes.md tells them all.
After SIGTERM an interrupted run exits with 143."""

BUG = 70
_COMMANDS = Path(__file__).with_name("commands")
_DOCSTRING = re.compile(r'^def command\(.*?^    """(.*?)"""', re.DOTALL | re.MULTILINE)


class Commands(click.Group):
    """The files of the folder commands/, each imported only when its command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the files."""
        return sorted(path.stem for path in _COMMANDS.glob("*.py") if not path.stem.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command: the object `command` of its file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        from importlib import import_module

        command: click.Command = import_module(f"ajour.cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command is for. That is read in its file: importing all takes longest."""
        names = self.list_commands(ctx)
        width = formatter.width - 6 - max(map(len, names))
        short = [click.Command(each, help=_docstring(each)) for each in names]
        with formatter.section("Commands"):
            formatter.write_dl([(str(each.name), each.get_short_help_str(width)) for each in short])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="ajour %(version)s")
def app() -> None:
    """Bring a PostgreSQL or Supabase database up to date with a folder of SQL files."""


def main() -> None:
    """Run the command line. The one place where errors become words and exit codes."""
    signals = Signals()
    output = Output(json="--json" in sys.argv[1:], stop=signals.stop)
    try:
        signals.stop.admit()
        code = app(prog_name="ajour", standalone_mode=False, obj=output)
    except click.exceptions.Exit as done:
        _leave(output, done.exit_code)
    except (click.Abort, KeyboardInterrupt):  # a signal, or no to a question
        output.warn("stopped" if signals.number else "stopped; nothing was changed")
        _leave(output, signals.exit_code)
    except click.exceptions.NoArgsIsHelpError as nothing:  # `ajour` alone is a question
        output.raw(nothing.ctx.get_help() if nothing.ctx else "")
        _leave(output, 0)
    except click.ClickException as problem:
        hint = "ajour --help" if not isinstance(problem, click.UsageError) else _help(problem)
        output.error(errors.UsageError(problem.format_message(), hint=hint), 2)
        _leave(output, 2)
    except errors.AjourError as problem:
        code = next(code for kind, code in EXIT_CODES.items() if isinstance(problem, kind))
        output.error(problem, code)
        _leave(output, signals.exit_code if isinstance(problem, errors.Interrupted) else code)
    except Exception as bug:  # noqa: BLE001 - the boundary: whatever is left is a bug of ours
        _report(bug)
        _leave(output, BUG)
    else:
        _leave(output, code if isinstance(code, int) else 0)


def _docstring(command: str) -> str:
    found = _DOCSTRING.search((_COMMANDS / f"{command}.py").read_text("utf-8"))
    return found[1] if found else ""


def _help(problem: click.UsageError) -> str:
    path = problem.ctx.command_path if problem.ctx else "ajour"
    return f"{path} --help"


def _leave(output: Output, code: int) -> NoReturn:
    """End the process at once: to take apart what it has read would take a tenth of its time."""
    output.stop.deferred = True  # a first signal comes too late now
    output.close()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def _report(bug: Exception) -> None:
    from traceback import format_exception

    text = "".join(format_exception(bug))
    sys.stderr.write(redact(text, _secrets()))
    sys.stderr.write("This is a bug of ajour. Please report it with the lines above.\n")


def _secrets() -> set[str]:
    """Return what must not be printed: the passwords of the command line, environment and .env."""
    from ajour.tomlfile import find_root

    names = ("SUPABASE_DB_URL", "DATABASE_URL")
    texts = [*sys.argv, *(os.environ.get(name, "") for name in names)]
    with contextlib.suppress(OSError):  # without one, nothing of it can be printed
        texts.append((find_root(Path.cwd()) / ".env").read_text("utf-8", "replace"))
    found = {os.environ.get("PGPASSWORD", "")}.union(*map(passwords_in, texts))
    return {secret for secret in found if len(secret) > 2}
