// How throughput, latency, memory and disk go as the log grows.
#pragma once

#include <string>

#include "tests/bench/options.h"

namespace parley::bench {

// Fills one store up to options.large() entries, from a thousandth of that by factors of ten, measures at each size, and writes a line
// per size to `csv`, printing it, too. curves.sh draws them.
void BenchCurves(const BenchOptions& options, const std::string& csv);

// Draws what BenchCurves wrote as an SVG. Ends the run where the file is not such.
void DrawCurves(const std::string& csv, const std::string& svg);

}  // namespace parley::bench
