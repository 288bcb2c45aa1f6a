#!/usr/bin/env bash
# Measures Parley beside the limits of this machine: one line per figure, "name value unit", and build/bench/figures.json.
#   tests/bench/run.sh [--quick] [--only GROUP]
# Builds what it needs (release). --quick: under 40 seconds where that is built already. Every answer measured waits for a synced write.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install.sh >&2
deploy/build.sh release bench parleyd parley >&2
mkdir -p build/bench
scratch=$(mktemp -d build/bench/run-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
build/release/tests/bench --parleyd build/release/services/parleyd --scratch "$scratch" --json build/bench/figures.json "$@"
