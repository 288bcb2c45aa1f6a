#include "services/cli/demo_measures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace parley::demo {
namespace {

constexpr int64_t kMillion = 1'000'000;

// Percent of an ordinary month, January to December: a food company is busiest before Christmas and away in August.
constexpr int kSeason[] = {104, 97, 99, 98, 96, 94, 88, 82, 98, 106, 117, 121};

constexpr Incident kIncidents[] = {
    {"platform-availability", 4, 993'100},   // A certificate ran out.
    {"platform-availability", 9, 981'400},   // The storage failure.
    {"platform-availability", 17, 992'600},  // A failed release.
    {"invoice-accuracy", 7, 951'000},        // The new price list, loaded twice.
    {"invoice-accuracy", 19, 969'000},       // And once more, a year on.
    {"paid-on-time", 16, 810'000},           // Acme moves its accounts payable to a shared centre,
    {"paid-on-time", 17, 640'000},           // which does not know the orders yet,
    {"paid-on-time", 18, 690'000},           // and learns them slowly.
    {"aged-backlog", 10, 171'000},           // Everybody was on the storage failure.
};

int64_t Along(const std::array<int64_t, 5>& course, int month) {
  constexpr int kStretch = kMonths / 4;
  const int leg = std::min(month / kStretch, 3);
  const int64_t from = course[leg];
  return from + (course[leg + 1] - from) * (month - leg * kStretch) / kStretch;
}

v1::Evidence MakeEvidence(const Agenda& agenda, const std::string& id, const std::string& period) {
  v1::Evidence evidence;
  evidence.set_sha256(agenda.Throw(absl::StrCat("evidence ", id, " ", period)).Digest());
  evidence.set_uri(absl::StrCat("https://reports.globex.example/", id, "/", period, ".pdf"));
  return evidence;
}

void Set(v1::Fraction& fraction, int64_t numerator, int64_t denominator) {
  fraction.set_numerator(numerator);
  fraction.set_denominator(denominator);
}

}  // namespace

v1::Measurement Measure(const Agenda& agenda, const Course& course, int month) {
  const int season = course.seasonal ? kSeason[agenda.FirstDay(month).month() - 1] : 100;
  Dice dice = agenda.Throw(absl::StrCat(course.id, " ", month));
  int64_t volume = course.volume * season / 100;
  if (course.seasonal) volume += volume * dice.Between(-4, 4) / 100;
  int64_t value =
      Along(course.value, month) + dice.Between(-course.noise, course.noise) - course.strain * (season - 100) / 10;
  for (const Incident& incident : kIncidents) {
    if (incident.id == std::string_view(course.id) && incident.month == month) value = incident.value;
  }
  const int64_t highest = course.unbounded ? value : kMillion;
  v1::Measurement measurement;
  Set(*measurement.mutable_raw(), volume * std::clamp<int64_t>(value, 0, highest) / kMillion, volume);
  if (course.clock_gain[0] > 0) {
    const int64_t stopped = std::clamp<int64_t>(value + Along(course.clock_gain, month), 0, highest);
    Set(*measurement.mutable_clock_stopped(), volume * stopped / kMillion, volume);
  }
  *measurement.mutable_evidence() = MakeEvidence(agenda, course.id, agenda.Month(month));
  return measurement;
}

v1::Measurement MeasureCount(const Agenda& agenda, const std::string& id, const std::string& period, int64_t numerator,
                             int64_t denominator) {
  v1::Measurement measurement;
  Set(*measurement.mutable_raw(), numerator, denominator);
  *measurement.mutable_evidence() = MakeEvidence(agenda, id, period);
  return measurement;
}

}  // namespace parley::demo
