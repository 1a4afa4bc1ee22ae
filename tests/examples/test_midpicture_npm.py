"""The example as its team uses it: npm, TypeScript, and ajour behind them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ajour.engines import embedded
from lacking import leave_out
from projects import environment
from servers import connect

EXAMPLE = Path(__file__).parents[2] / "examples/midpicture"
MADE = shutil.ignore_patterns("node_modules", "dist", ".ajour", ".env")

ADA = "6f0c3b1e-0d0a-4f57-9c55-0a5a3f0c1a11"

LIFE = """
import postgres from "postgres";
import { enqueue, startNext, succeed, newest } from "./dist/generations.js";

const sql = postgres(process.env.SUPABASE_DB_URL);
const { id } = await enqueue(sql, process.argv[2], "a lighthouse in the fog");
await enqueue(sql, process.argv[2], "the same, at night");
const first = await startNext(sql);
const second = await startNext(sql); // while the first one runs
await succeed(sql, id, "grid.png", ["1.png", "4.png"]);
const third = await startNext(sql);
const rows = (await newest(sql)).map((row) => [row.prompt, row.status, row.upscaled_urls]);
console.log(JSON.stringify([first?.prompt, second?.prompt ?? null, third?.prompt, rows]));
await sql.end();
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the example after `npm ci`."""
    if shutil.which("npm") is None:
        leave_out("needs Node with npm")
    folder = tmp_path_factory.mktemp("installed") / "midpicture"
    shutil.copytree(EXAMPLE, folder, ignore=MADE)
    done = run(folder, "ci")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def midpicture(installed: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the example of one's own, with its packages installed."""
    folder = tmp_path / "midpicture"
    shutil.copytree(installed, folder, symlinks=True)
    yield folder
    embedded.stop(folder)


def run(folder: Path, *words: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `npm <words>` with our ajour in front of any other."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    named = {} if url is None else {"SUPABASE_DB_URL": url}
    return subprocess.run(
        ["npm", *words],
        cwd=folder,
        env=environment() | {"PATH": path} | named,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query gives."""
    with connect(url) as db:
        return db.execute(sql.encode()).fetchall()


def test_build_twice(midpicture: Path, database_url: str) -> None:
    """A build compiles, applies and records; a second one succeeds and applies nothing."""
    first = run(midpicture, "run", "build", url=database_url)
    assert first.returncode == 0, first.stderr
    assert (midpicture / "dist/main.js").is_file()
    listed = rows(database_url, "select name, executed_at from migrations order by name")
    assert [name for name, _ in listed] == [
        path.name for path in sorted((EXAMPLE / "supabase/migrations").iterdir())
    ]
    second = run(midpicture, "run", "build", url=database_url)
    assert second.returncode == 0, second.stderr
    assert rows(database_url, "select name, executed_at from migrations order by name") == listed


def test_a_type_error_applies_nothing(midpicture: Path, database_url: str) -> None:
    """When TypeScript does not compile, the build fails and the database is as it was."""
    with (midpicture / "src/main.ts").open("a") as source:
        source.write('const answer: number = "forty-two";\n')
    done = run(midpicture, "run", "build", url=database_url)
    assert done.returncode != 0
    assert "TS2322" in done.stdout + done.stderr
    assert rows(database_url, "select from pg_tables where schemaname = 'public'") == []


def test_build_without_a_url(midpicture: Path) -> None:
    """A build never falls back to the embedded server: without a URL it refuses."""
    done = run(midpicture, "run", "build")
    assert done.returncode != 0
    assert "SUPABASE_DB_URL" in done.stderr
    assert not embedded.status(midpicture).exists


def test_migrate_without_a_url(midpicture: Path) -> None:
    """`npm run db:migrate` without a URL uses the embedded server."""
    done = run(midpicture, "run", "db:migrate")
    assert done.returncode == 0, done.stderr
    url = embedded.address(midpicture)
    assert url is not None
    assert rows(url, "select count(*) from migrations") == [(3,)]
    assert rows(url, "select count(*) from generations") == [(0,)]


def test_the_code_reads_and_writes_generations(midpicture: Path, database_url: str) -> None:
    """The compiled TypeScript takes generations through their life, one running at a time."""
    built = run(midpicture, "run", "build", url=database_url)
    assert built.returncode == 0, built.stderr
    with connect(database_url) as db:
        db.execute("insert into auth.users (id) values (%s)", [ADA])
    (midpicture / "life.mjs").write_text(LIFE)
    done = run(midpicture, "exec", "--", "node", "life.mjs", ADA, url=database_url)
    assert done.returncode == 0, done.stderr
    first, second, third, newest = json.loads(done.stdout)
    assert (first, second, third) == ("a lighthouse in the fog", None, "the same, at night")
    assert newest == [
        ["the same, at night", "running", []],
        ["a lighthouse in the fog", "succeeded", ["1.png", "4.png"]],
    ]
    shown = run(midpicture, "start", "--silent", url=database_url)
    assert [line.split("  ")[1].strip() for line in shown.stdout.splitlines()] == [
        "running",
        "succeeded",
    ]
