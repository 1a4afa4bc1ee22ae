create function http_get(a text) returns text language sql as 'select a';
