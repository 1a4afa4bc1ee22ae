"""ajour deploy: build, then run all that is pending, then see that nothing is."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from ajour.api import Project
from ajour.cli.options import (
    BACKUP,
    RUN,
    held,
    json_flag,
    open_project,
    plan_flag,
    say_where,
    settings,
    settings_flags,
)
from ajour.cli.output import Output, summary
from ajour.errors import Refusal, UsageError
from ajour.model import Plan
from ajour.report import machine
from ajour.settings import Settings

INSIDE = "AJOUR_DEPLOY"
"""Set for the build step, which must not come back here."""


@click.command()
@settings_flags(*RUN, "build", "allow_out_of_order", "backup", *BACKUP)
@click.option("--no-drift", is_flag=True, help="Refuse where `ajour drift` finds a difference.")
@click.option(
    "--require-rehearsal",
    "proof",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Refuse without the proof of `ajour rehearse` that this was rehearsed for this database.",
)
@plan_flag
@json_flag
@click.pass_obj
def command(
    output: Output,
    /,
    no_drift: bool,
    proof: str | None,
    agreed: Path | None,
    json: bool,
    **flags: Any,
) -> None:
    """Build, then run all that is pending, then see that nothing is.

    First all is looked at: files, connection, history. Then the build step runs, if one is
    set; if it fails, the database is not touched. There is no embedded server here: without a
    database URL it refuses. It also refuses what `ajour check` has an error to say of, unless
    the file allows it with a reason. Before what destroys or rewrites, it saves the database:
    see `ajour backup`.
    """
    if INSIDE in os.environ:
        raise UsageError(
            "The build step of `ajour deploy` runs `ajour deploy` again.",
            hint="Let `build` name the step that compiles, such as npm run compile.",
        )
    found = settings(output, flags)
    order = found.allow_out_of_order
    with open_project(found, embedded=False) as project:
        project.session.begin()  # while the files are read
        say_where(output, project)
        output.findings(project.folder.findings)
        order = _rehearsed(project, proof, order)
        hold = held(project, agreed)
        plan = project.plan(allow_out_of_order=order, consent=True)
        if hold:
            hold(plan)
        if no_drift:
            _check_drift(output, project)
    if found.build:
        _build(output, found, found.build)
    # Read anew: the build may have taken long, and it may have written files.
    with open_project(found, embedded=False) as project:
        project.session.begin()
        order = _rehearsed(project, proof, found.allow_out_of_order)
        events = project.migrate(
            allow_out_of_order=order,
            consent=True,
            stop=output.stop,
            before=partial(_save, output, project, agreed),
        )
        applied = summary(events, output)
        left = project.compare().pending
        if left:
            raise Refusal(
                f"After the run {left[0].name} is pending.",
                hint="Something else writes to the folder or the history. Run ajour again.",
            )
    output.line(f"up to date: {applied} applied" if applied else "up to date")
    if output.json:
        output.raw(machine.document("UpToDate", applied=applied))


def _rehearsed(project: Project, proof: str | None, order: bool) -> bool:
    """Return whether files may run out of order. Raises Refusal where a proof is missing."""
    if proof is None:
        return order
    from ajour.rehearse.proof import require

    return require(project, Path(proof) if proof else None, allow_out_of_order=order)


def _check_drift(output: Output, project: Project) -> None:
    """Raise Refusal when the database is not what its applied migrations make."""
    from ajour import drift
    from ajour.report import drift as report

    seen = drift.find(project)
    output.findings(seen.findings)
    said = report.summary(seen.differences, seen.replayed, seen.base)
    if seen.differences:
        raise Refusal(
            f"The database has drifted: {said}.",
            details=tuple(report.lines(seen.differences)),
            hint="Bring it back, or write a migration that makes it so; `ajour drift` looks again.",
        )
    output.line(said)


def _save(output: Output, project: Project, agreed: Path | None, plan: Plan) -> None:
    """Save the database where that is asked for. Raises Refusal: then nothing runs.

    It is also raised where the plan is not the one that was `agreed` on.
    """
    if hold := held(project, agreed):
        hold(plan)
    if project.settings.backup == "never":
        return
    from datetime import UTC, datetime

    from ajour.backup.major import save_first
    from ajour.report import backup as report

    made = save_first(project, plan, datetime.now(UTC))
    if made is None:
        return
    output.line(report.made(made.backup))
    if output.json:
        output.raw(machine.document("Backup", **report.content(made.backup)))


def _build(output: Output, found: Settings, words: tuple[str, ...]) -> None:
    """Run the build step; with --json its words go to standard error."""
    from shlex import join

    output.line(f"build: {join(words)}")
    try:
        done = subprocess.run(  # noqa: S603 - the words of the project's own settings; no shell
            words,
            cwd=found.root,
            env=os.environ | {INSIDE: "1"},
            stdout=sys.stderr if output.json else None,
            check=False,
        )
    except OSError as error:
        raise UsageError(
            f"The build step cannot be run: {words[0]}: {error.strerror}.",
            hint=f"build, from {found.origins['build']}, names a program and its words.",
        ) from None
    if done.returncode != 0:
        raise Refusal(
            f"The build step failed (exit code {done.returncode}); the database was not touched.",
            hint=f"Mend what `{join(words)}` complains about, then deploy again.",
        )
