#include "services/metric/period.h"

#include "absl/strings/str_format.h"

namespace parley {
namespace {

// Exactly `digits` digits from `at` on.
std::optional<int> Number(std::string_view text, size_t at, size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

// Monday of an ISO year's week 1: of the week in which 4 January lies.
absl::CivilDay FirstMonday(absl::civil_year_t year) {
  return absl::PrevWeekday(absl::CivilDay(year, 1, 5), absl::Weekday::monday);
}

// The ISO year of the week that starts on `monday`: the year of its Thursday.
absl::civil_year_t IsoYear(absl::CivilDay monday) { return (monday + 3).year(); }

int QuarterOf(absl::CivilDay day) { return (day.month() - 1) / 3 + 1; }

absl::CivilDay FirstDay(v1::PeriodKind kind, absl::CivilDay day) {
  switch (kind) {
    case v1::PERIOD_KIND_DAY:
      return day;
    case v1::PERIOD_KIND_WEEK:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case v1::PERIOD_KIND_MONTH:
      return absl::CivilDay(day.year(), day.month(), 1);
    case v1::PERIOD_KIND_QUARTER:
      return absl::CivilDay(day.year(), 3 * QuarterOf(day) - 2, 1);
    case v1::PERIOD_KIND_UNSPECIFIED:
    case v1::PeriodKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::PeriodKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return day;
}

absl::Time Midnight(absl::CivilDay day) { return absl::FromCivil(day, absl::UTCTimeZone()); }

}  // namespace

std::optional<Period> Period::Parse(std::string_view id) {
  const auto year = Number(id, 0, 4);
  if (!year || *year < 1900 || *year > 9998 || id.size() < 7 || id[4] != '-') return std::nullopt;
  if (id[5] == 'W') {
    const auto week = Number(id, 6, 2);
    if (!week || *week < 1 || id.size() != 8) return std::nullopt;
    const absl::CivilDay monday = FirstMonday(*year) + 7 * (*week - 1);
    if (IsoYear(monday) != *year) return std::nullopt;
    return Period(v1::PERIOD_KIND_WEEK, monday);
  }
  if (id[5] == 'Q') {
    const auto quarter = Number(id, 6, 1);
    if (!quarter || *quarter < 1 || *quarter > 4 || id.size() != 7) return std::nullopt;
    return Period(v1::PERIOD_KIND_QUARTER, absl::CivilDay(*year, 3 * *quarter - 2, 1));
  }
  const auto month = Number(id, 5, 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  if (id.size() == 7) return Period(v1::PERIOD_KIND_MONTH, absl::CivilDay(*year, *month, 1));
  const auto number = Number(id, 8, 2);
  if (!number || id[7] != '-' || id.size() != 10) return std::nullopt;
  const absl::CivilDay day(*year, *month, *number);
  // The civil calendar carries 31 February over into March.
  if (day.month() != *month || day.day() != *number) return std::nullopt;
  return Period(v1::PERIOD_KIND_DAY, day);
}

Period Period::Containing(v1::PeriodKind kind, absl::Time time) {
  return Period(kind, FirstDay(kind, absl::ToCivilDay(time, absl::UTCTimeZone())));
}

std::string Period::id() const {
  switch (kind_) {
    case v1::PERIOD_KIND_DAY:
      return absl::StrFormat("%04d-%02d-%02d", first_.year(), first_.month(), first_.day());
    case v1::PERIOD_KIND_WEEK: {
      const absl::civil_year_t year = IsoYear(first_);
      return absl::StrFormat("%04d-W%02d", year, (first_ - FirstMonday(year)) / 7 + 1);
    }
    case v1::PERIOD_KIND_MONTH:
      return absl::StrFormat("%04d-%02d", first_.year(), first_.month());
    case v1::PERIOD_KIND_QUARTER:
      return absl::StrFormat("%04d-Q%d", first_.year(), QuarterOf(first_));
    case v1::PERIOD_KIND_UNSPECIFIED:
    case v1::PeriodKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::PeriodKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "";
}

absl::CivilDay Period::NextFirst() const {
  switch (kind_) {
    case v1::PERIOD_KIND_DAY:
      return first_ + 1;
    case v1::PERIOD_KIND_WEEK:
      return first_ + 7;
    case v1::PERIOD_KIND_MONTH:
      return absl::CivilDay(absl::CivilMonth(first_) + 1);
    case v1::PERIOD_KIND_QUARTER:
      return absl::CivilDay(absl::CivilMonth(first_) + 3);
    case v1::PERIOD_KIND_UNSPECIFIED:
    case v1::PeriodKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::PeriodKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return first_;
}

absl::Time Period::start() const { return Midnight(first_); }
absl::Time Period::end() const { return Midnight(NextFirst()); }
Period Period::Next() const { return Period(kind_, NextFirst()); }

}  // namespace parley
