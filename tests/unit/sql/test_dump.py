"""What is left of a dump when the platform's own part is taken out."""

from ajour.sql.dump import entries, without

DUMP = """--
-- PostgreSQL database dump
--

SET row_security = off;

--
-- Name: auth; Type: SCHEMA; Schema: -; Owner: supabase_admin
--

CREATE SCHEMA auth;


--
-- Name: notes; Type: TABLE; Schema: public; Owner: postgres; Tablespace: fast
--

CREATE TABLE public.notes (id integer);

--
-- Name: users; Type: TABLE; Schema: auth; Owner: supabase_auth_admin
--

CREATE TABLE auth.users (id uuid);

--
-- Data for Name: users; Type: TABLE DATA; Schema: auth; Owner: supabase_auth_admin
--

COPY auth.users (id) FROM stdin;
\\.


--
-- Name: SCHEMA auth; Type: ACL; Schema: -; Owner: supabase_admin
--

GRANT USAGE ON SCHEMA auth TO anon;

--
-- Name: watch; Type: EVENT TRIGGER; Schema: -; Owner: supabase_admin
--

CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION extensions.watch();

--
-- Name: mine; Type: EVENT TRIGGER; Schema: -; Owner: postgres
--

CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION public.mine();
"""


def test_the_platform_goes() -> None:
    """Its schemas go with all that is in them and said of them; what the project made stays."""
    left = without(DUMP, {"auth"}, ("supabase_admin",))
    statements = [line for line in left.splitlines() if line and not line.startswith("--")]
    assert statements == [
        "SET row_security = off;",
        "CREATE TABLE public.notes (id integer);",
        "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION public.mine();",
    ]


def test_lines_keep_their_numbers() -> None:
    """An error in what is left names the line of the dump as it came."""
    left = without(DUMP, {"auth"}, ("supabase_admin",)).splitlines()
    assert len(left) == len(DUMP.splitlines())
    assert left.index("CREATE TABLE public.notes (id integer);") == DUMP.splitlines().index(
        "CREATE TABLE public.notes (id integer);"
    )


def test_a_dump_without_comments() -> None:
    """Nothing is known of it, and nothing is taken out."""
    assert list(entries("create table auth.t ();")) == []
    assert without("create table auth.t ();", {"auth"}, ()) == "create table auth.t ();"
