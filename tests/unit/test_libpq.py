"""libpq without the rest of psycopg: in a process of its own each, as it stays that way."""

import subprocess
import sys
from pathlib import Path

ALONE = """
import sys
from ajour.db.libpq import import_alone
import_alone()
from psycopg.pq import PGconn, version
from psycopg.errors import OperationalError
print(version() > 0, PGconn.connect_start(b"port=x").status)
print(*(name in sys.modules for name in ("psycopg.connection", "asyncio")))
import asyncio
print(asyncio.run(asyncio.sleep(0, 7)))
"""

AFTER = """
import psycopg
from ajour.db.libpq import import_alone
import_alone()
print(psycopg.connect.__name__)
"""

NEEDS_ITS_INIT = """
from ajour.db.libpq import import_alone
import_alone()
from psycopg.pq import answer
print(answer)
"""


def run(program: str, *paths: Path) -> str:
    """Run Python code, with packages of other folders in front."""
    code = f"import sys; sys.path[:0] = {[str(each) for each in paths]!r}\n{program}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_driver_stays_out() -> None:
    """What ajour uses works, and the rest was not imported; asyncio can be, later."""
    assert run(ALONE).splitlines() == ["True 1", "False False", "7"]


def test_a_driver_that_is_there_stays_whole() -> None:
    """Who has imported psycopg keeps it."""
    assert run(AFTER) == "connect"


def test_a_version_that_cannot_be_had_alone_comes_whole(tmp_path: Path) -> None:
    """Then nothing is gained, and nothing broken."""
    package = tmp_path / "psycopg"
    package.mkdir()
    (package / "__init__.py").write_text("secret = 42\n")
    (package / "pq.py").write_text("from psycopg import secret as answer\n")
    assert run(NEEDS_ITS_INIT, tmp_path) == "42"
