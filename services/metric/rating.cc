#include "services/metric/rating.h"

#include "absl/numeric/int128.h"

namespace parley {
namespace {

constexpr int64_t kMillion = 1'000'000;

v1::Fraction AsFraction(const v1::MetricLevel& level) {
  if (level.has_fraction()) return level.fraction();
  v1::Fraction fraction;
  fraction.set_numerator(level.parts_per_million());
  fraction.set_denominator(kMillion);
  return fraction;
}

// Denominators are positive. The products of two int64 fit into 128 bits, so that nothing is ever rounded.
bool AtLeast(const v1::Fraction& value, const v1::Fraction& level, v1::MetricDirection direction) {
  const absl::int128 left = absl::int128(value.numerator()) * level.denominator();
  const absl::int128 right = absl::int128(level.numerator()) * value.denominator();
  return direction == v1::METRIC_DIRECTION_LOWER_IS_BETTER ? left <= right : left >= right;
}

}  // namespace

bool IsKnown(const v1::Fraction& fraction) { return fraction.denominator() > 0; }

v1::Rating RateFraction(const v1::Fraction& fraction, v1::MetricDirection direction, const v1::MetricLevel& expected,
                        const v1::MetricLevel& target) {
  if (!IsKnown(fraction)) return v1::RATING_UNKNOWN;
  if (AtLeast(fraction, AsFraction(target), direction)) return v1::RATING_MET_TARGET;
  return AtLeast(fraction, AsFraction(expected), direction) ? v1::RATING_MET_EXPECTED : v1::RATING_MISSED;
}

bool Passes(v1::Rating rating) { return rating == v1::RATING_MET_EXPECTED || rating == v1::RATING_MET_TARGET; }

v1::MetricRating Rate(const v1::RatingInputs& inputs) {
  v1::MetricRating rating;
  rating.set_raw(RateFraction(inputs.raw(), inputs.direction(), inputs.expected(), inputs.target()));
  if (inputs.has_clock_stopped()) {
    rating.set_clock_stopped(
        RateFraction(inputs.clock_stopped(), inputs.direction(), inputs.expected(), inputs.target()));
  }
  rating.set_only_clock_stopped_passes(Passes(rating.clock_stopped()) && !Passes(rating.raw()));
  return rating;
}

v1::RatingInputs InputsOf(const v1::Measurement& measurement, const v1::MetricDefinition& definition) {
  v1::RatingInputs inputs;
  if (measurement.has_raw()) *inputs.mutable_raw() = measurement.raw();
  if (measurement.has_clock_stopped()) *inputs.mutable_clock_stopped() = measurement.clock_stopped();
  inputs.set_direction(definition.direction());
  *inputs.mutable_expected() = definition.expected();
  *inputs.mutable_target() = definition.target();
  return inputs;
}

bool IsAtLeast(const v1::MetricLevel& level, const v1::MetricLevel& than, v1::MetricDirection direction) {
  return AtLeast(AsFraction(level), AsFraction(than), direction);
}

}  // namespace parley
