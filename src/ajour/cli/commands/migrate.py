"""ajour migrate: run all that is pending, in development."""

from typing import Any

import click

from ajour.cli.options import RUN, json_flag, open_project, say_where, settings, settings_flags
from ajour.cli.output import Output, summary
from ajour.report import machine, text


@click.command()
@settings_flags(*RUN)
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
@json_flag
@click.pass_obj
def command(output: Output, /, dry_run: bool, json: bool, **flags: Any) -> None:
    """Run all that is pending.

    Without a database URL it runs on an embedded PostgreSQL, kept in .ajour/. Each file runs in
    a transaction of its own and is recorded in it. Stops at the first failure.
    """
    found = settings(output, flags)
    with open_project(found) as project:
        say_where(output, project)
        output.findings(project.folder.findings)
        if dry_run:
            plan = project.plan(allow_out_of_order=True)
            output.findings(plan.findings)
            output.lines(text.plan(plan))
            if output.json:
                names = [item.migration.name for item in plan.pending]
                output.raw(machine.document("Plan", pending=names, findings=plan.findings))
            return
        applied = summary(project.migrate(allow_out_of_order=True, stop=output.stop), output)
        output.line(f"up to date: {applied} applied" if applied else "up to date")
        if output.json:
            output.raw(machine.document("UpToDate", applied=applied))
