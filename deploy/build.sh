#!/usr/bin/env bash
# Configures and builds one preset (default: release). deploy/build.sh [PRESET [TARGET…]]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
cmake --preset "$preset" --log-level=WARNING
if (($#)); then
  cmake --build --preset "$preset" --target "$@"
else
  cmake --build --preset "$preset"
fi
