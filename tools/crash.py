"""Ends runs at random moments, and sees that nothing is lost, nothing runs twice, nothing lies.

    make crash ARGS="--rounds 1000 --seed 7"

A round is a random project on a new database. `ajour migrate` is run, and something happens to it:
it is killed or interrupted, its server process is terminated, or its line is cut. It is run again
until it is done, and not always left in peace. After each run the history is compared with what
the files themselves have written down, and with what the run said of itself; at the end the
database must equal one that the same project was applied to undisturbed.

On a failure it prints how to see it again, and exits with 1. The moments depend on the machine's
mood: the same seed gives the same projects and the same plan of what happens when.
"""

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash_projects import Project, make_project
from psycopg import Error

from poolers import pgbouncer
from projects import environment
from proxies import COMMIT, COMMITTED, Line, proxy
from servers import Connection, Server, connect, running

ENDS = {
    "killed": {-signal.SIGKILL, 0},
    "interrupted": {128 + signal.SIGINT, 0},
    "told to end": {128 + signal.SIGTERM, 0},
    "terminated": {0, 3, 4},
    "cut": {0, 3, 4},
    "in peace": {0},
}
"""What may happen to a run, and the exit codes that may follow. 3: it had not begun yet. 4: it
was hit twice at the same place, or between two files."""

RUNS = 25
"""In so many runs, most of them disturbed, each project must be through."""

QUIET = 10.0
"""Seconds until the server must have noticed that nobody is there any more."""

FINGERPRINT = (Path(__file__).with_name("crash.sql")).read_text("utf-8")


class Wrong(Exception):
    """What must never be."""


def main() -> int:
    """Run the rounds; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--only", type=int, help="run this round alone, and tell all of it")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    asked = parser.parse_args()
    rounds = range(asked.rounds) if asked.only is None else [asked.only]
    print(f"seed {asked.seed}, {len(rounds)} rounds", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # all that was started ends with us
    began = time.monotonic()
    multiprocessing.set_forkserver_preload(["__main__", "psycopg", "ajour.api", "ajour.sql.parse"])
    with running() as server, pgbouncer(server.url("postgres")) as pooled:
        pooler = pooled.partition("@")[2].partition("/")[0]
        world = World(server.port, server.folder, pooler, asked.seed)
        # Processes, not threads: multiprocessing mixes up the exit codes that threads wait for.
        forkserver = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(asked.jobs, forkserver) as workers:
            try:
                done = list(workers.map(world.round, rounds))
            except KeyboardInterrupt:
                workers.shutdown(cancel_futures=True)
                return 130
    if asked.only is not None:
        print(done[0].told())
    failed = [each for each in done if each.wrong]
    for each in failed:
        print(f"round {each.number} failed: {each.wrong}\n{each.told()}", file=sys.stderr)
        print(f"again: make crash ARGS='--seed {asked.seed} --only {each.number}'", file=sys.stderr)
    happened = Counter(what for each in done for what, _ in each.happened)
    files = sum(len(each.project.files) for each in done)
    print(", ".join(f"{count} {what}" for what, count in happened.most_common()))
    said = "".join(text for each in done for text in each.said)
    settled = {
        what: said.count(what) for what in ("was lost", "was broken off", "brought it about")
    }
    print("the runs say: " + ", ".join(f"{count} {what}" for what, count in settled.items()))
    seconds = time.monotonic() - began
    print(f"{len(done) - len(failed)} of {len(done)} rounds, {files} files, in {seconds:.0f} s")
    return 1 if failed else 0


@dataclass
class World:
    """Where the rounds take place."""

    port: int
    folder: Path
    """Of the server."""
    pooler: str
    """Host and port of a pooler of transactions before the server."""
    seed: int

    def round(self, number: int) -> "Round":
        """Run one round."""
        server = Server(self.port, self.folder, itertools.count(10 * (number + 1)))
        dice = random.Random(f"{self.seed}/{number}")
        pooled = dice.random() < 0.2
        story = Round(number, dice, make_project(dice, transactional=pooled), pooled)
        with (
            tempfile.TemporaryDirectory(prefix="ajour-crash-") as folder,
            server.database(supabase=False) as undisturbed,
            server.database(supabase=False) as url,
        ):
            story.folder = Path(folder)
            migrations = story.folder / "supabase" / "migrations"
            migrations.mkdir(parents=True)
            for name, text in story.project.files.items():
                (migrations / name).write_text(text)
            reached = url.replace(f"127.0.0.1:{self.port}", self.pooler) if pooled else url
            try:
                story.undisturbed(undisturbed)
                with connect(url) as db, proxy(reached) as line, application(url, dice.random()):
                    story.disturbed(db, line)
            except Wrong as wrong:
                story.wrong = str(wrong)
        return story


@dataclass
class Round:
    """One project, and all that happens to it."""

    number: int
    dice: random.Random
    project: Project
    pooled: bool
    folder: Path = Path()
    seconds: float = 0.0
    """How long it takes undisturbed."""
    goal: Any = None
    happened: list[tuple[str, float]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    wrong: str = ""

    def told(self) -> str:
        """Return the story of the round."""
        files = "\n".join(f"--- {name}\n{text}" for name, text in self.project.files.items())
        return "\n".join([files, *self.said])

    def undisturbed(self, url: str) -> None:
        """Apply the project in peace, to know what is to come of it and how long it takes."""
        run = Run(self.folder, url, "1MB")
        run.finish()
        self.seconds = run.seconds
        if run.code != 0:
            raise Wrong(f"undisturbed it exits with {run.code}:\n{run.said()}")
        with connect(url) as db:
            self.goal = fingerprint(db)

    def disturbed(self, db: Connection, line: Line) -> None:
        """Apply it until it is done, and compare after each run."""
        for turn in range(RUNS):
            before = history(db)
            what = self.dice.choice(tuple(ENDS)) if turn < RUNS - 1 else "in peace"
            run = Run(self.folder, line.url, self.dice.choice(["1", "2kB", "1MB"]))
            self.disturb(what, run, db, line)
            run.finish()
            line.traps.clear()
            self.said.append(f"--- run {turn + 1}, {what}: exit code {run.code}\n{run.said()}")
            settle(db, pooled=self.pooled)
            self.compare(db, run, what, before)
            if run.code == 0:
                break
        if fingerprint(db) != self.goal:
            raise Wrong(f"the database is another one:\n{fingerprint(db)}\nnot\n{self.goal}")

    def disturb(self, what: str, run: "Run", db: Connection, line: Line) -> None:
        """Do to a run what is to happen to it, at a random moment."""
        moment = self.dice.uniform(0, self.seconds * 1.2)
        place = self.dice.choice(["anywhere", "before COMMIT", "after COMMIT"])
        nth = self.dice.randint(1, len(self.project.files) + 2)
        self.happened.append((what, moment))
        if what == "cut" and place != "anywhere":
            line.cut_at(COMMIT if place == "before COMMIT" else COMMITTED, nth)
            return
        word = self.dice.choice([None, None, "concurrently", "concurrently", "^commit", "pg_sleep"])
        if word:  # a moment in such a statement, if there is one
            moment = self.dice.uniform(0, 0.03)
            while not db.execute(
                f"select {OURS} and state = 'active' and query ~ '{word}'"
            ).rowcount:
                if run.ends_within(0.002):
                    return
        if what == "in peace" or run.ends_within(moment):
            return
        match what:
            case "cut":
                line.cut()
            case "terminated":
                db.execute(f"select pg_terminate_backend(pid) {OURS}")
            case "killed":
                run.send(signal.SIGKILL)
            case "interrupted":
                run.send(signal.SIGINT)
            case "told to end":
                run.send(signal.SIGTERM)

    def compare(self, db: Connection, run: "Run", what: str, before: list[str]) -> None:
        """See that history, files and run tell the same story. Raises Wrong."""
        if run.code not in ENDS[what]:
            raise Wrong(f"exit code {run.code} after it was {what}")
        after, names = history(db), list(self.project.files)
        if after != names[: len(after)] or after[: len(before)] != before:
            raise Wrong(f"the history is {after} after {before}")
        if run.code == 0 and after != names:
            raise Wrong(f"exit code 0, and the history is {after}")
        # A killed run's last COMMIT may take effect when the next one has begun: before its own.
        new, said = after[len(before) :], run.applied()
        if run.code != -signal.SIGKILL and new[len(new) - len(said) :] != said:
            raise Wrong(f"it says {said}, and applied were {new}")
        done = progress(db)
        expected = {
            (name, step)
            for name, steps in self.project.steps.items()
            for step in steps
            if name in after or step <= done.get(name, 0)
        }
        if logged(db) != Counter(expected):
            raise Wrong(f"logged is {sorted(logged(db).elements())}, not {sorted(expected)}")


class Run:
    """A run of the real command, in a process of its own. It is forked: Python starts slowly."""

    def __init__(self, folder: Path, url: str, window: str) -> None:
        self.output = folder / f"said-{time.monotonic_ns()}"
        context = multiprocessing.get_context("forkserver")
        words = ["ajour", "migrate", "--json", "--window", window, "--wait", "20s"]
        self.process = context.Process(target=command, args=(folder, url, words, self.output))
        self.began = time.monotonic()
        self.process.start()
        self.seconds = 0.0

    def ends_within(self, seconds: float) -> bool:
        """Tell whether it ends by itself."""
        self.process.join(seconds)
        return self.process.exitcode is not None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, once it listens to such, if it is still there."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.process.pid}/status")
            while not int(status.read_text().partition("SigCgt:")[2].split()[0], 16) >> 14 & 1:
                time.sleep(0.002)  # Linux alone tells; bit 14 is SIGTERM
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid or 0, number)

    def finish(self) -> None:
        """Wait for its end. Raises Wrong when that does not come."""
        if not self.ends_within(60):
            self.process.kill()
            self.process.join()
            raise Wrong(f"it does not end:\n{self.said()}")
        self.seconds = time.monotonic() - self.began

    @property
    def code(self) -> int:
        """Its exit code."""
        return self.process.exitcode if self.process.exitcode is not None else -1

    def said(self) -> str:
        """Return its words."""
        return self.output.read_text() if self.output.exists() else ""

    def applied(self) -> list[str]:
        """Return the migrations that it says it applied."""
        lines = (json.loads(line) for line in self.said().splitlines() if line.startswith("{"))
        return [each["name"] for each in lines if each["kind"] == "Done"]


@contextlib.contextmanager
def application(url: str, chance: float) -> Iterator[None]:
    """Let an application be at work meanwhile, for whose transactions CONCURRENTLY has to wait."""
    over = threading.Event()

    def work() -> None:
        with connect(url) as db:
            while not over.wait(0.005):
                with contextlib.suppress(Error), db.transaction():  # its table may not be there yet
                    db.execute("update t0 set a = a where id = 1")
                    db.execute("insert into s select 0, 0 where false")
                    db.execute("select pg_sleep(0.02)")

    thread = threading.Thread(target=work)
    if chance < 0.5:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if chance < 0.5:
            thread.join()


def command(folder: Path, url: str, words: list[str], output: Path) -> None:
    """Be the command `ajour`: in the new process, with its own folder, environment and output."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.chdir(folder)
    kept = environment() | {"SUPABASE_DB_URL": url}
    os.environ.clear()
    os.environ.update(kept)
    sys.argv = words
    from ajour.cli.main import main

    main()


OURS = """from pg_stat_activity
  where datname = current_database() and application_name like 'ajour%' and pid <> pg_backend_pid()
"""


def settle(db: Connection, *, pooled: bool) -> None:
    """Wait until nobody works for a run any more. Raises Wrong when somebody stays.

    What idles may have much to read still. So the processes must have gone; only a pooler's stay.
    """
    idle = "and (state <> 'idle' or state_change > clock_timestamp() - interval '0.1 s')"
    works = f"select pid, state, query {OURS} {idle if pooled else ''}"
    locks = """select pid from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())"""
    end = time.monotonic() + QUIET
    while left := db.execute(works).fetchall() + db.execute(locks).fetchall():
        if time.monotonic() > end:
            raise Wrong(f"still there: {left}")
        time.sleep(0.02)


def fingerprint(db: Connection) -> list[Any]:
    """Return all that makes up the database: its objects and its rows."""
    tables = [row[0] for row in db.execute(TABLES).fetchall()]
    rows = [(each, db.execute(ROWS.format(each)).fetchall()) for each in tables]
    return [*db.execute(FINGERPRINT).fetchall(), *rows]


TABLES = """select oid::regclass::text from pg_class
  where relkind in ('r', 'p') and relnamespace::regnamespace::text in ('public', 'other')
    and relname !~ '^(migrations|log)' order by 1"""

ROWS = "select count(*), md5(string_agg(t::text, ',' order by t::text)) from {} t"


def history(db: Connection) -> list[str]:
    """Return what the history lists."""
    return column(db, "migrations", "select name from migrations order by name")


def progress(db: Connection) -> dict[str, int]:
    """Return how many steps of unfinished migrations are done."""
    sql = "select name || '/' || steps_done from migrations_in_progress"
    pairs = (each.split("/") for each in column(db, "migrations_in_progress", sql))
    return {name: int(steps) for name, steps in pairs}


def logged(db: Connection) -> "Counter[tuple[str, int]]":
    """Return how often each step has left its mark."""
    found = column(db, "log", "select file || '/' || step from log")
    return Counter((name, int(step)) for name, step in (each.split("/") for each in found))


def column(db: Connection, table: str, sql: str) -> list[str]:
    """Return the first column of a query, nothing when its table is not there yet."""
    if db.execute("select to_regclass(%s)", [table]).fetchone() == (None,):
        return []
    return [row[0] for row in db.execute(sql).fetchall()]


if __name__ == "__main__":
    sys.exit(main())
