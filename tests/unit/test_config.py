"""Where a setting comes from, and what is refused on the way."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ajour.config import load
from ajour.errors import UsageError
from ajour.model import Relation
from ajour.settings import SETTINGS, Settings, describe, show_duration
from ajour.tomlfile import find_root

SECRET = "hunter2"
URL = f"postgresql://u:{SECRET}@db.example.org/env"
NO_FLAGS: Mapping[str, object] = {}
FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a project: a folder with a .git."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def write(root: Path, name: str, text: str) -> Path:
    """Write a file of the project, for its owner's eyes."""
    path = root / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def settings(root: Path, flags: Mapping[str, object] = NO_FLAGS, **environ: str) -> Settings:
    """Load with flags and an environment."""
    return load(root, flags, environ)


def refused(root: Path, flags: Mapping[str, object] = NO_FLAGS, **environ: str) -> UsageError:
    """Return the error that loading ends with; it never holds the secret."""
    with pytest.raises(UsageError) as error:
        load(root, flags, environ)
    assert SECRET not in f"{error.value.message} {error.value.hint} {error.value.where}"
    return error.value


# --- the project ------------------------------------------------------------------------------


@pytest.mark.parametrize("marker", ["ajour.toml", "supabase/migrations/", ".git/", ".git"])
def test_the_project_is_the_nearest_folder_with_a_marker(tmp_path: Path, marker: str) -> None:
    """From anywhere below it, also from the folder of migrations itself."""
    start = tmp_path / "supabase" / "migrations" if "supabase" in marker else tmp_path / "a" / "b"
    start.mkdir(parents=True)
    if marker.endswith("/"):
        (tmp_path / marker).mkdir(parents=True, exist_ok=True)
    else:
        (tmp_path / marker).touch()
    assert find_root(start) == tmp_path
    assert settings(start).migrations == tmp_path / "supabase" / "migrations"


def test_a_pyproject_marks_a_project_only_with_our_table(root: Path) -> None:
    """A Python package inside a project that merely depends on ajour is not the project."""
    inner = root / "inner"
    inner.mkdir()
    write(inner, "pyproject.toml", '[project]\ndependencies = ["ajour"]\n')
    assert find_root(inner) == root
    write(inner, "pyproject.toml", '[tool.ajour]\nwait = "1s"\n')
    assert find_root(inner) == inner


def test_without_a_marker_the_folder_itself_is_the_project(tmp_path: Path) -> None:
    """A new project has nothing yet; `..` is resolved in the text, not through links."""
    (tmp_path / "a").mkdir()
    assert find_root(tmp_path / "a" / ".." / "a") == tmp_path / "a"


# --- defaults, precedence, origins ------------------------------------------------------------


def test_an_empty_project_has_the_defaults(root: Path) -> None:
    """Times are milliseconds, paths absolute, and nothing is guessed about the database."""
    assert settings(root) == Settings(
        root=root,
        url=None,
        migrations=root / "supabase" / "migrations",
        table=Relation("public", "migrations"),
        profile=settings(root).profile,
        build=None,
        lock_timeout=5_000,
        statement_timeout=900_000,
        wait=60_000,
        allow_out_of_order=False,
        postgres=None,
        storage_delete="refuse",
        tunnel=None,
        mirror=None,
        show_detail=True,
        window=1024**2,
        backup="auto",
        backup_folder=None,
        backups_kept=5,
        backup_max=20 * 1024**3,
        rules={},
        origins=dict.fromkeys((setting.name for setting in SETTINGS), "default"),
    )


def test_the_profile_follows_the_folder_supabase(root: Path) -> None:
    """A project with supabase/ is a Supabase project unless it says otherwise."""
    assert settings(root).profile.name == "plain"
    (root / "supabase").mkdir()
    assert settings(root).profile.name == "supabase"
    assert settings(root, {"profile": "plain"}).profile.name == "plain"


def test_the_url_is_looked_for_in_five_places(root: Path) -> None:
    """Flag, SUPABASE_DB_URL, DATABASE_URL, then both in .env; each is named as the origin."""
    write(
        root,
        ".env",
        "DATABASE_URL=postgres://u@localhost/e\nSUPABASE_DB_URL=postgres://u@localhost/d\n",
    )
    supabase = {"SUPABASE_DB_URL": "postgres://u@localhost/b"}
    database = {"DATABASE_URL": "postgres://u@localhost/c"}
    found = [
        load(root, {"url": "postgres://u@localhost/a"}, {**supabase, **database}),
        load(root, NO_FLAGS, {**supabase, **database}),
        load(root, NO_FLAGS, database),
        settings(root),
    ]
    write(root, ".env", "DATABASE_URL=postgres://u@localhost/e\n")
    found.append(settings(root))
    assert [(one.url and one.url.dbname, one.origins["url"]) for one in found] == [
        ("a", "--url"),
        ("b", "SUPABASE_DB_URL in the environment"),
        ("c", "DATABASE_URL in the environment"),
        ("d", "SUPABASE_DB_URL in .env"),
        ("e", "DATABASE_URL in .env"),
    ]


def test_flags_win_over_the_file_and_the_file_over_defaults(root: Path) -> None:
    """A flag that was not given is None and does not count; False is an answer."""
    write(root, "ajour.toml", 'wait = "2min"\nlock_timeout = "1s"\nallow_out_of_order = true\n')
    found = settings(root, {"wait": "3s", "lock_timeout": None, "allow_out_of_order": False})
    assert (found.wait, found.lock_timeout, found.allow_out_of_order) == (3_000, 1_000, False)
    assert [found.origins[key] for key in ("wait", "lock_timeout", "statement_timeout")] == [
        "--wait",
        "ajour.toml",
        "default",
    ]


def test_the_table_in_pyproject_is_as_good_as_the_file(root: Path) -> None:
    """The origin names the table."""
    write(root, "pyproject.toml", '[tool.ajour]\nbuild = ["npm", "run", "compile"]\n')
    found = settings(root)
    assert found.build == ("npm", "run", "compile")
    assert found.origins["build"] == "[tool.ajour] in pyproject.toml"


def test_paths_start_where_they_were_written(root: Path) -> None:
    """In a file from the project, on the command line from where the user stands."""
    (root / "sub").mkdir()
    write(root, "ajour.toml", 'migrations = "db"\npostgres = "/opt/pg"\n')
    assert settings(root / "sub").migrations == root / "db"
    assert settings(root / "sub").postgres == Path("/opt/pg")
    assert settings(root / "sub", {"migrations": "db"}).migrations == root / "sub" / "db"
    assert settings(root / "sub", {"migrations": Path("x")}).migrations == root / "sub" / "x"
    assert settings(root / "sub", AJOUR_POSTGRES="pg").postgres == root / "sub" / "pg"
    write(root, ".env", "AJOUR_POSTGRES=pg\n")
    assert settings(root / "sub").postgres == root / "pg"


def test_other_variables_of_libpq_do_not_choose_a_database(root: Path) -> None:
    """A shell set up for psql must not send a migration anywhere."""
    assert settings(root, PGHOST="h", PGUSER="u", PGDATABASE="d", PGPASSWORD="p").url is None


def test_pgpassword_fills_in_a_missing_password(root: Path) -> None:
    """From the environment or .env, and only where the URL has none."""
    bare, full = "postgres://u@localhost/d", f"postgres://u:{SECRET}@localhost/d"
    found = settings(root, SUPABASE_DB_URL=bare, PGPASSWORD="other")
    assert found.url is not None
    assert (found.url.password, found.origins["password"]) == (
        "other",
        "PGPASSWORD in the environment",
    )
    found = settings(root, SUPABASE_DB_URL=full, PGPASSWORD="other")
    assert found.url is not None
    assert (found.url.password, "password" in found.origins) == (SECRET, False)
    write(root, ".env", "PGPASSWORD='a b'\n")
    found = settings(root, SUPABASE_DB_URL=bare)
    assert found.url is not None
    assert (found.url.password, found.origins["password"]) == ("a b", "PGPASSWORD in .env")


def test_a_command_without_a_database_is_not_stopped_by_its_url(root: Path) -> None:
    """`ajour new` works while the URL is still a placeholder."""
    write(root, ".env", "SUPABASE_DB_URL='")
    assert load(root, {}, {"DATABASE_URL": "nonsense"}, with_url=False).url is None


# --- .env -------------------------------------------------------------------------------------


def test_a_variable_left_empty_in_dotenv_is_not_set(root: Path) -> None:
    """A copied .env.example with an empty line is a project without a URL."""
    write(root, ".env", "SUPABASE_DB_URL=\nDATABASE_URL=\n")
    assert settings(root).url is None


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_a_variable_left_empty_in_the_environment_is_refused(root: Path, value: str) -> None:
    """It is a secret that CI does not know: nothing else may be used in its place."""
    error = refused(root, SUPABASE_DB_URL=value, DATABASE_URL=URL)
    assert "SUPABASE_DB_URL is set in the environment, but it is empty" in error.message
    assert "unset SUPABASE_DB_URL" in str(error.hint)


def test_only_the_variable_that_counts_is_judged(root: Path) -> None:
    """What .env says about a variable that is not looked at stops nobody."""
    write(root, ".env", "DATABASE_URL=${OTHER}\nSUPABASE_DB_URL=postgres://u@localhost/d\n")
    assert settings(root).origins["url"] == "SUPABASE_DB_URL in .env"
    write(root, ".env", "SUPABASE_DB_URL='open\n")
    assert settings(root, SUPABASE_DB_URL=URL).url is not None


def test_a_wrong_url_in_dotenv_has_its_place(root: Path) -> None:
    """The error names origin, file and line, seen from where the user stands."""
    (root / "sub").mkdir()
    write(root, ".env", f"A=1\nSUPABASE_DB_URL=postgres://u:{SECRET}@h:x/d\n")
    error = refused(root / "sub")
    assert error.message.startswith("url, from SUPABASE_DB_URL in .env: The port")
    assert error.where is not None
    assert (error.where.file, error.where.line, error.where.source) == ("../.env", 2, None)


def test_a_dotenv_that_cannot_be_text_is_refused(root: Path) -> None:
    """Windows PowerShell writes UTF-16: to find no variable in it would be to guess."""
    (root / ".env").write_text("SUPABASE_DB_URL=x", encoding="utf-16")
    assert "not UTF-8" in refused(root).message


def test_a_dotenv_in_latin_1_stops_nobody_who_has_no_accents(root: Path) -> None:
    """Only the value that is used has to be UTF-8."""
    (root / ".env").write_bytes(b"NAME=caf\xe9\nSUPABASE_DB_URL=postgres://u@localhost/d\n")
    assert settings(root).url is not None
    (root / ".env").write_bytes(b"SUPABASE_DB_URL=postgres://u:caf\xe9@localhost/d\n")
    assert "control character" in refused(root).message


def test_a_folder_named_dotenv_is_no_file(root: Path) -> None:
    """Some projects have a virtual environment of that name."""
    (root / ".env").mkdir()
    assert settings(root).url is None


# --- what is unwise ---------------------------------------------------------------------------


def test_a_password_that_every_user_can_read_is_remarked(root: Path) -> None:
    """Only when the file holds it, and it opens a database on another machine."""
    path = write(root, ".env", f"SUPABASE_DB_URL={URL}\n")
    assert settings(root).findings == ()
    path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o044)
    (finding,) = settings(root).findings
    assert (finding.rule, finding.level) == ("world-readable-secret", "warning")
    assert settings(root, SUPABASE_DB_URL=URL).findings == ()
    write(root, ".env", f"SUPABASE_DB_URL=postgres://u:{SECRET}@localhost/d\n").chmod(0o644)
    assert settings(root).findings == ()


def test_a_password_on_the_command_line_is_remarked(root: Path) -> None:
    """Every user of the machine can see it in the list of processes."""
    (finding,) = settings(root, {"url": URL}).findings
    assert finding.rule == "password-on-command-line"
    assert SECRET not in finding.message


# --- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("500ms", 500),
        ("5s", 5_000),
        ("15min", 900_000),
        ("2 h", 7_200_000),
        ("1d", 86_400_000),
    ],
)
def test_a_time_has_a_unit(root: Path, text: str, milliseconds: int) -> None:
    """The units are PostgreSQL's own."""
    assert settings(root, {"wait": text}).wait == milliseconds


@given(st.integers(0, 2**31 - 1))
def test_a_time_comes_back_as_it_is_shown(milliseconds: int) -> None:
    """What `ajour config` prints can be written into the file."""
    read = next(setting.read for setting in SETTINGS if setting.name == "wait")
    assert read(show_duration(milliseconds), Path()) == milliseconds


@pytest.mark.parametrize(
    ("line", "words", "hint"),
    [
        ("wait = 5", "5 is not a time", "number and its unit"),
        ('wait = "5"', "'5' is not a time", "number and its unit"),
        ('wait = "5m"', "'5m' is not a time", "15min"),
        ('wait = "-1s"', "'-1s' is not a time", "number and its unit"),
        ('wait = "25d"', "too long", "24 days"),
        ("wait = true", "True is not a time", "number and its unit"),
        ('table = "a.b.c"', "not the name of a table", "schema.table"),
        ("table = '\"Odd\".t'", "not the name of a table", "without quotation marks"),
        ('table = "t; drop table x"', "not the name of a table", "schema.table"),
        ('table = ""', "not the name of a table", "schema.table"),
        ('profile = "mysql"', "not a profile", "plain or supabase"),
        ('allow_out_of_order = "yes"', "neither true nor false", "true or false"),
        ("migrations = 1", "not a path", "in quotes"),
        ('migrations = ""', "not a path", "in quotes"),
        ("build = []", "not a command", "list"),
        ("build = [1]", "not a command", "list"),
        ('build = ["npm", ""]', "not a command", "list"),
        ("build = {a = 1}", "not a command", "list"),
        ('build = "npm \'run"', "not a command", None),
        ('build = "npm run a && npm run b"', "needs a shell", "sh"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(
    root: Path, line: str, words: str, hint: str | None
) -> None:
    """The error names the setting, the file and the line, and what to write."""
    write(root, "ajour.toml", f"# settings\n\n{line}\n")
    error = refused(root)
    assert error.message.startswith(f"{line.split()[0]}, from ajour.toml: ")
    assert words in error.message
    assert (hint or "") in (error.hint or "")
    assert error.where is not None
    assert (error.where.file, error.where.line) == ("ajour.toml", 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("history", ("public", "history")),
        ("app.history", ("app", "history")),
        ("a.é$1", ("a", "é$1")),
    ],
)
def test_a_table_without_a_schema_is_in_public(
    root: Path, text: str, expected: tuple[str, str]
) -> None:
    """The name is taken as it is written."""
    assert settings(root, {"table": text}).table == Relation(*expected)


def test_a_command_may_be_one_string(root: Path) -> None:
    """It is split as a shell would, and no shell reads it."""
    assert settings(root, {"build": "npm run 'a b' --x=$HOME"}).build == (
        "npm",
        "run",
        "a b",
        "--x=$HOME",
    )


# --- the TOML file ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('lock-timeout = "5s"', "Did you mean `lock_timeout`"),
        ('migration = "db"', "Did you mean `migrations`"),
        ('xyzzy = "db"', "There are: migrations, table"),
        ("[tool.ajour]\nwait = '5s'", "without [tool.ajour]"),
    ],
)
def test_an_unknown_key_is_refused(root: Path, line: str, hint: str) -> None:
    """A setting that is misspelt does not go unnoticed."""
    write(root, "ajour.toml", f'wait = "5s"\n{line}\n')
    error = refused(root)
    assert "is not a setting" in error.message
    assert hint in str(error.hint)
    assert error.where is not None
    assert (error.where.file, error.where.line) == ("ajour.toml", 2)


@pytest.mark.parametrize(
    "line",
    [
        f'url = "{URL}"',
        f'supabase_db_url = "{SECRET}"',
        f'wait = "{URL}"',
        f'password = "{SECRET}"',
    ],
)
def test_a_url_in_a_committed_file_is_refused(root: Path, line: str) -> None:
    """Secrets do not belong there; the hint says where they do."""
    write(root, "ajour.toml", line)
    error = refused(root)
    assert "does not belong in a file that is committed" in error.message
    assert ".env" in str(error.hint)


def test_settings_in_both_files_are_refused(root: Path) -> None:
    """Two files would have to be read together to know what counts; an empty one is none."""
    write(root, "pyproject.toml", "[tool.ajour]\nwait = '5s'\n")
    write(root, "ajour.toml", "# nothing yet\n")
    assert settings(root).wait == 5_000
    write(root, "ajour.toml", "wait = '6s'\n")
    assert "Both ajour.toml and pyproject.toml" in refused(root).message


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [("ajour.toml", "wait = '5s'\nwait\n", 2), ("pyproject.toml", "[tool.ajour]\nwait = \n", 2)],
)
def test_a_broken_file_has_its_place(root: Path, name: str, text: str, line: int) -> None:
    """TOML that cannot be read is the user's mistake, with line and column."""
    write(root, name, text)
    error = refused(root)
    assert "is not valid TOML" in error.message
    assert error.where is not None
    assert (error.where.file, error.where.line) == (name, line)
    assert error.where.column


def test_another_tools_pyproject_is_not_judged(root: Path) -> None:
    """Where ajour is not named, nothing is read."""
    write(root, "pyproject.toml", "[broken")
    assert settings(root).origins["wait"] == "default"


def test_a_file_that_is_not_utf8_is_refused(root: Path) -> None:
    """TOML is UTF-8."""
    (root / "ajour.toml").write_bytes(b"wait = '5s' # caf\xe9")
    assert "it is not UTF-8" in refused(root).message


# --- what the declaration gives ---------------------------------------------------------------


def test_what_is_shown_has_no_secret(root: Path) -> None:
    """`ajour config`: every value as text, with its origin; the password only as there or not."""
    write(root, "ajour.toml", 'build = ["npm", "run", "a b"]\n')
    found = settings(root, {"allow_out_of_order": True}, SUPABASE_DB_URL=URL)
    rows = {name: (value, origin) for name, value, origin in describe(found)}
    assert SECRET not in str(rows)
    assert SECRET not in repr(found)
    assert rows["url"] == ("u@db.example.org:5432/env", "SUPABASE_DB_URL in the environment")
    assert rows["password"] == ("***", "SUPABASE_DB_URL in the environment")
    assert rows["build"] == ("npm run 'a b'", "ajour.toml")
    assert rows["statement_timeout"] == ("15min", "default")
    assert rows["allow_out_of_order"] == ("yes", "--allow-out-of-order")
    assert rows["postgres"] == ("none", "default")
    assert rows["profile"] == ("plain", "default")
    assert {setting.name for setting in SETTINGS} <= rows.keys()


def test_the_declaration_and_the_value_have_the_same_names() -> None:
    """Each setting is a field; a flag is its name with dashes."""
    fields = set(Settings.__dataclass_fields__) - {"root", "origins", "findings"}
    assert {setting.name for setting in SETTINGS} == fields
    assert all(setting.flag == "--" + setting.name.replace("_", "-") for setting in SETTINGS)


def test_the_table_in_the_docs_is_the_declaration() -> None:
    """docs/formats.md lists every setting with its flag, variables, default and meaning."""
    rows = re.findall(
        r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", FORMATS.read_text(), re.M
    )
    assert rows == [
        (
            setting.name,
            f"`{setting.flag}`",
            ", ".join(f"`{name}`" for name in setting.env) or "–",
            f"`{str(setting.default).lower()}`" if setting.default is not None else "–",
            setting.help,
        )
        for setting in SETTINGS
    ]
