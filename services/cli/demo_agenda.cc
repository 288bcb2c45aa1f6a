#include "services/cli/demo_agenda.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace parley::demo {
namespace {

// Setting up takes this long; the first month is the next whole one.
constexpr int kSetupDays = 20;

absl::CivilMonth FirstMonth(absl::Time start) {
  return absl::CivilMonth(absl::ToCivilDay(start, absl::UTCTimeZone()) + kSetupDays) + 1;
}

}  // namespace

Agenda::Agenda(std::string relationship_id, uint64_t seed, absl::Time start)
    : root_("relationships/" + std::move(relationship_id)),
      seed_(seed),
      start_(start),
      first_month_(FirstMonth(start)) {}

absl::Time Agenda::TimeOf(const When& when) const {
  Dice dice = Throw(absl::StrCat("minutes ", when.month, " ", when.day, " ", when.hour));
  const absl::Duration past = absl::Minutes(dice.Between(0, 50));
  if (when.month == kSetup) return start_ + absl::Hours(24 * (when.day - 1) + when.hour) + past;
  const absl::CivilDay day = FirstDay(when.month) + (when.day - 1);
  return absl::FromCivil(absl::CivilHour(day) + when.hour, absl::UTCTimeZone()) + past;
}

std::string Agenda::Month(int month) const {
  const absl::CivilDay first = FirstDay(month);
  return absl::StrFormat("%04d-%02d", first.year(), first.month());
}

std::vector<Step> Agenda::InOrder() const {
  std::vector<Step> steps = steps_;
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.time < b.time; });
  return steps;
}

std::string Agenda::NextRequestId(const std::string& resource) {
  return RequestId(seed_, resource, ++requests_[resource]);
}

std::string RequestId(uint64_t seed, std::string_view resource, int n) {
  return absl::StrCat("demo-", absl::Hex(seed), "/", std::string(resource), "/", n);
}

google::type::Money Eur(int64_t units) {
  google::type::Money money;
  money.set_currency_code("EUR");
  money.set_units(units);
  return money;
}

}  // namespace parley::demo
