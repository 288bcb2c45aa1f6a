// What PostgreSQL does on this machine as an event store.
#pragma once

#include <optional>

#include "tests/bench/options.h"

namespace parley::bench {

// Appends per second over 64 connections, as postgres.sh measures them; nullopt, with the reason on standard error, where PostgreSQL 15
// is not installed or cannot be run.
std::optional<double> PostgresAppendsPerSecond(const BenchOptions& options);

}  // namespace parley::bench
