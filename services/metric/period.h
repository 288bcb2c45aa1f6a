// The periods that metrics are reported for: days, ISO 8601 weeks, months and quarters, in UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "parley/v1/metric.pb.h"

namespace parley {

// A value. Periods of one kind touch without overlap, and their ids sort as they follow one another.
class Period {
 public:
  // "2026-03-05", "2026-W10", "2026-03" or "2026-Q1": four digits of a year from 1900 to 9998, and nothing that is not
  // in the calendar (a week 53 only in the years that have one). nullopt otherwise.
  static std::optional<Period> Parse(std::string_view id);
  // The period in which `time` lies. `kind` is one of the four, `time` in the years above.
  static Period Containing(v1::PeriodKind kind, absl::Time time);

  v1::PeriodKind kind() const { return kind_; }
  std::string id() const;
  // The first moment in it, and the first after it.
  absl::Time start() const;
  absl::Time end() const;
  Period Next() const;

  bool operator==(const Period&) const = default;

 private:
  // `first`: the day on which it starts.
  Period(v1::PeriodKind kind, absl::CivilDay first) : kind_(kind), first_(first) {}
  absl::CivilDay NextFirst() const;

  v1::PeriodKind kind_;
  absl::CivilDay first_;
};

}  // namespace parley
