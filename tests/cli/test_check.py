import json
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from projects import Cli, Project, documents, git

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json"
"""As published; this copy is that of the npm package @microsoft/jest-sarif 1.0.0-beta.0 (MIT)."""

URI = r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*$"

PLAIN = 'profile = "plain"\n'

FILE = "supabase/migrations/20240102_b.sql"


@pytest.fixture(autouse=True)
def plain(project: Project) -> None:
    """Leave Supabase's own rules out: these tests are about how findings are told."""
    project.write("ajour.toml", PLAIN)


@pytest.fixture
def findings(project: Project) -> Project:
    """Give a project with an error, a warning, and one that is allowed, in its second file."""
    project.migration("20240101_a.sql", "create table users (id bigint, name text);\n")
    project.migration(
        "20240102_b.sql",
        "drop table users;\n"
        "\n"
        "-- ajour: allow truncate its rows come from the cache, 100%: all\n"
        "truncate visits;\n"
        "  alter role web set work_mem = '1GB';\n",
    )
    return project


def test_a_finding_is_told_with_its_place(cli: Cli, findings: Project) -> None:
    """Level, file:line:column, the line and a caret, what to do; allowed ones with their reason."""
    done = cli("check", code=1)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"error: {FILE}:1:12: This drops public.users with all its rows. [drop-table]",
        "  1 | drop table users;",
        "    |            ^^^^^",
        "  Rename it now and drop it in a later release, after a backup.",
        f"allowed: {FILE}:4:10: This deletes all rows of public.visits. [truncate]",
        "  4 | truncate visits;",
        "    |          ^^^^^^",
        "  reason: its rows come from the cache, 100%: all",
        (
            f"warning: {FILE}:5:22: Every later session of the role begins with another work_mem. "
            "[setting-for-all-sessions]"
        ),
        "  5 |   alter role web set work_mem = '1GB';",
        "    |                      ^^^^^^^^",
        "  Set it where it is needed: on a function, or with SET LOCAL.",
        "1 error, 1 warning, 1 allowed in 2 files",
    ]
    assert not (findings.path / ".ajour").exists(), "no server is made"


def test_the_exit_code_goes_by_the_level(cli: Cli, findings: Project) -> None:
    """Findings below the level, and allowed ones, are no failure."""
    findings.migration("20240102_b.sql", "alter role web set work_mem = '1GB';\n")
    cli("check", code=0)
    cli("check", "--level", "info", code=1)
    cli("check", "--level", "warning", code=1)
    findings.migration("20240102_b.sql", "-- ajour: allow truncate as ever\ntruncate visits;\n")
    cli("check", "--level", "info", code=0)


def test_the_rules_are_set_in_the_file(cli: Cli, findings: Project) -> None:
    """A rule gets another level, or is off; a flag wins over the file."""
    findings.write(
        "ajour.toml", PLAIN + '[rules]\ndrop-table = "off"\nsetting-for-all-sessions = "info"\n'
    )
    said = cli("check").stdout
    assert "drop-table" not in said
    assert f"info: {FILE}:5:22" in said
    assert "error:" in cli("check", "--rules", "drop-table=error", code=1).stdout


def test_a_rule_that_there_is_not_is_refused(cli: Cli, findings: Project) -> None:
    """With its place in the file, and the rule that is likely to be meant."""
    findings.write("ajour.toml", PLAIN + '[rules]\ndrop-tabel = "off"\n')
    said = cli("check", code=2).stderr
    assert "There is no rule 'drop-tabel'" in said
    assert "at ajour.toml:2" in said
    assert "Did you mean `drop-table`?" in said
    said = cli("check", "--rules", "drop-table=fatal", code=2).stderr
    assert "'fatal' is no level for drop-table" in said


def test_named_files_alone_are_looked_at(cli: Cli, findings: Project) -> None:
    """Those before them are read for what they create; a file elsewhere stands for itself."""
    assert cli("check", "supabase/migrations/20240101_a.sql").stdout == "no findings in 1 file\n"
    assert "1 error, 1 warning, 1 allowed in 1 file" in cli("check", FILE, code=1).stdout
    findings.write("elsewhere/x.sql", "drop schema old;\n")
    both = cli("check", FILE, "elsewhere/x.sql", code=1).stdout
    assert "2 errors, 1 warning, 1 allowed in 2 files" in both
    assert "error: elsewhere/x.sql:1:13" in both
    assert "cannot be read" in cli("check", "elsewhere/y.sql", code=3).stderr
    assert "There is no migration" in cli("check", "supabase/migrations/y.sql", code=2).stderr


def test_what_cannot_run_is_a_finding(cli: Cli, project: Project) -> None:
    """All files are looked at, also when one of them would be refused."""
    project.migration("20240101_a.sql", "begin;\nrollback;\n")
    project.migration("20240102_b.sql", "drop table migrations;\n")
    project.migration("20240103_c.sql", "selec 1;\n")
    said = cli("check", "--rules", "drop-table=off", code=1).stdout
    assert "20240101_a.sql:2:1: ROLLBACK would undo" in said
    assert "20240102_b.sql:1:1: This statement drops public.migrations" in said
    assert (
        '20240103_c.sql:1:1: PostgreSQL cannot read this: syntax error at or near "selec"' in said
    )


# --- for programs -----------------------------------------------------------------------------


def test_github_gets_annotations(cli: Cli, findings: Project) -> None:
    """The documented form: properties and message escaped, one line each."""
    assert cli("check", "--format", "github", code=1).stdout.splitlines() == [
        (
            f"::error file={FILE},line=1,col=12,endColumn=17,title=drop-table::"
            "This drops public.users with all its rows.%0A"
            "Rename it now and drop it in a later release, after a backup."
        ),
        (
            f"::notice file={FILE},line=4,col=10,endColumn=16,title=truncate::"
            "This deletes all rows of public.visits.%0A"
            "Keep them in another table or a backup first; DELETE with a condition.%0A"
            "Allowed: its rows come from the cache, 100%25: all"
        ),
        (
            f"::warning file={FILE},line=5,col=22,endColumn=30,title=setting-for-all-sessions::"
            "Every later session of the role begins with another work_mem.%0A"
            "Set it where it is needed: on a function, or with SET LOCAL."
        ),
    ]


def test_sarif_is_valid(cli: Cli, findings: Project) -> None:
    """It agrees with the published schema; what is allowed is suppressed, with the reason."""
    findings.migration("20240103 c é.sql", "drop table x;")
    document = json.loads(cli("check", "--format", "sarif", code=1).stdout)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    import_module("fastjsonschema").compile(schema, formats={"uri-reference": URI})(document)
    (run,) = document["runs"]
    results: list[dict[str, Any]] = run["results"]
    assert [each["level"] for each in results] == ["error", "error", "warning", "error"]
    assert [each.get("suppressions", []) for each in results][1] == [
        {"kind": "inSource", "justification": "its rows come from the cache, 100%: all"}
    ]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in results)
    region = results[0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (1, 12, 17)


def test_json_has_all_of_it(cli: Cli, findings: Project) -> None:
    """`--format json` and `--json` are the same document."""
    done = cli("check", "--format", "json", code=1)
    (document,) = documents(done)
    assert document["kind"] == "Findings"
    assert document["files"] == ["supabase/migrations/20240101_a.sql", FILE]
    assert [(each["rule"], each["allowed"]) for each in document["findings"]] == [
        ("drop-table", None),
        ("truncate", "its rows come from the cache, 100%: all"),
        ("setting-for-all-sessions", None),
    ]
    assert cli("check", "--json", code=1).stdout == done.stdout


def test_junit_counts_what_fails(cli: Cli, findings: Project) -> None:
    """Findings from the level on are failures, allowed ones are skipped, clean files pass."""
    suite = ElementTree.fromstring(cli("check", "--format", "junit", code=1).stdout)[0]
    assert suite.attrib == {
        "name": "ajour check", "tests": "4", "failures": "1", "errors": "0", "skipped": "1"
    }  # fmt: skip
    assert [(case.get("name"), [each.tag for each in case]) for case in suite] == [
        ("drop-table at line 1", ["failure"]),
        ("truncate at line 4", ["skipped"]),
        ("setting-for-all-sessions at line 5", []),
        ("no findings", []),
    ]


def test_markdown_is_a_table(cli: Cli, findings: Project) -> None:
    """For a comment on a pull request."""
    said = cli("check", "--format", "markdown", code=1).stdout.splitlines()
    assert said[0] == "**ajour check**: 1 error, 1 warning, 1 allowed in 2 files"
    assert said[2] == "| Level | Where | Finding |"
    assert said[4].startswith(f"| error | `{FILE}:1:12` | This drops public.users")
    assert "Allowed: its rows come from the cache" in said[5]
    assert len(said) == 7


# --- only what is new -------------------------------------------------------------------------


def test_since_looks_at_new_files_alone(cli: Cli, findings: Project) -> None:
    """New since where the branch began, committed or not; files that others added are not ours."""
    git(findings, "init", "-b", "main")
    git(findings, "add", ".")
    git(findings, "commit", "-m", "a")
    git(findings, "checkout", "-b", "mine")
    assert cli("check", "--since", "main").stdout == "no findings in 0 files\n"
    findings.migration("20240103_c.sql", "drop schema old;\n")
    git(findings, "add", ".")
    git(findings, "commit", "-m", "c")
    findings.migration("20240104_d.sql", "truncate users;\n")
    said = cli("check", "--since", "main", code=1).stdout
    assert "20240103_c.sql:1:13" in said
    assert "20240104_d.sql:1:10" in said
    assert said.endswith("2 errors in 2 files\n")


def test_since_says_what_is_missing(cli: Cli, findings: Project) -> None:
    """No repository, no such commit, no git: each in words of its own."""
    assert "in no git repository" in cli("check", "--since", "main", code=2).stderr
    git(findings, "init")
    assert "git knows no commit main" in cli("check", "--since", "main", code=2).stderr
    assert "git knows no commit --all" in cli("check", "--since=--all", code=2).stderr
    done = cli("check", "--since", "main", code=2, env={"PATH": str(findings.path)})
    assert "git cannot be run" in done.stderr


# --- fixes ------------------------------------------------------------------------------------

LONG = "orders_by_the_customer_who_placed_them_and_by_the_day_on_which_that_was"


def test_fix_writes_into_the_files(cli: Cli, project: Project) -> None:
    """Only the statement changes: comments, line ends and byte order mark stay as they were."""
    text = (
        f"\ufeff-- é\r\ncreate table t (\r\n  id bigint\r\n);\r\ncreate index {LONG} on t (id);\r\n"
    )
    file = project.migration("20240101_a.sql", text)
    file.chmod(0o640)
    said = cli("check", "--fix", "supabase/migrations/20240101_a.sql").stdout
    assert said.splitlines() == ["fixed    supabase/migrations/20240101_a.sql: 1",
                                 "no findings in 1 file"]  # fmt: skip
    assert file.read_bytes().decode() == text.replace(LONG, LONG[:63])
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in project.migrations.iterdir()] == ["20240101_a.sql"]


def test_fix_wants_files_to_be_named(cli: Cli, project: Project) -> None:
    """What was executed must not be edited, and that is not known without a database."""
    text = f"create table {LONG} (id bigint);"
    file = project.migration("20240101_a.sql", text)
    assert "--fix writes into files" in cli("check", "--fix", code=2).stderr
    assert file.read_text() == text
