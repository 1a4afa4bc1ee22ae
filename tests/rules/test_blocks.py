"""DO blocks: what is inside of them is judged, shown where it stands, and allowed there."""

import pytest

from ajour.check import IN_A_LOOP, Circumstances, check
from ajour.fix import fixed
from ajour.foresee import ahead
from ajour.model import Finding, Pending, Relation
from ajour.profiles import SUPABASE
from ajour.sql.blocks import parts
from ajour.sql.split import split
from ajour.sql.steps import script
from runs import TABLE, file
from servers import connect

WHERE = Circumstances(SUPABASE, 18, TABLE)
OLD = file("1.sql", "create table t (id int primary key); alter table t enable row level security;")


def found(sql: str) -> list[Finding]:
    """Return what is found in a file behind the one that makes the table t."""
    return [*check((OLD, file("2.sql", sql)), WHERE, only=("2.sql",))]


def named(sql: str) -> list[str]:
    """Return which rules find something, in the order of the places; no policies are told of."""
    return [each.rule for each in found(sql) if each.rule != "rls-without-policy"]


def block(inside: str, declared: str = "") -> str:
    """Return a DO block with these statements in it."""
    return f"do $$ {declared and f'declare {declared}'} begin {inside} end $$;"


@pytest.mark.parametrize(
    ("inside", "rules"),
    [
        ("drop table t;", ["drop-table"]),
        ("if exists (select 1) then drop table t; end if;", ["drop-table"]),
        ("if 1 = 2 then null; elsif true then truncate t; else null; end if;", ["truncate"]),
        ("if 1 = 2 then null; else truncate t; end if;", ["truncate"]),
        ("case 1 when 1 then truncate t; else null; end case;", ["truncate"]),
        ("case 1 when 2 then null; else truncate t; end case;", ["truncate"]),
        ("begin null; exception when others then drop table t; end;", ["drop-table"]),
        ("while true loop truncate t; exit; end loop;", ["truncate"]),
        ("for i in 1..3 loop truncate t; end loop;", ["truncate"]),
        ("perform pg_terminate_backend(pid) from pg_stat_activity;", ["terminate-backend"]),
        ("execute 'drop table t';", ["drop-table"]),
        ("execute $x$drop table t$x$;", ["drop-table"]),
        ("execute E'drop table t';", ["drop-table"]),
        ("execute 'alter table t add column a text default ''a''; drop table t';", ["drop-table"]),
        ("execute format('drop table %I', 't');", ["drop-table"]),
        ("execute format('drop table %I.%2$I', 'public', 't');", ["drop-table"]),
        ("execute format('drop table %s', 't'::regclass);", ["drop-table"]),
        ("execute concat('drop ', 'table ', 't');", ["drop-table"]),
        ("execute 'alter table t disable row level security';", ["disable-rls"]),
        ("create index on t ((id + 1));", ["index-not-concurrent"]),
        ("alter table t add column a int not null;", ["add-required-column"]),
        ("null;", []),
        ("select count(*) from t;", []),
        ("raise notice 'drop table t';", []),
        ("-- drop table t;\n null;", []),
    ],
)
def test_what_runs_is_judged(inside: str, rules: list[str]) -> None:
    """Statements in branches, loops and handlers, and the text of EXECUTE where it is known."""
    assert named(block(inside)) == rules


@pytest.mark.parametrize(
    ("inside", "declared", "rules"),
    [
        ("execute s;", "s text := 'drop table t';", ["drop-table"]),
        ("execute s;", "s constant text = format('drop table %I', 't');", ["drop-table"]),
        ("s := 'drop table t'; execute s;", "s text;", ["drop-table"]),
        ("s := 'drop table ' || r; execute s;", "s text; r text;", ["drop-table"]),
        ("s := s || s; execute s;", "s text;", ["unseen-execute"]),
        ("s := 'a'; s := 'b'; execute s;", "s text;", ["unseen-execute"]),
        ("execute r;", "r text;", ["unseen-execute"]),
        ("execute format('alter table %I %s', r, r);", "r text;", ["unseen-execute"]),
        ("execute format('delete from t where id = %L', r);", "r text;", []),
        ("drop table t;", "r public.kind[];", ["drop-table"]),
        ("return query select 1;", "", ["unseen-execute"]),
    ],
)
def test_variables_are_followed(inside: str, declared: str, rules: list[str]) -> None:
    """A variable that is set once is what it is set to; of all others it is said."""
    assert named(block(inside, declared)) == rules


def test_only_plpgsql_is_read_and_functions_are_not() -> None:
    """Another language is none of ours; a function's body does not run now."""
    make = "create function f() returns void language plpgsql set search_path = '' as"
    assert named("do language plpython3u $$ drop table t; $$;") == []
    assert named("do 'begin drop table t; end' language plpgsql;") == ["drop-table"]
    assert named("do E'begin\\ndrop table t; end';") == ["drop-table"]
    assert "drop-table" not in named(f"{make} $$ begin drop table t; end $$;")


@pytest.mark.parametrize(
    ("sql", "line", "column", "width"),
    [
        ("select 1;\ndo $$\nbegin\n  drop table t;\nend $$;", 4, 14, 1),
        ("do $$\n-- drop table t\nbegin drop table t; end $$;", 3, 18, 1),
        ("do $$ begin execute 'drop table t'; end $$;", 1, 33, 1),
        ("/* é */ do $é$ begin drop table t; end $é$;", 1, 33, 1),
        ("do $$ begin execute\n  format('drop table %I', 't'); end $$;", 2, 3, 12),
        ("do 'begin\n  drop table t; end';", 2, 3, 12),
    ],
)
def test_the_place_is_the_files(sql: str, line: int, column: int, width: int) -> None:
    """The caret is under the name in the block; where the text is made, under what makes it."""
    (one,) = [each for each in found(sql) if each.rule == "drop-table"]
    assert one.where is not None
    assert (one.where.line, one.where.column) == (line, column)
    assert one.where.width >= width
    assert one.where.source == sql.split("\n")[line - 1]


def test_a_variable_is_shown_where_it_is_run() -> None:
    """Not where its line names it first."""
    (one,) = found("do $$ declare a text; begin execute a; end $$;")
    assert one.where is not None
    assert (one.rule, one.where.column) == ("unseen-execute", 37)


def test_what_is_not_known_has_a_name_in_angle_brackets() -> None:
    """A loop over tables says so, and what it does not know."""
    inside = (
        "for r in select relname from pg_class loop execute format('drop table %I', r); end loop;"
    )
    (one,) = [each for each in found(block(inside, "r text;")) if each.rule == "drop-table"]
    assert "public.<r>" in one.message
    assert one.message.endswith(IN_A_LOOP)


@pytest.mark.parametrize(
    ("made", "sql", "unsure"),
    [
        ("'drop table \"' || r || '\"'", 'drop table "<r>"', True),
        ("'drop table a_' || r.x || '_b'", 'drop table "a_<x>_b"', True),
        ("format('drop table %I', f(r))", 'drop table "<f>"', True),
        ("format('drop table %I', r || 'x')", 'drop table "<r>x"', True),
        ("format('drop table %I', 'My')", 'drop table "My"', False),
        ("format('drop table %I')", 'drop table "<…>"', True),
        ("format('select %%, %L', r)", "select %, '<r>'", False),
        (
            "'select ' || quote_literal(r) || ' as ' || quote_ident('A')",
            "select '<r>' as \"A\"",
            False,
        ),
        ("'limit ' || 3", "limit 3", False),
    ],
)
def test_what_an_expression_makes(made: str, sql: str, unsure: bool) -> None:
    """Constants are put in as the server does; names that are unknown are quoted."""
    (statement,) = split(f"do $$ declare r text; begin execute {made}; end $$")
    read = parts(statement) or ()
    said = [each.statement.text for each in read[1:]]
    lacking = [each.begins for each in read[0].unseen]
    assert [*said, *lacking] == [sql]
    assert all(each.unsure == unsure for each in read[1:])


def test_the_schema_knows_what_a_block_made() -> None:
    """What a block creates is new to the rest of the file, and known to later files."""
    make = block("if true then create table n (id int primary key, a text not null); end if;")
    assert named(f"{make} drop table n;") == []
    later = file("3.sql", "alter table n alter column a type int using a::int;")
    every = check((OLD, file("2.sql", make), later), WHERE, only=("3.sql",))
    assert "type-change-rewrites" in {each.rule for each in every}


def test_a_comment_allows_it_above_the_block_and_inside() -> None:
    """Above the block it is about all of it, inside about the statement below."""
    allow = "-- ajour: allow drop-table nobody reads it\n"
    inside = f"do $$\nbegin\n  {allow}  drop table t;\n  drop table u;\nend $$;"
    by_line = {each.where.line: each.allowed for each in found(inside) if each.where}
    assert by_line == {4: "nobody reads it", 5: None}
    above = found(f"{allow}{block('drop table t;')}")
    assert [each.allowed for each in above if each.rule == "drop-table"] == ["nobody reads it"]
    made = "execute format('drop table %I', r);"
    unsure = found(f"do $$ declare r text; begin\n{allow}{made}\nend $$;")
    assert [each.allowed for each in unsure] == ["nobody reads it"]
    unseen_ = "-- ajour: allow unseen-execute it does nothing\nexecute r;"
    (one,) = found(f"do $$ declare r text; begin\n-- hm\n{unseen_}\nend $$;")
    assert one.allowed == "it does nothing"
    locks = "alter table t add column a int;\n -- ajour: allow work-after-lock small\n\n"
    every = found(block(f"{locks}update t\n set a = 1 where id > 0;"))
    assert [each.allowed for each in every if each.rule == "work-after-lock"] == ["small"]


def test_nothing_is_fixed_inside() -> None:
    """CREATE INDEX CONCURRENTLY cannot run in a block, so it is not written there."""
    index = file("2.sql", block("create index on t (id);"))
    assert fixed((OLD, index), WHERE, index) == (index, 0)


def test_a_plan_has_the_locks_of_a_block(database_url: str) -> None:
    """What is foreseen is what a server then holds; of unknown tables, that it is some table."""
    sql = block("alter table t add column a int; execute format('lock table %I', lower('T'));")
    pending = Pending(file("2.sql", sql), script(file("2.sql", sql)))
    files = (OLD, pending.migration)
    seen = [each.effects for each in ahead(files, (pending,), SUPABASE, 18) if each.effects]
    assert [[(one.relation, one.lock) for one in each] for each in seen] == [
        [(Relation("public", "t"), "ACCESS EXCLUSIVE")],
        [(None, "ACCESS EXCLUSIVE")],
    ]
    with connect(database_url) as connection:
        connection.execute(OLD.text.encode())
        with connection.transaction():
            connection.execute(sql.encode())
            locks = connection.execute(
                b"select mode from pg_locks"
                b" where relation = 't'::regclass and pid = pg_backend_pid()"
            ).fetchall()
    assert ("AccessExclusiveLock",) in locks
