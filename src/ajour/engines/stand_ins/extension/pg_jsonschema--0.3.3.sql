-- pg_jsonschema: the keywords of JSON Schema 2020-12 that schemas mostly have. A keyword that would
-- decide and is not known here raises, as does a `format` where the named draft makes it decide.

-- Gives a line for each error; none means valid. `root` is where `$ref` begins.
create function @extschema@.jsonschema_errors(rules jsonb, given jsonb, root jsonb)
    returns setof text language plpgsql immutable as $$
declare
    kind text := jsonb_typeof(given);
    said text := left(given::text, 80);
    rule text;
    want jsonb;
    each jsonb;
    key text;
    good int;
    matches boolean;
begin
    if rules = 'true' then
        return;
    elsif rules = 'false' then
        return next format('False schema does not allow %s', said);
        return;
    elsif jsonb_typeof(rules) <> 'object' then
        raise exception 'invalid JSON schema: %', left(rules::text, 80)
            using errcode = 'invalid_parameter_value';
    end if;
    for rule, want in select * from jsonb_each(rules) loop
        case rule

        when 'type' then
            if not exists (
                select from jsonb_array_elements_text(
                    case jsonb_typeof(want) when 'array' then want else jsonb_build_array(want) end
                ) as name
                where name = kind
                    or (name = 'integer' and kind = 'number' and given::numeric % 1 = 0)
            ) then
                return next format('%s is not of type %s', said, want);
            end if;
        when 'enum' then
            if not exists (select from jsonb_array_elements(want) as one where one = given) then
                return next format('%s is not one of %s', said, want);
            end if;
        when 'const' then
            if want <> given then
                return next format('%s was expected', want);
            end if;

        when '$ref' then
            if want #>> '{}' !~ '^#(/|$)' then
                raise exception
                    'stand-in on the embedded server: call is accepted by the real extension'
                    using errcode = 'feature_not_supported',
                          detail = 'It follows $ref inside of a schema only.';
            end if;
            each := root #> (select array(
                select replace(replace(part, '~1', '/'), '~0', '~')
                from unnest((string_to_array(want #>> '{}', '/'))[2:]) as part
            ));
            if each is null then
                raise exception 'invalid JSON schema: % is not there', want
                    using errcode = 'invalid_parameter_value';
            end if;
            return query select @extschema@.jsonschema_errors(each, given, root);
        when 'allOf' then
            return query select e from jsonb_array_elements(want) as one,
                @extschema@.jsonschema_errors(one, given, root) as e;
        when 'anyOf', 'oneOf' then
            select count(*) into good from jsonb_array_elements(want) as one
            where not exists (select from @extschema@.jsonschema_errors(one, given, root));
            if good = 0 then
                return next format(
                    '%s is not valid under any of the schemas listed in the %L keyword', said, rule
                );
            elsif good > 1 and rule = 'oneOf' then
                return next format(
                    '%s is valid under more than one of the schemas listed in the %L keyword',
                    said, rule
                );
            end if;
        when 'not' then
            if not exists (select from @extschema@.jsonschema_errors(want, given, root)) then
                return next format('%s is not allowed for %s', want, said);
            end if;
        when 'if' then
            key := case
                when exists (select from @extschema@.jsonschema_errors(want, given, root))
                then 'else' else 'then'
            end;
            return query select @extschema@.jsonschema_errors(
                coalesce(rules -> key, 'true'), given, root
            );

        when 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf' then
            if kind = 'number' and not (case rule
                when 'minimum' then given::numeric >= want::numeric
                when 'maximum' then given::numeric <= want::numeric
                when 'exclusiveMinimum' then given::numeric > want::numeric
                when 'exclusiveMaximum' then given::numeric < want::numeric
                else given::numeric % want::numeric = 0
            end) then
                return next format('%s is not as %s %s asks', said, rule, want);
            end if;

        when 'minLength', 'maxLength' then
            if kind = 'string' and (case rule
                when 'minLength' then length(given #>> '{}') < want::int
                else length(given #>> '{}') > want::int
            end) then
                return next format('%s is %s than %s characters', said,
                    case rule when 'minLength' then 'shorter' else 'longer' end, want);
            end if;
        when 'pattern' then
            if kind = 'string' and given #>> '{}' !~ (want #>> '{}') then
                return next format('%s does not match %s', said, want);
            end if;

        when 'minItems', 'maxItems' then
            if kind = 'array' and (case rule
                when 'minItems' then jsonb_array_length(given) < want::int
                else jsonb_array_length(given) > want::int
            end) then
                return next format('%s has %s than %s items', said,
                    case rule when 'minItems' then 'less' else 'more' end, want);
            end if;
        when 'uniqueItems' then
            if kind = 'array' and want = 'true' and (
                select count(*) > count(distinct one) from jsonb_array_elements(given) as one
            ) then
                return next format('%s has non-unique elements', said);
            end if;
        when 'prefixItems', 'items', 'additionalItems' then
            -- A list of schemas is for the first elements, one by one. What follows them has the
            -- rule that goes with the list: items after prefixItems, or additionalItems.
            good := case
                when rule = 'items' then jsonb_array_length(coalesce(rules -> 'prefixItems', '[]'))
                when rule = 'additionalItems' and jsonb_typeof(rules -> 'items') = 'array'
                then jsonb_array_length(rules -> 'items')
            end;
            if kind = 'array' and jsonb_typeof(want) = 'array' then
                return query select e
                from jsonb_array_elements(given) with ordinality as t (one, n),
                    @extschema@.jsonschema_errors(want -> (n::int - 1), one, root) as e
                where n <= jsonb_array_length(want);
            elsif kind = 'array' and good is not null then
                return query select e
                from jsonb_array_elements(given) with ordinality as t (one, n),
                    @extschema@.jsonschema_errors(want, one, root) as e
                where n > good;
            end if;
        when 'contains' then
            if kind = 'array' then
                select count(*) into good from jsonb_array_elements(given) as one
                where not exists (select from @extschema@.jsonschema_errors(want, one, root));
                if good not between coalesce((rules -> 'minContains')::int, 1)
                    and coalesce((rules -> 'maxContains')::int, 2147483647)
                then
                    return next format('%s contains %s matches of %s', said, good, want);
                end if;
            end if;

        when 'required' then
            if kind = 'object' then
                return query select format('"%s" is a required property', name)
                from jsonb_array_elements_text(want) as name where not given ? name;
            end if;
        when 'minProperties', 'maxProperties' then
            select count(*) into good from jsonb_object_keys(
                case kind when 'object' then given else '{}' end
            );
            if kind = 'object' and (case rule
                when 'minProperties' then good < want::int
                else good > want::int
            end) then
                return next format('%s has %s than %s properties', said,
                    case rule when 'minProperties' then 'less' else 'more' end, want);
            end if;
        when 'properties' then
            if kind = 'object' then
                return query select e from jsonb_each(want) as p (name, schema),
                    @extschema@.jsonschema_errors(schema, given -> name, root) as e
                where given ? name;
            end if;
        when 'patternProperties' then
            if kind = 'object' then
                return query select e from jsonb_each(want) as p (regex, schema),
                    jsonb_each(given) as v (name, one),
                    @extschema@.jsonschema_errors(schema, one, root) as e
                where name ~ regex;
            end if;
        when 'additionalProperties' then
            for key, each in
                select * from jsonb_each(case kind when 'object' then given else '{}' end)
            loop
                matches := exists (
                    select from jsonb_object_keys(coalesce(rules -> 'patternProperties', '{}'))
                        as regex
                    where key ~ regex
                );
                if not matches and not coalesce(rules -> 'properties' ? key, false) then
                    if want = 'false' then
                        return next format(
                            'Additional properties are not allowed (''%s'' was unexpected)', key
                        );
                    else
                        return query select @extschema@.jsonschema_errors(want, each, root);
                    end if;
                end if;
            end loop;
        when 'propertyNames' then
            if kind = 'object' then
                return query select e from jsonb_object_keys(given) as name,
                    @extschema@.jsonschema_errors(want, to_jsonb(name), root) as e;
            end if;
        when 'dependentRequired' then
            if kind = 'object' then
                return query select format('"%s" is a required property', other)
                from jsonb_each(want) as d (name, others),
                    jsonb_array_elements_text(others) as other
                where given ? name and not given ? other;
            end if;
        when 'dependentSchemas' then
            if kind = 'object' then
                return query select e from jsonb_each(want) as d (name, schema),
                    @extschema@.jsonschema_errors(schema, given, root) as e
                where given ? name;
            end if;

        else
            if rule in ('unevaluatedProperties', 'unevaluatedItems', '$dynamicRef',
                    '$recursiveRef', 'dependencies')
                or (rule = 'format' and root ->> '$schema' ~ 'draft-0[467]')
            then
                raise exception
                    'stand-in on the embedded server: call is accepted by the real extension'
                    using errcode = 'feature_not_supported',
                          detail = format('It does not know the keyword %s.', rule),
                          hint = 'The setting `postgres` can name a PostgreSQL that has'
                              ' pg_jsonschema.';
            end if;
        end case;
    end loop;
end
$$;

create function @extschema@.jsonb_matches_schema(schema json, instance jsonb) returns boolean
    language sql immutable strict parallel safe as $$
    select not exists (
        select from @extschema@.jsonschema_errors(schema::jsonb, instance, schema::jsonb)
    )
$$;

create function @extschema@.json_matches_schema(schema json, instance json) returns boolean
    language sql immutable strict parallel safe as $$
    select @extschema@.jsonb_matches_schema(schema, instance::jsonb)
$$;

create function @extschema@.jsonschema_validation_errors(schema json, instance json)
    returns text[] language sql immutable strict parallel safe as $$
    select coalesce(array_agg(e), '{}')
    from @extschema@.jsonschema_errors(schema::jsonb, instance::jsonb, schema::jsonb) as e
$$;

-- A schema is one when it matches this: what the keywords above may be.
create function @extschema@.jsonschema_is_valid(schema json) returns boolean
    language sql immutable strict parallel safe as $$
    select @extschema@.json_matches_schema('{
        "type": ["object", "boolean"],
        "$defs": {
            "schemas": {"type": "object", "additionalProperties": {"$ref": "#"}},
            "list": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
            "count": {"type": "integer", "minimum": 0},
            "names": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
            "simple": {"enum":
                ["array", "boolean", "integer", "null", "number", "object", "string"]}
        },
        "properties": {
            "type": {"anyOf": [
                {"$ref": "#/$defs/simple"},
                {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/simple"}}
            ]},
            "enum": {"type": "array"},
            "$ref": {"type": "string"}, "pattern": {"type": "string"}, "format": {"type": "string"},
            "title": {"type": "string"}, "description": {"type": "string"},
            "minimum": {"type": "number"}, "maximum": {"type": "number"},
            "exclusiveMinimum": {"type": "number"}, "exclusiveMaximum": {"type": "number"},
            "multipleOf": {"type": "number", "exclusiveMinimum": 0},
            "minLength": {"$ref": "#/$defs/count"}, "maxLength": {"$ref": "#/$defs/count"},
            "minItems": {"$ref": "#/$defs/count"}, "maxItems": {"$ref": "#/$defs/count"},
            "minContains": {"$ref": "#/$defs/count"}, "maxContains": {"$ref": "#/$defs/count"},
            "minProperties": {"$ref": "#/$defs/count"}, "maxProperties": {"$ref": "#/$defs/count"},
            "uniqueItems": {"type": "boolean"},
            "required": {"$ref": "#/$defs/names"},
            "dependentRequired": {"type": "object",
                "additionalProperties": {"$ref": "#/$defs/names"}},
            "allOf": {"$ref": "#/$defs/list"}, "anyOf": {"$ref": "#/$defs/list"},
            "oneOf": {"$ref": "#/$defs/list"}, "prefixItems": {"$ref": "#/$defs/list"},
            "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/$defs/list"}]},
            "not": {"$ref": "#"}, "if": {"$ref": "#"}, "then": {"$ref": "#"}, "else": {"$ref": "#"},
            "contains": {"$ref": "#"}, "propertyNames": {"$ref": "#"},
            "additionalProperties": {"$ref": "#"}, "additionalItems": {"$ref": "#"},
            "properties": {"$ref": "#/$defs/schemas"},
            "patternProperties": {"$ref": "#/$defs/schemas"},
            "dependentSchemas": {"$ref": "#/$defs/schemas"},
            "$defs": {"$ref": "#/$defs/schemas"}, "definitions": {"$ref": "#/$defs/schemas"}
        }
    }', schema)
$$;
