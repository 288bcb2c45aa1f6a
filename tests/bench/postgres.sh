#!/usr/bin/env bash
# Appends per second of PostgreSQL 15 as an event store (postgres.sql), driven by pgbench over 64 connections, in a cluster made for it.
#   tests/bench/postgres.sh SCRATCH SECONDS
# SCRATCH: an absolute path on the disk to be measured; made, and removed. Prints a number. Exits with 77, saying why, where it cannot.
set -euo pipefail
scratch=$1 seconds=$2
here=$(cd "$(dirname "$0")" && pwd)
bin=/usr/lib/postgresql/15/bin
skip() { echo "bench: PostgreSQL is left out: $*" >&2; exit 77; }
[ -x $bin/initdb ] && [ -x $bin/pgbench ] || skip "postgresql-15 is not installed"
# The name of its socket, which is in SCRATCH, has a fixed place in the kernel.
((${#scratch} < 80)) || skip "$scratch is too long a path for a socket"

as=()
mkdir -p "$scratch"
if [ "$(id -u)" -eq 0 ]; then  # PostgreSQL refuses to run as root.
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  chown postgres:postgres "$scratch"
fi
cd /
stop() {
  "${as[@]}" $bin/pg_ctl -D "$scratch/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap stop EXIT
"${as[@]}" test -w "$scratch" || skip "its user may not write to $scratch"
"${as[@]}" $bin/initdb -D "$scratch/data" -U bench -A trust -E UTF8 --no-locale --no-sync >/dev/null
# Durable, as it comes: fsync, synchronous_commit and full_page_writes are on. Beyond that it gets what any guide would give it.
cat >>"$scratch/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$scratch'
max_connections = 80
shared_buffers = 512MB
max_wal_size = 8GB
wal_buffers = 16MB
fsync = on
synchronous_commit = on
CONF
"${as[@]}" $bin/pg_ctl -D "$scratch/data" -l "$scratch/log" -w start >/dev/null || { tail -5 "$scratch/log" >&2; skip "it does not start"; }
run() { "${as[@]}" $bin/psql -h "$scratch" -U bench -d postgres -v ON_ERROR_STOP=1 -qAt "$@"; }
run <"$here/postgres.sql"
load() {  # SECONDS RUN
  "${as[@]}" $bin/pgbench -h "$scratch" -U bench -d postgres -n -M prepared -c 64 -j 2 -T "$1" -D run="$2" -D n=-1 -f /dev/stdin \
    <"$here/postgres_append.pgbench" 2>"$scratch/pgbench.log" || { tail -5 "$scratch/pgbench.log" >&2; exit 1; }
}
load 1 0 >/dev/null
load "$seconds" 1 | awk '/^tps/ { print $3 }'
