-- name: texts
-- What was run under the names in the JSON array $1, and its checksum. Rows as JSON: an older table
-- may lack the columns.
select h.name, to_jsonb(h) ->> 'sql', to_jsonb(h) ->> 'checksum' from {history} h
where h.name = any (array(select jsonb_array_elements_text($1::jsonb)))
