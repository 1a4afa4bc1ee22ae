-- ajour's own SQL. {history} and {progress} stand for the two tables, quoted and qualified, {schema}
-- for their schema, {changes}, {limits}, {notices}, {held} and {hold} for the blocks of these names.
-- A check that fails raises by casting a word to integer: it needs no procedural language,
-- costs nothing, and the word comes back in the error ("ajour:locked"). The backend's pid is
-- glued to it only because PostgreSQL would evaluate a constant cast while planning.

-- name: server
-- What the start needs to know about the server, the session and the two tables ($2 and $3), in one
-- row; $1 is the lock. $4 are the roles that the tables are to be closed to; what we do not own is
-- not ours to close.
select
  current_setting('server_version_num'),
  pg_backend_pid()::text,
  (select backend_start::text from pg_catalog.pg_stat_activity where pid = pg_backend_pid()),
  current_user,
  pg_is_in_recovery()::text,
  current_setting('default_transaction_read_only'),
  exists (
    select from pg_catalog.pg_locks l where {held} and l.pid <> pg_backend_pid())::text,
  to_regclass($2)::text,
  coalesce(row_security_active(to_regclass($2)), false)::text,
  to_regclass($3)::text,
  coalesce(has_table_privilege(to_regclass($2), 'insert')
    and has_table_privilege(to_regclass($3), 'insert')
    and has_table_privilege(to_regclass($3), 'update')
    and has_table_privilege(to_regclass($3), 'delete'), true)::text,
  array_to_string(array(
    select rolname from pg_catalog.pg_roles
    where rolname = any (string_to_array($4, ',')) order by 1), ','),
  exists (
    select from pg_catalog.pg_class c
    where c.oid in (to_regclass($2), to_regclass($3)) and pg_has_role(c.relowner, 'usage')
      and not c.relrowsecurity)::text,
  exists (
    select from pg_catalog.pg_class c
    where c.oid in (to_regclass($2), to_regclass($3)) and pg_has_role(c.relowner, 'usage')
      and exists (
        select from (
          select (aclexplode(c.relacl)).grantee
          union all
          select (aclexplode(a.attacl)).grantee
          from pg_catalog.pg_attribute a where a.attrelid = c.oid) granted
        where grantee = 0 or grantee in (
          select oid from pg_catalog.pg_roles where rolname = any (string_to_array($4, ',')))))::text

-- name: columns
-- The columns of the history table, to tell whose table it is.
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  (a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = '')::text,
  exists (
    select from pg_catalog.pg_index i
    where i.indrelid = a.attrelid and i.indisunique and i.indpred is null
      and i.indnkeyatts = 1 and i.indkey[0] = a.attnum)::text
from pg_catalog.pg_attribute a
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
order by a.attnum

-- name: applied
-- The history, in the order of the names' bytes. Whole rows as JSON: an older table may lack
-- columns, and one statement must read them all.
select h.name, extract(epoch from h.executed_at)::text,
  to_jsonb(h) - 'sql' ->> 'checksum', to_jsonb(h) - 'sql' ->> 'duration_ms',
  to_jsonb(h) - 'sql' ->> 'applied_by'
from {history} h
order by h.name collate "C"

-- name: applied_full
-- The same for a table that has all our columns: no detour over JSON.
select name, extract(epoch from executed_at)::text, checksum, duration_ms::text, applied_by
from {history}
order by name collate "C"

-- name: unfinished
-- Migrations of several steps that did not come to their end.
select name, steps_done::text, done_checksum, extract(epoch from started_at)::text, before
from {progress}
order by name collate "C"

-- name: ran
-- What was run under a name.
select sql from {history} where name = $1

-- name: lockers
-- Who holds one of the two tables in a way that lets nobody read it.
select a.pid::text, a.usename, a.application_name, a.state,
  extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))::int::text,
  left(a.query, 200)
from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a using (pid)
where l.locktype = 'relation' and l.relation in (to_regclass($1), to_regclass($2)) and l.granted
  and l.mode = 'AccessExclusiveLock'
  and l.database = (select oid from pg_catalog.pg_database where datname = current_database())

-- name: create_history
-- Names are ordered by their bytes everywhere; clock_timestamp() because now() is the same for
-- all that one transaction does.
create table if not exists {history} (
  name         text collate "C" primary key,
  executed_at  timestamptz not null default clock_timestamp(),
  checksum     text,
  duration_ms  integer,
  applied_by   text,
  sql          text
)

-- name: create_progress
-- One row while a migration is under way. `holds` is the commit guard: inside a step it names a
-- migration that the history does not have, so that a COMMIT which is not ours fails. `before`
-- says what was there when a step outside a transaction was begun; it is null at any other time.
create table if not exists {progress} (
  name           text collate "C" primary key,
  steps_done     integer not null default 0,
  done_checksum  text,
  started_at     timestamptz not null default clock_timestamp(),
  before         text,
  touched        bigint,
  holds          text collate "C"
    constraint "only ajour may COMMIT a migration"
    references {history} (name) deferrable initially deferred
)

-- name: limits
-- The settings of one step, for its transaction only, from $1 to $4.
set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true),
  set_config('application_name', $4, true),
  set_config({notices}, '2s', true)

-- name: notices
-- The setting by which PostgreSQL 14 and later notices that its client is gone; before, a name with
-- a point in it, which is a setting of nobody.
case when current_setting('server_version_num')::int < 140000 then 'ajour.' else '' end
    || 'client_connection_check_interval'

-- name: enter
-- Begins a step: its settings, and the lock, which is tried, never waited for.
select
  pg_backend_pid(),
  {limits},
  case when not pg_try_advisory_xact_lock($5::bigint)
    then ('ajour:locked ' || pg_backend_pid())::int end

-- name: enter_again
-- The same behind another file, in a session that is ours alone. Of its advisory locks only ours
-- stays, if $6 says so. That file may have left what takes a DISCARD ALL to be rid of: prepared statements, cursors,
-- temporary tables, channels. Our own prepared statements are not SQL's.
select
  pg_backend_pid(),
  {limits},
  case when not pg_try_advisory_xact_lock($5::bigint)
    then ('ajour:locked ' || pg_backend_pid())::int end,
  pg_advisory_unlock_all(),
  case when $6 <> '' then pg_try_advisory_lock($5::bigint) end,
  case when exists (select from pg_catalog.pg_prepared_statements where from_sql)
    or exists (select from pg_catalog.pg_cursors where is_holdable)
    or exists (select from pg_catalog.pg_listening_channels())
    or case when pg_my_temp_schema() <> 0 then exists (
      select from pg_catalog.pg_class where relnamespace = pg_my_temp_schema()) end
  then ('ajour:unclean ' || pg_backend_pid())::int end

-- name: enter_alone
-- The settings for a statement outside a transaction. It waits for locks as long as it takes: a
-- lock_timeout would leave an invalid index behind.
select
  pg_backend_pid(),
  set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false),
  set_config('application_name', $1, false), set_config({notices}, '2s', false)

-- name: changes
-- The rows that this session has changed in the two tables, as the server counts them, and a number
-- for what the tables are. Unlike the number of rows this sees updates too, and what was undone;
-- and a trigger or a rule, another owner, another table under the same name. Our own note of a
-- migration counts as one change, unless the server does not count (track_counts).
(select sum(
    pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid)
    + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
    + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)
    + pg_catalog.hashtext(pg_catalog.concat_ws(' ',
      c.oid, c.relowner, c.relkind, c.relpersistence, c.relnatts, c.relhasrules)))
  + 1000000000 * (select count(*) from pg_catalog.pg_trigger t
    where t.tgrelid in ('{history}'::regclass, '{progress}'::regclass) and t.tgenabled <> 'D')
  from pg_catalog.pg_class c where c.oid in ('{history}'::regclass, '{progress}'::regclass))

-- name: limit
-- For the statements of one round trip: whoever locks the table is not waited for without end.
select set_config('lock_timeout', $1, true)

-- name: still_so
-- Whether the history has $2 rows and not this one, and the migration in steps is where the plan saw
-- it: $3 steps done, and $4 noted before a step outside a transaction.
select (
  (select count(*) from {history}) = $2::int
  and not exists (select from {history} where name = $1)
  and ($3::int = 0 or exists (select from {progress} where name = $1))
  and not exists (
    select from {progress}
    where name = $1 and (steps_done <> $3::int or before is distinct from $4)))::text

-- name: guard
-- A statement of its own after the lock, so that its snapshot sees what the last holder did. The
-- history must have $4 rows without this one, among them $5 ("" for any).
{hold}
select pg_current_xact_id()::text,
  case when (select count(*) from {history}) <> $4::int
    or exists (select from {history} where name = $1)
    or not ($5 = '' or exists (select from {history} where name = $5))
    or not exists (select from held)
  then ('ajour:history-changed ' || pg_backend_pid())::int end

-- name: guard_again
-- The same behind another file of this run: $4, the last of the history, sorts before this one. That
-- does not take longer the more rows there are. Not one statement with "guard": the server would
-- plan it for each file.
{hold}
select pg_current_xact_id()::text,
  case when $1 collate "C" <= $4
    or (select name from {history} order by name collate "C" desc limit 1) is distinct from $4
    or not exists (select from held)
  then ('ajour:history-changed ' || pg_backend_pid())::int end

-- name: hold
-- Notes that step $2 of $1 is under way, unless another is. $3 is the name, empty where the commit
-- guard is a table of its own. The DELETE deletes nothing: its lock has "record" not wait for one.
with held as (
  insert into {progress} as p (name, steps_done, holds, touched)
  values ($1, $2::int, nullif($3, ''), {changes})
  on conflict (name) do update set holds = excluded.holds, touched = excluded.touched
  where p.steps_done = excluded.steps_done
  returning 1
), locked as (
  delete from {history} where false
)

-- name: record
-- The history row, in the transaction of the last step, and proof that it is the only change. $9 is
-- the name where the row holds it; not after a statement outside a transaction, or see "guard". The
-- limits are for COMMIT, which may take long. The rows are counted only where $10 asks for it, or
-- where the server does not count the changes. If $11 says so, COMMIT of a quick file does not wait
-- for the disk, and the second column tells.
with over as (
  delete from {progress}
  where name = $5 and holds is not distinct from nullif($9, '')
    and (touched is null or {changes} - touched in (0, 1))
  returning started_at
), kept as (
  insert into {history} (name, executed_at, checksum, duration_ms, applied_by, sql)
  select $5, clock_timestamp(), $6,
    least(2147483647, extract(epoch from clock_timestamp() - started_at) * 1000), session_user, $7
  from over
  returning duration_ms
)
select (select duration_ms from kept),
  case when $11 <> '' and (select duration_ms from kept) < 20
    and current_setting('synchronous_standby_names') = ''
  then set_config('synchronous_commit', 'off', true) end,
  {limits},
  case when not exists (select from kept)
    or case when $10 = '' and current_setting('track_counts')::bool then false
      else (select count(*) from {history}) <> $8::int end
  then ('ajour:history-touched ' || pg_backend_pid())::int end

-- name: advance
-- The end of a step that is not the last one; $8 and $9 as above.
with moved as (
  update {progress}
  set steps_done = $6::int + 1, done_checksum = $7, holds = null, touched = null, before = null
  where name = $5 and steps_done = $6::int and holds is not distinct from nullif($9, '')
    and (touched is null or {changes} - touched in (0, 1))
  returning 1
)
select
  {limits},
  case when (select count(*) from {history}) <> $8::int
    or not exists (select from moved)
  then ('ajour:history-touched ' || pg_backend_pid())::int end

-- name: begin_alone
-- Before a statement that runs outside a transaction the row stays, and must let COMMIT pass.
update {progress} set holds = null, touched = null, before = $2 where name = $1

-- name: settle
-- Leaves no trigger event pending on our table, although a row was inserted.
set constraints {schema}."only ajour may COMMIT a migration" immediate

-- name: hold_apart
-- The commit guard on a table of its own, for a file that alters ours in a loop over all tables: a
-- table with a pending trigger event cannot be altered. Costs a table for each try, hence not usual.
create temporary table ajour_commit_guard (
  name   text primary key,
  holds  text constraint "only ajour may COMMIT a migration"
    references ajour_commit_guard (name) deferrable initially deferred
) on commit drop

-- name: hold_fast
insert into pg_temp.ajour_commit_guard values ('this', 'that')

-- name: let_go
delete from pg_temp.ajour_commit_guard

-- name: held
-- A row l of pg_locks is the lock $1, and somebody has it. The key stands there in two halves.
l.locktype = 'advisory' and l.granted and l.objsubid = 1
  and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
  and (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint

-- name: holder
-- Who holds the lock.
select a.pid::text, a.usename, a.application_name, a.state,
  extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))::int::text,
  left(a.query, 200)
from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a using (pid)
where {held} and a.pid <> pg_backend_pid()

-- name: lock_held
-- The transaction of whoever has it, null where it is free. Looks without taking it: whoever is at
-- work would find it taken, and begin anew.
select min(l.virtualtransaction)
from pg_catalog.pg_locks l where {held} and l.pid <> pg_backend_pid()

-- name: session_lock
select pg_try_advisory_lock($1::bigint)::text

-- name: repair_accept
-- The text on disk becomes the text that was run.
with changed as (
  update {history} set checksum = $2, sql = $3 where name = $1 returning 1
)
select case when (select count(*) from changed) <> 1
  then ('ajour:history-changed ' || pg_backend_pid())::int end

-- name: repair_rename
with changed as (
  update {history} set name = $2 where name = $1 returning 1
)
select case when (select count(*) from changed) <> 1
  then ('ajour:history-changed ' || pg_backend_pid())::int end

-- name: repair_forget
with changed as (
  delete from {history} where name = $1 returning 1
), unfinished as (
  delete from {progress} where name = $1 returning 1
)
select case when (select count(*) from changed) + (select count(*) from unfinished) <> 1
  then ('ajour:history-changed ' || pg_backend_pid())::int end

-- name: repair_mark_applied
with unfinished as (
  delete from {progress} where name = $1
)
insert into {history} (name, executed_at, checksum, applied_by, sql)
values ($1, clock_timestamp(), $2, session_user, $3)
