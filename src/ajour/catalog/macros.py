"""What the queries of the catalog say many times: what they leave out, and what they hide."""

import re

SECRETS = r"passw|passphrase|secret|token|credential|private|conn_?str|connection_string|dsn$|key$"
"""Names of options and settings whose values are not read, but for names that end in `_id`."""

_MACROS = {
    "schema": r"n.nspname !~ '^pg_(toast|temp|catalog)' and n.nspname <> 'information_schema'"
    " and n.nspname <> all (string_to_array($1, ','))",
    "own": "not exists (select from pg_depend own where own.classid = @.tableoid"
    " and own.objid = @.oid and own.deptype = 'e')",
    "free": "not exists (select from pg_depend own where own.classid = @.tableoid"
    " and own.objid = @.oid and own.deptype = 'i')",
    "name": "split_part(@, '=', 1)",
    "hash": "left(encode(sha256(convert_to(@, 'UTF8')), 'hex'), 16)",
    "secret": rf"({{name @}} ~* '({SECRETS})' and {{name @}} !~* '_id$')",
    "shown": "(select json_agg(case when {secret o} then {name o} || '=hidden' else o end"
    " order by {name o}) from unnest(@) o)",
    "hidden": "(select {hash l.line} from (select string_agg(o, ',' order by o) from unnest(@) o"
    " where {secret o}) l (line))",
    # PostgreSQL's own settings have no dot in their name, and hold no secrets
    "setting": "json_build_object('value', case when @ like '%.%=%' and {secret @} then 'hidden'"
    " else substr(@, strpos(@, '=') + 1) end,"
    " 'hidden_values', case when @ like '%.%=%' and {secret @} then {hash @} end)",
    "members": "select o.amopfamily, format('operator %s %s%s', o.amopstrategy,"
    " o.amopopr::regoperator, (select format(' for order by %I.%I', n.nspname, f.opfname)"
    " from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace"
    " where f.oid = o.amopsortfamily)), o.oid, o.tableoid from pg_amop o"
    " union all select p.amprocfamily, format('function %s (%s, %s) %s', p.amprocnum,"
    " format_type(p.amproclefttype, null), format_type(p.amprocrighttype, null),"
    " p.amproc::regprocedure), p.oid, p.tableoid from pg_amproc p",
}


def expand(query: str) -> str:
    """Return a query with its macros put in: `{name}`, or `{name x}` about x."""

    def put(found: re.Match[str]) -> str:
        return expand(_MACROS[found[1]].replace("@", found[2] or ""))

    return re.sub(r"\{(\w+)(?: ([\w.]+))?\}", put, query)
