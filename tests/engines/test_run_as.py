"""As whom PostgreSQL runs: it refuses root, and wants a user with a name."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ajour.engines import embedded, serve
from ajour.engines.binaries import find_binaries
from ajour.engines.cluster import set_password
from ajour.engines.probe import is_free
from ajour.engines.run_as import RunAs, as_user, run_as
from ajour.engines.template import copy_template
from ajour.profiles import PLAIN
from servers import connect

AS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody").pw_uid

USE = """
import os, sys
from pathlib import Path
from ajour.engines import embedded
from ajour.errors import Refusal
project = Path(sys.argv[1])
try:
    first = embedded.ensure(project)
    os.kill(embedded.status(project).pid, 9)
    assert embedded.ensure(project) == first
    assert embedded.stop(project)
    print("works as", os.geteuid())
except Refusal as refusal:
    print(refusal, refusal.hint)
"""

WAYS = [run_as(), as_user(NOBODY)] if AS_ROOT else [run_as()]
"""Root has two ways; the second is for containers that forbid namespaces."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that any user may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="ajour-user-"))
    yield made
    embedded.stop(made)
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Give a home, with the cache in it, that the tests share."""
    with tempfile.TemporaryDirectory(prefix="ajour-home-") as made:
        yield Path(made)


def use_as(uid: int, folder: Path, home: Path) -> str:
    """Use a server from start to stop, as the user `uid` where we may choose."""
    prefix: tuple[str, ...] = ()
    if AS_ROOT:
        os.chown(folder, uid, uid)
        os.chown(home, uid, uid)
        prefix = as_user(uid).prefix
    done = subprocess.run(
        [*prefix, sys.executable, "-c", USE, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(home), "XDG_CACHE_HOME": ""},
    )
    return done.stdout.strip()


@pytest.mark.parametrize("way", WAYS)
def test_each_way_runs_a_server(way: RunAs, tmp_path: Path) -> None:
    """Each way makes, starts and stops a server, below a folder that only the owner enters."""
    tmp_path.chmod(0o700)
    cluster = copy_template(tmp_path / "data", PLAIN, find_binaries(), way)
    set_password(cluster, "s3cr3t")
    port = next(port for port in range(33_000, 40_000) if is_free(port))
    assert serve.start(cluster, port, tmp_path / "log"), (tmp_path / "log").read_text()
    with connect(f"postgresql://postgres:s3cr3t@127.0.0.1:{port}/postgres") as connection:
        rows = connection.execute("select rolsuper from pg_roles where rolname = current_user")
        assert rows.fetchall() == [(True,)]
    assert serve.stop(cluster.data)
    assert {path.stat().st_uid for path in cluster.data.rglob("*")} == {way.uid}
    assert tmp_path.stat().st_uid == os.geteuid()


def test_an_ordinary_user(folder: Path, home: Path) -> None:
    """A user without any privilege uses it like everyone else."""
    uid = NOBODY if AS_ROOT else os.geteuid()
    assert use_as(uid, folder, home) == f"works as {uid}"
    assert (folder / ".ajour" / "data").stat().st_uid == uid


def test_root_after_an_ordinary_user(folder: Path, home: Path) -> None:
    """Root runs the server of a user's project as that user, who can go on with it."""
    uid = NOBODY if AS_ROOT else os.geteuid()
    use_as(uid, folder, home)
    with connect(embedded.ensure(folder)) as connection:
        connection.execute("create table made_by_root ()")
    embedded.stop(folder)
    assert {path.stat().st_uid for path in (folder / ".ajour" / "data").rglob("*")} == {uid}
    assert use_as(uid, folder, home) == f"works as {uid}"


def test_a_user_without_a_name(folder: Path) -> None:
    """A user id that the system has no name for gets a server, or the reason why not."""
    uid = 54_321 if AS_ROOT else os.geteuid()
    said = use_as(uid, folder, folder)
    assert said == f"works as {uid}" or "needs a user with a name" in said
