"""ajour migrate: run all that is pending, in development."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ajour.api import Project
from ajour.cli.options import (
    RUN,
    held,
    hint_at_base,
    json_flag,
    open_project,
    plan_flag,
    say_stand_ins,
    say_where,
    settings,
    settings_flags,
)
from ajour.cli.output import Output, summary
from ajour.events import Event
from ajour.report import machine, text


@click.command()
@settings_flags(*RUN)
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
@click.option("--seed", is_flag=True, help="Run the seed files as well, in development only.")
@plan_flag
@json_flag
@click.pass_obj
def command(
    output: Output, /, dry_run: bool, seed: bool, agreed: Path | None, json: bool, **flags: Any
) -> None:
    """Run all that is pending.

    Without a database URL it runs on an embedded PostgreSQL, kept in .ajour/. Each file runs in
    a transaction of its own and is recorded in it. Stops at the first failure.
    """
    found = settings(output, flags)
    with open_project(found) as project:
        project.session.begin()  # while the files are read
        say_where(output, project)
        output.findings(project.folder.findings)
        hold = held(project, agreed)
        if hold:
            hold(project.plan(allow_out_of_order=True))
        if dry_run:
            plan = project.plan(allow_out_of_order=True)
            output.grouped(plan.findings)
            output.lines(text.plan(plan))
            if output.json:
                names = [item.migration.name for item in plan.pending]
                output.raw(machine.document("Plan", pending=names, findings=plan.findings))
            return
        events = project.migrate(allow_out_of_order=True, stop=output.stop, before=hold)
        if seed:
            events = _seeded(output, project, events)
        with hint_at_base(project):
            applied = summary(events, output)
        output.line(f"up to date: {applied} applied" if applied else "up to date")
        stand_ins = say_stand_ins(output, project)
        if output.json:
            output.raw(machine.document("UpToDate", applied=applied, stand_ins=stand_ins))


def _seeded(output: Output, project: Project, events: Iterator[Event]) -> Iterator[Event]:
    """Return the run with the seed files behind it. Raises Refusal."""
    from ajour import seed

    seed.check_development(project)
    seeds = seed.read(project.settings)
    output.findings(seeds.findings)
    return seed.then_seed(project, events, seeds)
