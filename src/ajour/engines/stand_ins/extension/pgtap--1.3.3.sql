-- pgtap: the core of it. A test is a line that begins with ok or not ok; `finish` says what is
-- wrong with them altogether. The count is kept in settings, so that a rollback takes it back.

create function @extschema@.pgtap_get(name text) returns integer language sql as $$
    select coalesce(nullif(current_setting('pgtap.' || name, true), ''), '0')::integer
$$;
create function @extschema@.pgtap_set(name text, value integer) returns integer language sql as $$
    select set_config('pgtap.' || name, value::text, false)::integer
$$;

create function @extschema@.pgtap_version() returns numeric language sql as 'select 1.3';
create function @extschema@.plan(integer) returns text language sql as $$
    select '1..' || @extschema@.pgtap_set('planned', $1)
    from @extschema@.pgtap_set('run', 0) as a, @extschema@.pgtap_set('failed', 0) as b
$$;
create function @extschema@.no_plan() returns setof boolean language sql as $$
    select @extschema@.plan(0) is null limit 0
$$;
create function @extschema@.diag(msg text) returns text language sql immutable as $$
    select regexp_replace(msg, '^', '# ', 'gn')
$$;

create function @extschema@.ok(boolean, text) returns text language plpgsql as $$
declare
    number integer := @extschema@.pgtap_set('run', @extschema@.pgtap_get('run') + 1);
begin
    if $1 then
        return format('ok %s%s', number, ' - ' || $2);
    end if;
    perform @extschema@.pgtap_set('failed', @extschema@.pgtap_get('failed') + 1);
    return format('not ok %s%s', number, ' - ' || $2) || E'\n'
        || @extschema@.diag(format('Failed test %s%s', number, ': "' || $2 || '"'));
end
$$;
create function @extschema@.ok(boolean) returns text language sql as $$
    select @extschema@.ok($1, null)
$$;
create function @extschema@.pass(text default null) returns text language sql as $$
    select @extschema@.ok(true, $1)
$$;
create function @extschema@.fail(text default null) returns text language sql as $$
    select @extschema@.ok(false, $1)
$$;

create function @extschema@.pgtap_compare(good boolean, have text, want text, what text)
    returns text language sql as $$
    select @extschema@.ok(good, what) || case when good then '' else E'\n' || @extschema@.diag(
        format(
            E'        have: %s\n        want: %s', coalesce(have, 'NULL'), coalesce(want, 'NULL')
        )
    ) end
$$;
create function @extschema@.is(anyelement, anyelement, text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare($1 is not distinct from $2, $1::text, $2::text, $3)
$$;
create function @extschema@.isnt(anyelement, anyelement, text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare($1 is distinct from $2, $1::text, 'anything else', $3)
$$;
create function @extschema@.matches(anyelement, text, text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare($1::text ~ $2, $1::text, 'a match of ' || $2, $3)
$$;

-- The name of a prepared statement, or a statement.
create function @extschema@.pgtap_query(text) returns text language sql as $$
    select case when $1 ~ '^[[:alnum:]_]+$' then 'execute ' || $1 else $1 end
$$;

create function @extschema@.lives_ok(text, text default null) returns text
    language plpgsql as $$
begin
    execute @extschema@.pgtap_query($1);
    return @extschema@.ok(true, $2);
exception when others then
    return @extschema@.pgtap_compare(false, sqlstate || ': ' || sqlerrm, 'no error', $2);
end
$$;
create function @extschema@.throws_ok(text, text, text, text) returns text
    language plpgsql as $$
begin
    begin
        execute @extschema@.pgtap_query($1);
    exception when others then
        return @extschema@.pgtap_compare(
            sqlstate = coalesce($2, sqlstate) and sqlerrm = coalesce($3, sqlerrm),
            sqlstate || ': ' || sqlerrm, coalesce($2, 'any') || ': ' || coalesce($3, 'any'), $4
        );
    end;
    return @extschema@.pgtap_compare(
        false, 'no error', coalesce($2, 'any') || ': ' || coalesce($3, 'any'), $4
    );
end
$$;
-- A second text of five characters is a code, every other one is a message.
create function @extschema@.throws_ok(text, text default null, text default null) returns text
    language sql as $$
    select case when length($2) = 5 then @extschema@.throws_ok($1, $2, $3, null)
        else @extschema@.throws_ok($1, null, $2, $3) end
$$;

create function @extschema@.pgtap_rows(text, out rows text[]) language plpgsql as $$
declare
    one record;
begin
    rows := '{}';
    for one in execute @extschema@.pgtap_query($1) loop
        rows := rows || one::text;
    end loop;
end
$$;
create function @extschema@.results_eq(text, text, text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare(have = want, have::text, want::text, $3)
    from @extschema@.pgtap_rows($1) as have, @extschema@.pgtap_rows($2) as want
$$;
create function @extschema@.results_eq(text, anyarray, text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare(have = want, have::text, want::text, $3)
    from @extschema@.pgtap_rows($1) as have, (
        select coalesce(array_agg(row(one)::text order by n), '{}')
        from unnest($2) with ordinality as t (one, n)
    ) as w (want)
$$;
create function @extschema@.set_eq(text, text, text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare(have @> want and have <@ want, have::text, want::text, $3)
    from @extschema@.pgtap_rows($1) as have, @extschema@.pgtap_rows($2) as want
$$;
create function @extschema@.is_empty(text, text default null) returns text language sql as $$
    select @extschema@.pgtap_compare(have = '{}', have::text, 'no rows', $2)
    from @extschema@.pgtap_rows($1) as have
$$;
create function @extschema@.isnt_empty(text, text default null) returns text language sql as $$
    select @extschema@.ok(have <> '{}', $2) from @extschema@.pgtap_rows($1) as have
$$;

create function @extschema@.has_schema(name, text default null) returns text language sql as $$
    select @extschema@.ok(to_regnamespace(quote_ident($1)) is not null, $2)
$$;
create function @extschema@.has_table(name, name, text default null) returns text
    language sql as $$
    select @extschema@.ok(to_regclass(format('%I.%I', $1, $2)) is not null, $3)
$$;
create function @extschema@.has_table(name) returns text language sql as $$
    select @extschema@.ok(
        to_regclass(quote_ident($1)) is not null, 'Table ' || $1 || ' should exist'
    )
$$;
create function @extschema@.has_column(name, name, name, text default null) returns text
    language sql as $$
    select @extschema@.ok(exists (
        select from pg_attribute
        where attrelid = to_regclass(format('%I.%I', $1, $2)) and attname = $3 and attnum > 0
            and not attisdropped
    ), $4)
$$;
create function @extschema@.has_function(name, name, text default null) returns text
    language sql as $$
    select @extschema@.ok(exists (
        select from pg_proc
        where pronamespace = to_regnamespace(quote_ident($1)) and proname = $2
    ), $3)
$$;
create function @extschema@.policies_are(name, name, name[], text default null) returns text
    language sql as $$
    select @extschema@.pgtap_compare(
        have @> $3 and have <@ $3, have::text, $3::text, $4
    )
    from (
        select coalesce(array_agg(polname), '{}') as have from pg_policy
        where polrelid = to_regclass(format('%I.%I', $1, $2))
    ) as there
$$;

create function @extschema@.finish(exception_on_failure boolean default false)
    returns setof text language plpgsql as $$
declare
    planned integer := @extschema@.pgtap_get('planned');
    run integer := @extschema@.pgtap_get('run');
    failed integer := @extschema@.pgtap_get('failed');
begin
    if planned = 0 then
        return next '1..' || run;
    elsif planned <> run then
        return next @extschema@.diag(
            format('Looks like you planned %s tests but ran %s', planned, run)
        );
    end if;
    if failed > 0 then
        return next @extschema@.diag(format('Looks like you failed %s tests of %s', failed, run));
        if exception_on_failure then
            raise exception '% tests failed of %', failed, run;
        end if;
    end if;
end
$$;
