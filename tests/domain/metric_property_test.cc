// Whatever anybody asks for, in whatever order: what must hold of metrics and objectives holds after every command.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "eventstore/base/proto_util.h"
#include "services/metric/metric.h"
#include "services/metric/metric_state.h"
#include "services/metric/period.h"
#include "services/metric/rating.h"
#include "services/objective/objective.h"
#include "tests/support/metric_fixtures.h"

namespace parley::test {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr const char* kPeople[] = {"bea", "bill", "pat", "petra", "brian", "otto"};

// One thing that somebody asks for. Small numbers, so that commands meet in the same periods.
struct Op {
  int what, who, ago, number;
};

std::ostream& operator<<(std::ostream& out, const Op& op) {
  return out << "{" << op.what << ", " << kPeople[op.who] << ", " << op.ago << ", " << op.number << "}";
}

class Walk {
 public:
  Walk() {
    Chartered(world_);
    Ranked(world_);
    Agreed(world_);
  }

  void Step(const Op& op) {
    world_.Act(kPeople[op.who]);
    const std::string period = PeriodOf(op);
    const std::string text = absl::StrCat("period: '", period, "' ");
    const std::string raw =
        absl::StrCat("measurement { raw { numerator: ", op.number * 7, " denominator: ", op.number % 5 == 0 ? 0 : 100,
                     " } clock_stopped { numerator: ", op.number * 9, " denominator: 100 } } ");
    switch (op.what) {
      case 0:
        return world_.AdvanceTo(world_.now() + (op.number + 1) * kDay);
      case 1:
      case 2:
        return Try(OfM1<v1::ReportMetricRequest>(text + raw));
      case 3:
        return Try(OfM1<v1::CorrectMetricRequest>(text + raw + "reason: 'r'"));
      case 4:
        return Try(OfM1<v1::CorrectMetricRequest>(
            absl::StrCat(text, raw, "reason: 'r' adjustment_period: '", PeriodOf({.ago = 0}), "'")));
      case 5:
        return Try(OfM1<v1::ContestMetricRequest>(text + "grounds: 'g'"));
      case 6:
        return Try(OfM1<v1::ProposeMetricSettlementRequest>(Contested() + raw));
      case 7:
        return Try(
            OfM1<v1::AgreeToMetricSettlementRequest>(absl::StrCat(Contested(), "settlement: ", 1 + op.number % 2)));
      case 8:
        return Try(OfM1<v1::CloseMetricPeriodRequest>(text));
      case 9:
        return Try(OfM1<v1::SurveyMetricPerceptionRequest>(absl::StrCat(text, "score: ", op.number % 7)));
      case 10:
        return Try(ProposeVersion(Definition(op.number)));
      case 11:
      case 12:
        return Try(AgreeTo(metric().versions_size()));
      case 13:
        return Try(Parse<v1::RankObjectiveRequest>(
            absl::StrCat("name: 'relationships/acme/objectives/o1' rank: ", op.number % 7)));
      case 14:
        return Try(OfM1<v1::LinkMetricToObjectiveRequest>(
            absl::StrCat("objective: 'relationships/acme/objectives/o1' strength: ", op.number % 7)));
    }
  }

  // Everything that must hold of the state, and of the record it follows from.
  void Check() {
    CheckPeriods();
    CheckClosed();
    CheckRecord();
    CheckAwaited();
    CheckObjective();
  }

  // The state is nothing but the fold of the entries.
  void CheckFold() {
    LedgerState again{world_.state().ledger()};
    for (const Entry& entry : world_.entries()) RC_ASSERT(again.Apply(entry).ok());
    RC_ASSERT(Canonical(again.ToSnapshot()) == Canonical(world_.state().ToSnapshot()));
  }

  static std::map<std::string, int>& seen() {
    static auto* const seen = new std::map<std::string, int>;
    return *seen;
  }

 private:
  const v1::Metric& metric() const { return *world_.state().Find<v1::Metric>(InAcme("metrics/m1")); }

  static v1::MetricDefinition Definition(int number) {
    auto definition = StandardDefinition();
    if (number % 2 == 0) definition.set_period_kind(v1::PERIOD_KIND_WEEK);
    definition.mutable_expected()->set_parts_per_million(600000 + 10000 * number);
    return definition;
  }

  // The period that ran `ago` periods before the one of today.
  std::string PeriodOf(const Op& op) const {
    const auto kind = FindVersion(metric(), metric().version_in_force())->definition().period_kind();
    const absl::Duration length = kind == v1::PERIOD_KIND_WEEK ? 7 * kDay : 28 * kDay;
    return Period::Containing(kind, world_.now() - op.ago * length).id();
  }

  // The latest period with a contest, or else one that has none.
  std::string Contested() const {
    std::string found = "period: '2026-01'";
    for (const auto& period : metric().periods()) {
      if (period.has_contest())
        found = absl::StrCat("version: ", period.version(), " period: '", period.period(), "' ");
    }
    return found;
  }

  template <class Request>
  void Try(const Request& request) {
    using R = std::conditional_t<std::is_same_v<Request, v1::RankObjectiveRequest>, v1::Objective, v1::Metric>;
    const auto outcome = world_.Run(MakeCommand<R>(std::make_shared<const Request>(request)));
    if (outcome.ok()) {
      for (const RecordedEvent& event : *outcome) ++seen()[event.kind];
    }
  }

  void CheckPeriods() {
    const v1::MetricPeriod* former = nullptr;
    for (const v1::MetricPeriod& period : metric().periods()) {
      // One per version and period, in order.
      if (former != nullptr) {
        RC_ASSERT(std::pair(former->version(), former->period()) < std::pair(period.version(), period.period()));
      }
      former = &period;
      const auto& definition = FindVersion(metric(), period.version())->definition();
      const v1::MetricValue* live = LiveValue(period);
      if (live == nullptr) {
        RC_ASSERT(period.rating().raw() == v1::RATING_UNKNOWN);
      } else {
        RC_ASSERT(Canonical(Rate(InputsOf(live->measurement(), definition))) == Canonical(period.rating()));
      }
      // Unknown never passes.
      if (live == nullptr || !IsKnown(live->measurement().raw())) RC_ASSERT(!Passes(period.rating().raw()));
      const bool open_contest = period.has_contest() && !period.contest().has_settle_time();
      RC_ASSERT(open_contest == (period.state() == v1::METRIC_PERIOD_STATE_CONTESTED));
      if (period.has_settled()) RC_ASSERT(period.contest().settlement().party_id() != period.settled().party_id());
      if (period.has_contest()) RC_ASSERT(period.contest().party_id() != period.reported().party_id());
    }
  }

  void CheckClosed() {
    for (const v1::MetricPeriod& period : metric().periods()) {
      const auto key = std::pair(period.version(), period.period());
      const std::string bytes = Canonical(period);
      if (const auto it = closed_.find(key); it != closed_.end()) RC_ASSERT(it->second == bytes);
      if (period.state() == v1::METRIC_PERIOD_STATE_CLOSED) closed_.emplace(key, bytes);
    }
  }

  // Of the entries that are new since the last time.
  void CheckRecord() {
    for (; checked_ < world_.entries().size(); ++checked_) {
      const auto event = DecodeEvent(world_.entries()[checked_]);
      RC_ASSERT(event.ok());
      if (const auto* of_metric = event->As<v1::MetricEvent>()) CheckMetricEvent(*of_metric);
      if (const auto* of_objective = event->As<v1::ObjectiveEvent>(); of_objective && of_objective->has_ranked()) {
        auto& [rank, times] = ranks_[event->info.party];
        rank = of_objective->ranked().rank();
        ++times;
      }
    }
    for (const auto& version : metric().versions()) {
      if (!version.has_effect_time()) continue;
      std::set<std::string> parties;
      for (const auto& agreement : version.agreements()) RC_ASSERT(parties.insert(agreement.party_id()).second);
      RC_ASSERT(parties == (std::set<std::string>{"buyer", "provider"}));
    }
  }

  void CheckMetricEvent(const v1::MetricEvent& event) {
    // A rating follows from the inputs that stand beside it.
    if (event.has_rated()) RC_ASSERT(Canonical(Rate(event.rated().inputs())) == Canonical(event.rated().rating()));
    // Reported once for each version and period; missing once for each period, whatever the version.
    if (const auto& e = event.reported(); event.has_reported()) {
      RC_ASSERT(once_.insert(absl::StrCat("reported ", e.version(), " ", e.period())).second);
    }
    if (event.has_report_missing()) RC_ASSERT(once_.insert("missing " + event.report_missing().period()).second);
  }

  // No period whose report fell due is without either.
  void CheckAwaited() {
    RC_ASSERT(world_.Settle().ok());
    const auto* version = FindVersion(metric(), metric().version_in_force());
    const absl::Time since = FromProto(version->effect_time());
    for (auto period = Period::Containing(version->definition().period_kind(), since);
         period.end() + FromProto(version->report_window()) <= world_.now(); period = period.Next()) {
      RC_ASSERT(FindPeriod(metric(), version->version(), period.id()) != nullptr);
    }
  }

  // Each party's latest rank stands, and no other.
  void CheckObjective() {
    std::map<std::string, std::pair<int, int>> standing;
    for (const auto& ranking : world_.state().Find<v1::Objective>(InAcme("objectives/o1"))->rankings()) {
      RC_ASSERT(ranking.rank() >= 1 && ranking.rank() <= 5);
      RC_ASSERT(standing.emplace(ranking.party_id(), std::pair(ranking.rank(), ranking.times_ranked())).second);
    }
    RC_ASSERT(standing == ranks_);
  }

  World world_;
  size_t checked_ = 0;
  std::set<std::string> once_;
  std::map<std::string, std::pair<int, int>> ranks_;  // By party: the latest rank, how often.
  std::map<std::pair<int32_t, std::string>, std::string> closed_;
};

TEST(MetricProperties, HoldWhateverIsAskedFor) {
  const auto op = rc::gen::construct<Op>(rc::gen::inRange(0, 15), rc::gen::inRange(0, 6), rc::gen::inRange(0, 3),
                                         rc::gen::inRange(0, 20));
  const bool held = rc::check("metrics and objectives keep their promises", [&] {
    const auto ops = *rc::gen::scale(4.0, rc::gen::container<std::vector<Op>>(op));
    Walk walk;
    for (const Op& next : ops) {
      walk.Step(next);
      walk.Check();
    }
    walk.CheckFold();
  });
  EXPECT_TRUE(held);
  // A walk that never gets anywhere proves nothing.
  for (const char* kind : {"reported", "rated", "corrected", "contested", "contest_settlement_proposed",
                           "contest_settled", "adjustment_recorded", "period_closed", "perception_surveyed",
                           "definition_proposed", "definition_agreed", "ranked", "linked_to_objective"}) {
    EXPECT_GT(Walk::seen()[kind], 0) << kind;
  }
}

}  // namespace
}  // namespace parley::test
