#!/bin/sh
# The daily job on the example, with nothing installed but this project: migrate, look, migrate.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=$root/.venv/bin:$PATH
unset SUPABASE_DB_URL DATABASE_URL # whatever they name, it is not for a demonstration

folder=$(mktemp -d "${TMPDIR:-/tmp}/ajour-demo.XXXXXX")
trap 'cd "$folder" && ajour db stop; cd / && rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cp -R "$root/examples/midpicture/ajour.toml" "$root/examples/midpicture/supabase" "$folder"
cd "$folder"

step() {
  printf '\n\033[1m$ %s\033[0m\n' "$1"
}

step 'ajour migrate'
ajour migrate

history='SELECT name, executed_at FROM migrations ORDER BY executed_at DESC'
step "ajour db psql -- -c '$history'"
ajour db psql -- -P pager=off -c "$history"

step 'ajour migrate'
ajour migrate

step 'ajour status'
ajour status

step 'ajour db stop'
