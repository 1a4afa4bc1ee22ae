"""The starting point of a project's embedded server: a cluster that new data are copied from.

Without one they are copied from the profile's template. It is made from a real database's
schema, kept in `.ajour/base/`, and stays until it is replaced or removed.
"""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ajour.engines import serve
from ajour.engines.binaries import Binaries, find_binaries
from ajour.engines.cluster import Cluster, set_password
from ajour.engines.home import PORTS, Home, Settings, home_of, locked
from ajour.engines.probe import is_free
from ajour.engines.run_as import RunAs, run_as
from ajour.engines.template import copy_template, new_name
from ajour.errors import Refusal
from ajour.profiles import Profile

NAME = "base.json"
"""What says of the base where it came from; it lies in it."""


@dataclass(frozen=True, slots=True)
class Base:
    """Where a base came from."""

    source: str
    """The database or the file, without any secret."""
    profile: str
    major: int


def read(project: Path) -> Base | None:
    """Return what is known of the project's base, None when it has none."""
    return _read(home_of(project))


def make(
    project: Path,
    source: str,
    fill: Callable[[str], None],
    *,
    profile: Profile,
    binaries: Path | None = None,
) -> None:
    """Make a base: `fill` gets the URL of a new server and puts into it what is to be there.

    When it raises, nothing has changed. The embedded server itself stays as it is. Raises Refusal.
    """
    home = home_of(project)
    with locked(home):
        programs = find_binaries(binaries)
        new, gone = new_name(home.base), home.base.with_name("base.new-old")
        cluster = copy_template(new, profile, programs, run_as())
        try:
            with serving(cluster, profile) as url:
                fill(url)
            base = Base(source, profile.name, programs.major)
            (new / NAME).write_text(json.dumps(asdict(base)), "utf-8")
            if home.base.exists():
                home.base.rename(gone)
            new.rename(home.base)
        finally:
            for left in (new, gone):
                shutil.rmtree(left, ignore_errors=True)
            new.with_name(f"{new.name}.lock").unlink(missing_ok=True)


def remove(project: Path) -> bool:
    """Remove the base; new data begin with the template again. Return whether there was one."""
    home = home_of(project)
    if not home.base.exists():
        return False
    with locked(home):
        shutil.rmtree(home.base)
    return True


def copy(home: Home, data: Path, profile: Profile, binaries: Binaries, run: RunAs) -> Cluster:
    """Make `data` a new cluster, from the base or else from the template. Raises Refusal."""
    base = _read(home)
    if base is None:
        return copy_template(data, profile, binaries, run)
    if (base.profile, base.major) != (profile.name, binaries.major):
        raise Refusal(
            f"The embedded server begins with a copy of {base.source}, made for PostgreSQL"
            f" {base.major} and the profile {base.profile!r}; now it is PostgreSQL"
            f" {binaries.major} and {profile.name!r}.",
            hint="Make it anew: ajour db base --from …; or begin with nothing: ajour db base"
            " --none.",
        )
    shutil.copytree(home.base, data)
    run.own(data)
    return Cluster(data, binaries, run)


def _read(home: Home) -> Base | None:
    try:
        return Base(**json.loads((home.base / NAME).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def serving(cluster: Cluster, profile: Profile, options: Sequence[str] = ()) -> Iterator[str]:
    """Run a server as `begin` does for as long as the body takes; yield its URL."""
    try:
        yield begin(cluster, profile, options)
    finally:
        serve.stop(cluster.data)
        _log(cluster).unlink(missing_ok=True)


def begin(cluster: Cluster, profile: Profile, options: Sequence[str] = ()) -> str:
    """Start a server on a cluster that is nobody's yet; return its URL. `serve.stop` ends it.

    Nothing is synced to disk meanwhile. `options` are settings of the server. Raises Refusal when
    it does not start.
    """
    settings = Settings(secrets.token_urlsafe(24), PORTS[0], profile.name)
    set_password(cluster, settings.password)
    log = _log(cluster)
    for port in filter(is_free, PORTS):
        if serve.start(cluster, port, log, ("fsync=off", "autovacuum=off", *options)):
            break
        if is_free(port):  # so the port was not the reason
            raise Refusal(
                "A throwaway server does not start.",
                details=tuple(log.read_text("utf-8", "replace").splitlines()[-8:]),
            )
    return replace(settings, port=port).url(port)


def _log(cluster: Cluster) -> Path:
    return cluster.data.with_name(f"{cluster.data.name}.log")
