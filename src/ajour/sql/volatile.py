"""Whether an expression gives the same value for every row of a statement.

PostgreSQL stores such a DEFAULT once for all rows; any other writes the table anew.
"""

from ajour.sql.known import Known
from ajour.sql.parse import Node

_VOLATILE_NAMES = """
    clock_timestamp currval gen_random_uuid gen_random_bytes lastval nextval pg_advisory_lock
    pg_notify pg_sleep random random_normal set_config setval setseed timeofday
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4
    uuidv7 gen_salt nanoid
"""
"""What gives every row another value: PostgreSQL's own, and common extensions'."""

_STEADY_NAMES = """
    abs age array_agg array_append array_cat array_fill array_length array_prepend
    array_remove array_to_json array_to_string ascii btrim cardinality ceil ceiling char_length
    chr coalesce concat concat_ws cos current_database current_schema current_setting date
    date_part date_trunc decode div encode exp extract floor format gcd greatest hashtext inet
    initcap int4range int8range json_array json_build_array json_build_object json_object
    jsonb_array_length jsonb_build_array jsonb_build_object jsonb_object jsonb_set lcm least left
    length ln localtimestamp log lower lpad ltrim make_date make_interval make_time make_timestamp
    make_timestamptz md5 mod now nullif numrange octet_length overlay point position power
    quote_ident quote_literal quote_nullable regexp_match regexp_replace repeat replace reverse
    right round rpad
    rtrim sha224 sha256 sha384 sha512 sign sin split_part sqrt statement_timestamp string_to_array
    strpos substr substring tan timezone to_char to_date to_hex to_json to_jsonb to_number
    to_timestamp to_tsquery to_tsvector plainto_tsquery transaction_timestamp translate trim trunc
    tsrange tstzrange daterange txid_current pg_current_xact_id txid_current_snapshot
    upper uuid_nil uuid_ns_dns uuid_ns_url version
    width_bucket xmlelement
"""
"""PostgreSQL's own functions that give the same value in all of a statement, the usual ones."""


VOLATILE = frozenset(_VOLATILE_NAMES.split())
STEADY = frozenset(_STEADY_NAMES.split())


def is_volatile(expression: Node, known: Known) -> bool | None:
    """Tell whether an expression may give each row another value; None where that is not known."""
    verdicts = {_volatile(node, known) for node in expression.walk() if node.kind == "FuncCall"}
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _volatile(call: Node, known: Known) -> bool | None:
    parts = call.children("funcname")
    *schema, name = (part.text("sval") for part in parts)
    of_its_own = known.functions.get(known.find_type(parts))
    if of_its_own is not None and schema != ["pg_catalog"]:
        return "volatile" in of_its_own if len(of_its_own) == 1 else None
    if schema in ([], ["pg_catalog"], ["extensions"], ["public"]) and name in VOLATILE:
        return True
    if schema in ([], ["pg_catalog"]) and name in STEADY:
        return False
    return None
