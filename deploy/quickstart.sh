#!/usr/bin/env bash
# Parley from nothing: installs what is missing, builds, starts a server on this machine, writes two years of an
# outsourcing relationship through its API, shows what can be seen of it, has both parties cosign it, checks the proof as
# an auditor would, and serves until Ctrl-C.
#
#   deploy/quickstart.sh [--check] [--data DIR]
#
#   --check      verify what is shown, stop, check the store, and leave nothing behind
#   --data DIR   keep everything here (default: a temporary directory, removed at the end); a DIR that has a store already
#                is served as it is
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

check=false data=
while (($#)); do
  case $1 in
    --check) check=true ;;
    --data) data=${2:?--data needs a directory}; mkdir -p "$data"; data=$(cd "$data" && pwd); shift ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "quickstart: $1 is not an option; see --help" >&2; exit 2 ;;
  esac
  shift
done

bin=$here/build/release/services
viewer=wren  # Leads vendor management for the demo's buyer, and may read everything joint.
members=(acme:wren globex:rowan)  # The demo's parties, and who administers each.
past=2024-12-31
start=2024-01-01T08:00:00Z
server_pid=
scratch=$(mktemp -d)
stop_server() {
  [ -n "$server_pid" ] || return 0
  local pid=$server_pid
  server_pid=
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid"
}
leave() {
  local status=$?
  trap - EXIT INT TERM
  stop_server || status=1
  if [ "$status" -ne 0 ] && [ -s "$scratch/parleyd.log" ]; then
    echo "quickstart: the server's last words:" >&2
    tail -n 20 "$scratch/parleyd.log" >&2
  fi
  rm -rf "$scratch"
  exit "$status"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$here/deploy/install.sh"
"$here/deploy/build.sh" release parleyd parley

data=${data:-$scratch/data}
fresh=true
if [ -d "$data/log" ]; then fresh=false; fi
# A check must not fail because somebody is using the usual ports.
listen=127.0.0.1:7420 metrics=127.0.0.1:7421
if $check; then listen=127.0.0.1:0 metrics=; fi
"$bin/parleyd" --data "$data" --listen "$listen" --metrics-listen "$metrics" --port-file "$scratch/port" \
  --manual-clock "$start" --log-level warning 2>"$scratch/parleyd.log" &
server_pid=$!
for _ in $(seq 600); do
  if [ -s "$scratch/port" ]; then break; fi
  kill -0 "$server_pid" 2>/dev/null || { echo "quickstart: the server did not start" >&2; exit 1; }
  sleep 0.1
done
[ -s "$scratch/port" ] || { echo "quickstart: the server did not become ready within a minute" >&2; exit 1; }
address=127.0.0.1:$(cat "$scratch/port")

parley() { "$bin/parley" --server "$address" --as "$viewer" "$@"; }

if $fresh; then parley demo; fi

relationships=()
while read -r name; do relationships+=("$name"); done < <(
  parley --output json relationships list --all | sed -n 's/^ *"name": "\(relationships\/[^"\/]*\)".*/\1/p')
((${#relationships[@]})) || { echo "quickstart: $viewer sees no relationship" >&2; exit 1; }
relationship=${relationships[0]}

show() {
  printf '\n$ parley dashboard %s\n\n' "$*"
  parley dashboard "$@"
}
id=${relationship#relationships/}
months=()
if $fresh; then months=(--start-period 2025-11); fi  # The demo's last ones: two years of eight metrics are long.
show portfolio
show overview "$id"
show register "$id"
show scoreboard "$id" ${months[@]+"${months[@]}"}
show coverage "$id"
show docket "$id"
show activity "$id"

# Each party's agent goes through the whole record and cosigns it; a bundle and a policy are then all that an auditor needs.
# Here one machine plays all three, in a directory within the server's.
proof=$data/quickstart
agent() {
  "$bin/parley" --server "$address" --as "$1" "${@:2}" 2>>"$proof/agents.log" || { cat "$proof/agents.log" >&2; exit 1; }
}
prove() {
  local each party
  mkdir -p "$proof"
  for each in "${members[@]}"; do
    party=${each%:*}
    if [ -f "$proof/$party.vkey" ]; then continue; fi
    "$bin/parley" cosign keygen --name "$party.example" --out "$proof/$party.key" >"$proof/$party.vkey"
    agent "${each#*:}" keys register "$id" --party-id "$party" --vkey "$(cat "$proof/$party.vkey")" >>"$proof/agents.log"
  done
  for each in "${members[@]}"; do
    party=${each%:*}
    agent "${each#*:}" cosign "$id" --key "$proof/$party.key" --state "$proof/$party"
  done
  {
    grep '^log ' "$proof/$party/policy"
    for party in "${members[@]%:*}"; do echo "witness $party $(cat "$proof/$party.vkey")"; done
    echo "group both all ${members[*]%:*}"
    echo "quorum both"
  } >"$proof/policy"
  agent "$viewer" audit export "$id" "$proof/bundle" --as-auditor >>"$proof/agents.log"
}
if $fresh || [ -d "$proof" ]; then
  printf '\n$ parley cosign %s, as each party; parley audit export, verify\n\n' "$id"
  prove
  "$bin/parley" audit verify "$proof/bundle" --trust "$proof/policy" | sed '/^Root/,$d'
fi
if $fresh; then show overview "$id" --as-of "$past"; fi

# What was shown must agree with what the same server lists and with the record itself.
verify() {
  local out=$scratch/answers
  mkdir -p "$out"
  parley --output json dashboard portfolio >"$out/portfolio.json"
  for dashboard in overview register scoreboard coverage docket activity; do
    parley --output json dashboard "$dashboard" "$relationship" >"$out/$dashboard.json"
  done
  parley --output json relationships list --all >"$out/relationships.json"
  for resources in decisions disputes metrics objectives activities persons; do
    parley --output json "$resources" list "$relationship" --all --page-size 200 >"$out/$resources.json"
  done
  parley --output json timeline "$relationship" --all >"$out/timeline.jsonl"
  local told=()
  if $fresh; then
    told=(demo)
    "$bin/parley" --output json audit verify "$proof/bundle" --trust "$proof/policy" >"$out/verdict.json"
    parley --output json dashboard overview "$relationship" --as-of "$past" >"$out/past.json"
    "$bin/parley" --output json audit replay "$proof/bundle" overview --as-of "$past" >"$out/replayed.json"
    cmp "$out/past.json" "$out/replayed.json"
  fi
  node "$here/deploy/quickstart-check.js" "$out" "$relationship" ${told[@]+"${told[@]}"}
}

if $check; then
  verify
  stop_server
  "$bin/parleyd" --data "$data" fsck
  echo "quickstart: all is well"
  exit 0
fi

cat <<EOF

Serving on $address; Ctrl-C ends it. In another terminal:

  alias parley='$bin/parley --server $address --as $viewer'
  parley timeline $id --follow     what happened, and what happens
  parley decisions list $id        every decision; in full with --output json
  parley dashboard scoreboard $id  every period of every metric
  parley dashboard docket $id --as-of $past
  parley audit explain $proof/bundle 777    one entry: by which right, what proves it
  parley --help                             everything else

What proves the record is in $proof; deploy/auditing.md says how to check it, also without Parley.
Metrics are at http://$metrics/metrics. README.md says where to read next.
EOF
trap "exit 0" INT
wait "$server_pid"
