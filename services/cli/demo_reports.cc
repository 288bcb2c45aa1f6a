// What was reported month by month, what became of it, and how it was perceived.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "services/cli/demo_chapters.h"
#include "services/cli/demo_measures.h"
#include "services/cli/demo_metrics.h"

namespace parley::demo {
namespace {

constexpr int64_t kMinutes = 43'800;  // In an average month.

// Incident resolution is green while the clock is stopped and red as the user sees it.
constexpr Course kCourses[] = {
    {.id = "incident-resolution",
     .volume = 2'400,
     .seasonal = true,
     .value = {925'000, 872'000, 850'000, 884'000, 926'000},
     .noise = 7'000,
     .strain = 6'000,
     .clock_gain = {12'000, 76'000, 94'000, 58'000, 20'000}},
    {.id = "platform-availability",
     .volume = kMinutes,
     .value = {997'800, 998'400, 998'800, 999'100, 999'300},
     .noise = 500},
    {.id = "first-contact-fix",
     .volume = 2'300,
     .seasonal = true,
     .value = {688'000, 702'000, 716'000, 752'000, 794'000},
     .noise = 9'000,
     .strain = 8'000},
    {.id = "tickets-per-agent",
     .volume = 38,
     .value = {76'000'000, 79'000'000, 83'000'000, 84'000'000, 82'000'000},
     .noise = 3'000'000,
     .unbounded = true},
    {.id = "invoice-accuracy", .volume = 310, .value = {984'000, 987'000, 991'000, 993'000, 996'000}, .noise = 4'000},
    {.id = "aged-backlog",
     .volume = 420,
     .seasonal = true,
     .value = {138'000, 124'000, 112'000, 88'000, 64'000},
     .noise = 8'000,
     .strain = -9'000},
    {.id = "paid-on-time", .volume = 44, .value = {965'000, 960'000, 955'000, 930'000, 970'000}, .noise = 15'000},
};

constexpr int kNever = 99;  // A day that no month has.
constexpr int kUsualDay = 4;

// Reports that did not come on the usual day of the next month. The charter allows ten days.
struct Delay {
  const char* id;
  int month;
  int day;
};
constexpr Delay kDelays[] = {
    {"invoice-accuracy", 8, kNever}, {"first-contact-fix", 9, 14}, {"aged-backlog", 14, 16}, {"paid-on-time", 17, 21}};

struct Correction {
  const char* id;
  int month;
  int64_t numerator_off;
  const char* reason;
};
constexpr Correction kCorrections[] = {
    {"incident-resolution", 3, -41, "Tickets of the Lyon plant were counted twice."},
    {"tickets-per-agent", 11, -120, "Password resets by the bot are not an agent's."},
    {"first-contact-fix", 15, 33, "Reopened by the migration script, not by users."},
};

struct Contest {
  const char* id;
  int month;
  const char* grounds;
  int64_t numerator_off;
  const char* rationale;
};
constexpr Contest kContests[] = {
    {"incident-resolution", 2, "Tickets set to waiting overnight with nobody asked anything.", -58,
     "58 of the 71 sampled tickets had no question to the user."},
    {"platform-availability", 9, "The outage began when orders failed, not when the alert was read.", -190,
     "Counted from the first failed synthetic order."},
    {"aged-backlog", 12, "Tickets that wait for Acme's own vendors are not ours.", -11,
     "Eleven waited for the carrier."},
    {"first-contact-fix", 18, "Closed as duplicates, then fixed elsewhere.", -27, "Duplicates are left out."},
};

// Corrections that came after the period was closed: they stand in the month in which they were found.
struct Adjustment {
  const char* id;
  int month;
  int found;
  int64_t numerator_off;
  const char* reason;
};
constexpr Adjustment kAdjustments[] = {
    {"invoice-accuracy", 7, 10, -6, "Six credit notes were raised in the audit of the third quarter."},
    {"incident-resolution", 16, 19, 22, "Tickets of the old queue, found at the migration."},
};

// One digit a quarter, 1 to 5. The buyer's people see what the reports do not.
struct Perception {
  const char* id;
  const char* buyer;
  const char* provider;
};
constexpr Perception kPerceptions[] = {
    {"incident-resolution", "43222344", "44545444"}, {"platform-availability", "54435355", "55545455"},
    {"first-contact-fix", "33223345", "44444445"},   {"tickets-per-agent", "33222222", "55555555"},
    {"invoice-accuracy", "43344334", "45444445"},    {"paid-on-time", "55444345", "44333124"},
};

template <class Row, size_t n>
const Row* Find(const Row (&rows)[n], std::string_view id, int month) {
  const auto* row =
      std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.id == id && r.month == month; });
  return row == std::end(rows) ? nullptr : row;
}

// What the buyer owes, the buyer reports; everything else comes from the provider. The other side closes.
Person Reporter(std::string_view id) { return id == "paid-on-time" ? kContractManager : kServiceManager; }
Person ReportersSigner(std::string_view id) { return id == "paid-on-time" ? kContractManager : kAccountLead; }
Person Closer(std::string_view id) { return id == "paid-on-time" ? kFinanceLead : kServiceOwner; }

v1::Measurement Off(v1::Measurement measurement, int64_t numerator_off) {
  measurement.mutable_raw()->set_numerator(measurement.raw().numerator() + numerator_off);
  if (measurement.has_clock_stopped()) {
    auto& stopped = *measurement.mutable_clock_stopped();
    stopped.set_numerator(stopped.numerator() + numerator_off);
  }
  return measurement;
}

void Report(Agenda& agenda, const When& when, const Person& who, const std::string& id, const std::string& period,
            const v1::Measurement& measurement) {
  auto request = AboutMetric<v1::ReportMetricRequest>(agenda, id);
  request.set_period(period);
  *request.mutable_measurement() = measurement;
  agenda.Add(when, who, &Metrics::ReportMetric, MetricResource(id), request);
}

void Correct(Agenda& agenda, const When& when, const std::string& id, const std::string& period,
             const v1::Measurement& measurement, const char* reason, const std::string& adjustment_period = "") {
  auto request = AboutMetric<v1::CorrectMetricRequest>(agenda, id);
  request.set_period(period);
  *request.mutable_measurement() = measurement;
  request.set_reason(reason);
  request.set_adjustment_period(adjustment_period);
  agenda.Add(when, Reporter(id), &Metrics::CorrectMetric, MetricResource(id), request);
}

void Close(Agenda& agenda, const When& when, const Person& who, const std::string& id, const std::string& period) {
  auto request = AboutMetric<v1::CloseMetricPeriodRequest>(agenda, id);
  request.set_period(period);
  agenda.Add(when, who, &Metrics::CloseMetricPeriod, MetricResource(id), request);
}

// Contested by the other side, settled within two weeks.
void Settle(Agenda& agenda, int next, const Contest& contest, const v1::Measurement& measurement) {
  const std::string id = contest.id;
  const std::string period = agenda.Month(contest.month);
  auto contested = AboutMetric<v1::ContestMetricRequest>(agenda, id);
  contested.set_period(period);
  contested.set_grounds(contest.grounds);
  agenda.Add({next, 17}, kServiceOwner, &Metrics::ContestMetric, MetricResource(id), contested);

  auto propose = AboutMetric<v1::ProposeMetricSettlementRequest>(agenda, id);
  propose.set_period(period);
  *propose.mutable_measurement() = Off(measurement, contest.numerator_off);
  propose.set_rationale(contest.rationale);
  agenda.Add({next, 21}, ReportersSigner(id), &Metrics::ProposeMetricSettlement, MetricResource(id), propose);

  auto agree = AboutMetric<v1::AgreeToMetricSettlementRequest>(agenda, id);
  agree.set_period(period);
  agree.set_settlement(1);
  agenda.Add({next, 24}, kServiceOwner, &Metrics::AgreeToMetricSettlement, MetricResource(id), agree);
}

void TellMonth(Agenda& agenda, const Course& course, int month) {
  const std::string id = course.id;
  const std::string period = agenda.Month(month);
  const int next = month + 1;
  v1::Measurement measurement = Measure(agenda, course, month);
  const Delay* delay = Find(kDelays, id, month);
  const int day = delay ? delay->day : kUsualDay;
  if (day != kNever) Report(agenda, {next, day}, Reporter(id), id, period, measurement);
  if (const auto* correction = Find(kCorrections, id, month)) {
    measurement = Off(measurement, correction->numerator_off);
    Correct(agenda, {next, 9}, id, period, measurement, correction->reason);
  }
  if (const auto* contest = Find(kContests, id, month)) {
    measurement.clear_evidence();
    Settle(agenda, next, *contest, measurement);
  }
  Close(agenda, {next, 25}, Closer(id), id, period);
  if (const auto* adjustment = Find(kAdjustments, id, month)) {
    Correct(agenda, {adjustment->found, 15}, id, period, Off(measurement, adjustment->numerator_off),
            adjustment->reason, agenda.Month(adjustment->found));
  }
}

// Quarters are the calendar's: one that ended before a month begins is reported in it.
void TellKeyPeople(Agenda& agenda) {
  constexpr char kId[] = "key-people-kept";
  constexpr int kNamed = 14;
  for (int month = 1; month <= kMonths; ++month) {
    const absl::CivilMonth last = absl::CivilMonth(agenda.FirstDay(month)) - 1;
    if (last.month() % 3 != 0) continue;
    const std::string quarter = absl::StrFormat("%04d-Q%d", last.year(), last.month() / 3);
    // Around the handover of the second year, people left.
    const int left = month >= 12 && month <= 16 ? 3 : static_cast<int>(agenda.Throw("left " + quarter).Between(0, 1));
    Report(agenda, {month, 6}, kServiceManager, kId, quarter,
           MeasureCount(agenda, kId, quarter, kNamed - left, kNamed));
    Close(agenda, {month, 26}, kServiceOwner, kId, quarter);
  }
}

void Survey(Agenda& agenda, const When& when, const Person& who, const std::string& id, const std::string& period,
            char score) {
  auto request = AboutMetric<v1::SurveyMetricPerceptionRequest>(agenda, id);
  request.set_period(period);
  request.set_score(score - '0');
  agenda.Add(when, who, &Metrics::SurveyMetricPerception, MetricResource(id), request);
}

}  // namespace

void TellReports(Agenda& agenda) {
  for (int month = 0; month < kMonths; ++month) {
    for (const Course& course : kCourses) TellMonth(agenda, course, month);
  }
  TellKeyPeople(agenda);
  for (const Perception& perception : kPerceptions) {
    for (int quarter = 0; quarter < kMonths / 3; ++quarter) {
      const int month = quarter * 3 + 2;
      Survey(agenda, {month + 1, 7}, kBusinessLead, perception.id, agenda.Month(month), perception.buyer[quarter]);
      Survey(agenda, {month + 1, 8}, kServiceManager, perception.id, agenda.Month(month), perception.provider[quarter]);
    }
  }
}

}  // namespace parley::demo
