// How a measurement compares with the levels agreed: exact, in integers.
#pragma once

#include "parley/v1/metric.pb.h"

namespace parley {

// Whether there is a number at all.
bool IsKnown(const v1::Fraction& fraction);

// UNKNOWN where there is no data; otherwise by cross multiplication in 128 bits. The levels have positive denominators.
v1::Rating RateFraction(const v1::Fraction& fraction, v1::MetricDirection direction, const v1::MetricLevel& expected,
                        const v1::MetricLevel& target);

// Met the expected level, or the target. Unknown never passes.
bool Passes(v1::Rating rating);

// Rates the raw and the clock-stopped value, each by itself. Anyone who has a Rated event's inputs gets its rating
// again.
v1::MetricRating Rate(const v1::RatingInputs& inputs);

v1::RatingInputs InputsOf(const v1::Measurement& measurement, const v1::MetricDefinition& definition);

// Whether `level` is at least as good as `than`.
bool IsAtLeast(const v1::MetricLevel& level, const v1::MetricLevel& than, v1::MetricDirection direction);

}  // namespace parley
