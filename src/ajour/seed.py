"""The project's seed files: rows for development, behind the migrations, never in a deploy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ajour import supabase
from ajour.api import Project, near
from ajour.db.seed import sow
from ajour.errors import Refusal
from ajour.events import Done, Event
from ajour.files import read_file
from ajour.model import Finding, Pending
from ajour.settings import Settings
from ajour.sql.steps import script


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seed files, read and cut into steps, so that what is wrong with them is said early."""

    items: tuple[Pending, ...] = ()
    findings: tuple[Finding, ...] = ()


def read(settings: Settings) -> Seeds:
    """Return the seeds that supabase/config.toml names, or supabase/seed.sql. Raises Refusal."""
    paths, findings = supabase.seed_files(supabase.read_config(near(settings.root)))
    files = [read_file(path) for path in paths]
    return Seeds(tuple(Pending(file, script(file)) for file in files), findings)


def check_development(project: Project) -> None:
    """Raise Refusal where the database is on another machine: a seed is for development."""
    if not project.target.is_local:
        raise Refusal(
            f"{project.target} is on another machine, and seed files are for development.",
            hint="Leave out --seed; or leave out the URL, and the embedded server is used.",
        )


def then_seed(project: Project, events: Iterable[Event], seeds: Seeds) -> Iterator[Event]:
    """Yield the events of a run of migrations, then those of the seed files behind it."""
    applied = []
    for happened in events:
        if isinstance(happened, Done):
            applied.append(happened.name)
        yield happened
    show = project.settings.show_detail
    yield from sow(project.session, seeds.items, tuple(applied), detail=show)
