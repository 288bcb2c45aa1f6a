#!/usr/bin/env bash
# Takes the protos as they are for the new baseline, proto/baseline.binpb, against which tests/lint checks that nothing
# which clients or stored events depend on is changed. Run it after additions, so that they are guarded too; where the
# check fails, only once it is clear that the break is meant, and say so in the commit.
set -euo pipefail
cd "$(dirname "$0")/.."
buf=build/node/node_modules/.bin/buf
[ -x "$buf" ] || deploy/install.sh
"$buf" build proto --exclude-source-info -o proto/baseline.binpb
