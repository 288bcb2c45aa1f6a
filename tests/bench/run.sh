#!/usr/bin/env bash
# Measures Parley beside the limits of this machine: one line per figure, "name value unit", and the same as JSON and as a table in
# build/bench. Builds what it needs (release). Every answer measured waits for a synced write.
#   tests/bench/run.sh [--quick] [--watch MINUTES] [--only GROUP]… [--entries N]
# --quick: under 40 s where everything is built, with far fewer entries. --watch: memory is watched for so long (1).
# GROUP: unary (with PostgreSQL beside it, and lag), single, batch, rebuild, verify, growth, micro.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install.sh >&2
deploy/build.sh release bench microbench parleyd parley >&2
mkdir -p build/bench
scratch=$(mktemp -d build/bench/run-XXXXXX)
chmod 755 "$scratch"  # PostgreSQL has a user of its own.
trap 'rm -rf "$scratch"' EXIT

groups=() others=() micro_time=0.5
while (($#)); do
  case $1 in
    --only) groups+=("${2:?--only wants a group}"); shift ;;
    --quick) others+=("$1"); micro_time=0.01 ;;
    *) others+=("$1") ;;
  esac
  shift
done
args=()
micro=$((${#groups[@]} == 0))
for group in "${groups[@]}"; do
  if [ "$group" = micro ]; then micro=1; else args+=(--only "$group"); fi
done
if ((${#groups[@]} == 0 || ${#args[@]})); then
  build/release/tests/bench --parleyd build/release/services/parleyd --scratch "$scratch/data" \
    --json build/bench/figures.json --table build/bench/figures.md "${args[@]}" "${others[@]}"
fi
if ((micro)); then
  build/release/tests/microbench --json build/bench/micro.json --benchmark_min_time=$micro_time
fi
