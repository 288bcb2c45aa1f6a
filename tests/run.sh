#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test; exits 0 only if all passed.
#
#   tests/run.sh [--long] [CTEST OPTION…]
#
#   --long   the long variants (README.md lists them): hundreds of crash rounds instead of ten, and so on
#
# CTEST OPTIONs narrow the run, for example: tests/run.sh -R eventstore/
# PARLEY_PRESET picks another preset of CMakePresets.json than release, for example tsan.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${PARLEY_PRESET:-release}
if [ "${1:-}" = --long ]; then
  export PARLEY_LONG=1
  shift
fi

deploy/install.sh
deploy/build.sh "$preset"

# What has been installed above must not be skipped as missing.
export PARLEY_REQUIRE_TOOLS=1
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j2 "$@"

# Everything together, as a newcomer would see it first; not where only some tests were asked for.
if (($# == 0)) && [ "$preset" = release ]; then
  deploy/quickstart.sh --check
fi
echo "tests/run.sh: everything passed"
