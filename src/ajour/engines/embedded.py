"""The embedded server of a project: a PostgreSQL of its own, kept in the project's `.ajour/`.

It is made and started at the first use, and runs on until it is stopped. It listens on the
loopback address and wants a random password, which only the owner of `.ajour/` can read. It
writes to disk before it says "done", like any server. Linux and macOS.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from ajour.engines import base, serve
from ajour.engines.baseline import server_options
from ajour.engines.binaries import Binaries, find_binaries
from ajour.engines.cluster import Cluster, set_password
from ajour.engines.home import (
    PORTS,
    Home,
    Settings,
    home_of,
    locked,
    new_settings,
    read_settings,
    write_settings,
)
from ajour.engines.postmaster import find_postmaster
from ajour.engines.probe import answer, is_free
from ajour.engines.run_as import run_as
from ajour.engines.template import new_name
from ajour.errors import Refusal
from ajour.profiles import SUPABASE, Profile

LOG_LIMIT = 8 << 20
"""Bytes after which the log is begun anew at the next start."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a project's embedded server."""

    exists: bool
    """There are data, and maybe a server."""
    running: bool
    data: Path
    log: Path
    major: int | None = None
    profile: str | None = None
    port: int | None = None
    """Where it listens, or listened last."""
    pid: int | None = None


def ensure(
    project: Path,
    *,
    profile: Profile = SUPABASE,
    binaries: Path | None = None,
    storage_delete: str = "refuse",
) -> str:
    """Return the URL of the project's embedded server, which is made and started where needed.

    `binaries`: the PostgreSQL that the configuration names, see `find_binaries`.
    `storage_delete`: "allow" lets rows of Supabase's storage be deleted by SQL, "refuse" does not.
    A server that runs with the other answer is started anew.
    Any number of processes may call it at once; all get the same URL. Raises Refusal.
    """
    home, options = home_of(project), server_options(profile, storage_delete)
    running = _running(home, profile, options)
    if running is not None:
        return running
    with locked(home):
        settled = _settled(home, profile, options)
        return settled or _start(home, profile, find_binaries(binaries), options)


def address(project: Path) -> str | None:
    """Return the URL of the project's server if it runs. Starts nothing."""
    return _running(home_of(project))


def status(project: Path) -> Status:
    """Return what is known of the project's server. Starts and changes nothing."""
    home = home_of(project)
    settings, server = read_settings(home), find_postmaster(home.data)
    return Status(
        exists=home.major is not None,
        running=server is not None,
        data=home.data,
        log=home.log,
        major=home.major,
        profile=settings.profile if settings else None,
        port=server.port if server else settings.port if settings else None,
        pid=server.pid if server else None,
    )


def stop(project: Path) -> bool:
    """Stop the project's server; its data stay. Return whether one was running."""
    home = home_of(project)
    if not home.path.exists():
        return False
    with locked(home):
        return serve.stop(home.data)


def reset(
    project: Path,
    *,
    profile: Profile = SUPABASE,
    binaries: Path | None = None,
    storage_delete: str = "refuse",
) -> str:
    """Replace the project's server by a new one, roles and all; return its URL.

    All data in it are gone and its connections ended. The address and the password stay.
    The arguments are those of `ensure`.
    """
    home, options = home_of(project), server_options(profile, storage_delete)
    with locked(home):
        programs = find_binaries(binaries)
        serve.stop(home.data)
        _create(home, profile, programs)
        return _start(home, profile, programs, options)


def _running(
    home: Home, profile: Profile | None = None, options: tuple[str, ...] | None = None
) -> str | None:
    """Return the URL if the server runs as wanted and answers. Writes nothing, locks nothing."""
    settings, server = read_settings(home), find_postmaster(home.data)
    if settings is None or server is None or answer(server.port) != "ready":
        return None
    if profile is not None:
        _check_profile(settings, profile)
    return settings.url(server.port) if options in (None, settings.options) else None


def _settled(home: Home, profile: Profile, options: tuple[str, ...]) -> str | None:
    """Wait until the server is either up (its URL) or gone (None).

    Its starter may have been killed half-way; after a crash its last processes may still end.
    """
    began = time.monotonic()
    while serve.in_use(home.data):
        running = _running(home, profile, options)
        if running is not None:
            return running
        settings, server = read_settings(home), find_postmaster(home.data)
        if server is not None and (settings is None or settings.options != options):
            serve.stop(home.data)  # nobody knows its password any more, or another way is wanted
        if time.monotonic() - began > (serve.RECOVERY if server else serve.FIRST_WORD):
            raise Refusal(
                f"A server uses {home.data}, and it does not answer.",
                hint="Does it run in another container? Stop it there. "
                "Otherwise `ajour db stop` ends it.",
            )
        time.sleep(serve.POLL)
    return None


def _start(home: Home, profile: Profile, binaries: Binaries, options: tuple[str, ...]) -> str:
    """Start the server on its data, which are made first where there are none."""
    if not home.data.exists():
        _create(home, profile, binaries)
    cluster = _cluster(home, binaries)
    settings = read_settings(home)
    if settings is None:  # someone deleted the file: the data are worth more than a password
        settings = new_settings(home, profile.name)
        set_password(cluster, settings.password, durable=True)
        write_settings(home.data, settings)
    _check_profile(settings, profile)
    if home.log.exists() and home.log.stat().st_size > LOG_LIMIT:
        home.log.unlink()
    for port in _free_ports(settings.port):
        if serve.start(cluster, port, home.log, options):
            now = replace(settings, port=port, options=options)
            if now != settings:
                write_settings(home.data, now)
            return now.url(port)
        if is_free(port):  # so the port was not the reason
            break
    raise Refusal(
        "The embedded server does not start.",
        details=tuple(home.log.read_text("utf-8", "replace").splitlines()[-8:]),
        hint=f"The whole log is {home.log}. `ajour db reset` begins with new data.",
    )


def _create(home: Home, profile: Profile, binaries: Binaries) -> None:
    """Put new data in place of what is there; whole or not at all, by a rename."""
    old = read_settings(home)
    settings = replace(old, profile=profile.name) if old else new_settings(home, profile.name)
    new, gone = new_name(home.data), new_name(home.data)
    owner = home.data.stat().st_uid if home.data.exists() else None
    cluster = base.copy(home, new, profile, binaries, run_as(owner))
    set_password(cluster, settings.password)
    write_settings(new, settings)
    if home.data.exists():
        home.data.rename(gone)
    new.rename(home.data)
    shutil.rmtree(gone, ignore_errors=True)


def _cluster(home: Home, binaries: Binaries) -> Cluster:
    """Return the cluster in place: a PostgreSQL reads only the data of its own major version."""
    if home.major is None:
        raise Refusal(
            f"{home.data} holds no data of PostgreSQL, or they are damaged.",
            hint="`ajour db reset` begins with new data.",
        )
    if home.major != binaries.major:
        raise Refusal(
            f"The embedded server's data were made by PostgreSQL {home.major}; "
            f"the programs in {binaries.bin} are PostgreSQL {binaries.version}.",
            hint="`ajour db reset` begins with new data, or name the programs of that version.",
        )
    run = run_as(home.data.stat().st_uid)
    run.own(home.data)
    return Cluster(home.data, binaries, run)


def _check_profile(settings: Settings, profile: Profile) -> None:
    if settings.profile != profile.name:
        raise Refusal(
            f"The embedded server was made for the profile {settings.profile!r}; "
            f"the project now says {profile.name!r}.",
            hint="`ajour db reset` begins with new data.",
        )


def _free_ports(wanted: int) -> Iterator[int]:
    """Give the wanted port, then those after it, each if it is free when it is asked for."""
    after = PORTS.index(wanted) if wanted in PORTS else 0
    return filter(is_free, chain([wanted], PORTS[after + 1 :], PORTS[:after]))
