#!/usr/bin/env bash
# Entries in the log against throughput, latency, memory, disk and start: fills one store and measures it on the way, into
# deploy/benchmarks/curves.csv, and draws that as deploy/benchmarks/curves.svg.
#   tests/bench/curves.sh [--entries N] [--quick]
# From a thousandth of N (default 10,000,000) by factors of ten. --quick measures each for a moment only.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install.sh >&2
deploy/build.sh release bench parleyd parley >&2
mkdir -p build/bench deploy/benchmarks
scratch=$(mktemp -d build/bench/curves-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
build/release/tests/bench --parleyd build/release/services/parleyd --scratch "$scratch/data" \
  --curves "$scratch/curves.csv" "$@"
cp "$scratch/curves.csv" deploy/benchmarks/curves.csv
build/release/tests/bench draw deploy/benchmarks/curves.csv deploy/benchmarks/curves.svg
