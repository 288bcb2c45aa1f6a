// Random command sequences over objectives and metrics never break an invariant.
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
#include "tests/support/property.h"

namespace parley::test {
namespace {

using S = const LedgerState&;

const std::vector<std::string> kObjectives = {"objectives/o1", "objectives/o2", "parties/buyer/objectives/o1"};

const v1::Metric& M1(S state) { return *state.Find<v1::Metric>(InAcme("metrics/m1")); }

// Now and then in the past, now and then imported.
template <class Request>
Request Sometimes(Request request, S state, Dice& dice) {
  if (dice.Below(8) == 0) {
    *request.mutable_effective_at() = ToProto(state.last_recorded_at() - absl::Hours(1) * (1 << dice.Below(10)));
  }
  request.set_historical(dice.Below(16) == 0);
  return request;
}

// "period: …" of one of the latest periods of the kind in force, and sometimes a version.
std::string SomePeriod(S state, Dice& dice) {
  const auto kind = FindVersion(M1(state), M1(state).version_in_force())->definition().period_kind();
  const absl::Duration length = absl::Hours(24 * (kind == v1::PERIOD_KIND_WEEK ? 7 : 28));
  const absl::Time time = state.last_recorded_at() - static_cast<int>(dice.Below(4)) * length;
  const std::string period = absl::StrCat("period: '", Period::Containing(kind, time).id(), "' ");
  return dice.Below(8) == 0 ? absl::StrCat(period, "version: ", 1 + dice.Below(3), " ") : period;
}

// The same of the latest period in `wanted`, where there is one.
std::string PeriodIn(v1::MetricPeriodState wanted, S state, Dice& dice) {
  std::string found = SomePeriod(state, dice);
  for (const auto& period : M1(state).periods()) {
    if (period.state() == wanted) {
      found = absl::StrCat("version: ", period.version(), " period: '", period.period(), "' ");
    }
  }
  return found;
}
std::string ContestedPeriod(S state, Dice& dice) { return PeriodIn(v1::METRIC_PERIOD_STATE_CONTESTED, state, dice); }

std::string SomeMeasurement(Dice& dice) {
  std::string fields = absl::StrCat("measurement { raw { numerator: ", dice.Below(120),
                                    dice.Below(5) == 0 ? "" : " denominator: 100", " } ");
  if (dice.Below(2) == 0)
    absl::StrAppend(&fields, "clock_stopped { numerator: ", dice.Below(120), " denominator: 100 } ");
  return fields + "} ";
}

template <class Request>
Move OfMetric(std::function<std::string(S, Dice&)> fields) {
  return Asks<v1::Metric, Request>([=](S state, Dice& dice) {
    auto request = OfM1<Request>(fields(state, dice));
    return Sometimes(std::move(request), state, dice);
  });
}

template <class Request>
Move OfObjective(std::function<std::string(Dice&)> fields) {
  return Asks<v1::Objective, Request>([=](S state, Dice& dice) {
    Request request = Parse<Request>(fields(dice));
    request.set_name(InAcme(dice.OneOf(kObjectives)));
    return Sometimes(std::move(request), state, dice);
  });
}

std::string CheckPeriod(const v1::Metric& metric, const v1::MetricPeriod& period) {
  const auto* version = FindVersion(metric, period.version());
  if (version == nullptr || !version->has_effect_time()) return "its definition was never agreed";
  const v1::MetricValue* live = LiveValue(period);
  const v1::MetricRating rating = Rate(InputsOf(live ? live->measurement() : v1::Measurement(), version->definition()));
  if (Canonical(rating) != Canonical(period.rating())) return "its rating does not follow from its value";
  if ((live == nullptr || !IsKnown(live->measurement().raw())) && Passes(period.rating().raw()))
    return "unknown passes";
  const bool open = period.has_contest() && !period.contest().has_settle_time();
  if (open != (period.state() == v1::METRIC_PERIOD_STATE_CONTESTED)) return "an open contest does not show";
  if (period.has_contest() && period.contest().party_id() == period.reported().party_id()) return "contested by itself";
  if (period.has_settled() && period.settled().party_id() == period.contest().settlement().party_id()) {
    return "settled by one side";
  }
  const bool closed = period.state() == v1::METRIC_PERIOD_STATE_CLOSED;
  if (closed && period.has_reported() && !period.has_settled() &&
      period.closed_by_party() == period.reported().party_id()) {
    return "closed by who reported it";
  }
  return "";
}

std::string OnePerVersionAndPeriod(S, S after) {
  std::pair<int32_t, std::string> former;
  for (const v1::MetricPeriod& period : M1(after).periods()) {
    std::pair<int32_t, std::string> key(period.version(), period.period());
    if (!(former < key)) return period.period();
    former = std::move(key);
    const std::string fault = CheckPeriod(M1(after), period);
    if (!fault.empty()) return period.period() + ": " + fault;
  }
  return "";
}

std::string ClosedNeverChanges(S before, S after) {
  for (const v1::MetricPeriod& was : M1(before).periods()) {
    const v1::MetricPeriod* is = FindPeriod(M1(after), was.version(), was.period());
    if (is == nullptr) return was.period() + " is gone";
    if (was.state() == v1::METRIC_PERIOD_STATE_CLOSED && Canonical(was) != Canonical(*is)) return was.period();
    // That a report was missing stays on record, once.
    if (was.has_missing_time() && Canonical(was.missing_time()) != Canonical(is->missing_time())) return was.period();
    if (was.has_reported() && is->reported().revision() < was.reported().revision()) return was.period() + " went back";
  }
  return "";
}

std::string AgreedByBoth(S before, S after) {
  const v1::Metric& metric = M1(after);
  for (int i = 0; i < metric.versions_size(); ++i) {
    const auto& version = metric.versions(i);
    if (version.version() != i + 1) return "numbering";
    if (i < M1(before).versions_size() &&
        Canonical(M1(before).versions(i).definition()) != Canonical(version.definition())) {
      return "a definition was edited";
    }
    std::set<std::string> parties;
    for (const auto& agreement : version.agreements()) {
      if (!parties.insert(agreement.party_id()).second) return "a party agreed twice";
    }
    const bool both = parties == std::set<std::string>{"buyer", "provider"};
    if (both != version.has_effect_time()) return absl::StrCat("version ", i + 1);
    if (version.has_effect_time() && metric.version_in_force() < i + 1) return "an earlier version is in force";
  }
  return metric.version_in_force() < M1(before).version_in_force() ? "an earlier version came back" : "";
}

// A version stops awaiting a period only because it is reported, missing, or another version's, or all is over.
std::string NothingAwaitedIsForgotten(S before, S after) {
  for (const auto& was : M1(before).versions()) {
    const auto& is = *FindVersion(M1(after), was.version());
    auto period = Period::Parse(was.awaited_period());
    const auto until = Period::Parse(is.awaited_period());
    const bool over = is.has_await_until() || after.relationship().has_exit_time();
    if (!period || (!until && !over)) {
      if (period) return "nothing is awaited any more";
      continue;
    }
    for (; period && (until ? period->start() < until->start() : period->end() <= FromProto(is.await_until()));
         period = period->Next()) {
      if (FindPeriod(M1(after), was.version(), period->id()) == nullptr) return period->id();
    }
  }
  return "";
}

std::string OneScoreAndLinkEach(S, S after) {
  std::pair<std::string, std::string> former;
  for (const auto& perception : M1(after).perceptions()) {
    std::pair<std::string, std::string> key(perception.period(), perception.party_id());
    if (!(former < key) || perception.score() < 1 || perception.score() > 5) return perception.period();
    former = std::move(key);
  }
  std::set<std::string> linked;
  for (const auto& link : M1(after).links()) {
    if (!linked.insert(link.objective()).second) return link.objective() + " is linked twice";
    const auto* objective = after.Find<v1::Objective>(link.objective());
    if (objective == nullptr || !IsRankedBy(*objective, "buyer") || !IsRankedBy(*objective, "provider")) {
      return link.objective() + " was not ranked by both";
    }
  }
  return "";
}

Area MetricArea() {
  Area area;
  const Move report =
      OfMetric<v1::ReportMetricRequest>([](S s, Dice& d) { return SomePeriod(s, d) + SomeMeasurement(d); });
  const Move propose = Asks<v1::Metric, v1::ProposeMetricDefinitionRequest>([](S state, Dice& dice) {
    auto definition = StandardDefinition();
    if (dice.Below(2) == 0) definition.set_period_kind(v1::PERIOD_KIND_WEEK);
    definition.mutable_expected()->set_parts_per_million(600000 + 20000 * static_cast<int>(dice.Below(20)));
    return Sometimes(ProposeVersion(definition), state, dice);
  });
  const Move agree = OfMetric<v1::AgreeToMetricDefinitionRequest>(
      [](S s, Dice&) { return absl::StrCat("version: ", M1(s).versions_size()); });
  const Move correct = OfMetric<v1::CorrectMetricRequest>(
      [](S s, Dice& d) { return SomePeriod(s, d) + SomeMeasurement(d) + "reason: 'r' "; });
  const Move settle = OfMetric<v1::ProposeMetricSettlementRequest>(
      [](S s, Dice& d) { return ContestedPeriod(s, d) + SomeMeasurement(d); });
  const Move accept = OfMetric<v1::AgreeToMetricSettlementRequest>([](S s, Dice& d) {
    int latest = 0;
    for (const auto& period : M1(s).periods()) {
      if (period.state() == v1::METRIC_PERIOD_STATE_CONTESTED) latest = period.contest().settlement().settlement();
    }
    return absl::StrCat(ContestedPeriod(s, d), "settlement: ", d.Below(4) == 0 ? latest - 1 : latest);
  });
  area.moves = {
      report,
      report,
      propose,
      agree,
      agree,
      correct,
      OfMetric<v1::CorrectMetricRequest>([](S s, Dice& d) {
        const auto kind = FindVersion(M1(s), M1(s).version_in_force())->definition().period_kind();
        return PeriodIn(v1::METRIC_PERIOD_STATE_CLOSED, s, d) + SomeMeasurement(d) +
               "reason: 'r' adjustment_period: '" + Period::Containing(kind, s.last_recorded_at()).id() + "'";
      }),
      OfMetric<v1::ContestMetricRequest>([](S s, Dice& d) { return SomePeriod(s, d) + "grounds: 'g'"; }),
      settle,
      settle,
      accept,
      accept,
      accept,
      OfMetric<v1::CloseMetricPeriodRequest>(SomePeriod),
      OfMetric<v1::SurveyMetricPerceptionRequest>([](S s, Dice& d) {
        auto id = SomePeriod(s, d);
        return absl::StrCat(id.substr(0, id.find("version")), "score: ", d.Below(7));
      }),
      OfMetric<v1::LinkMetricToObjectiveRequest>([](S, Dice& d) {
        return absl::StrCat("objective: '", InAcme(d.OneOf(kObjectives)), "' strength: ", d.Below(7));
      }),
  };
  area.invariants = {
      {"one live value per version and period, rated as it is, and never a pass unknown", OnePerVersionAndPeriod},
      {"a closed period never changes, and none goes back", ClosedNeverChanges},
      {"a definition is in force by both parties' word, and is never edited", AgreedByBoth},
      {"no awaited report is forgotten", NothingAwaitedIsForgotten},
      {"one score per party and period; links to what both ranked", OneScoreAndLinkEach},
  };
  return area;
}

std::string RanksOfEachParty(S before, S after) {
  for (const std::string& id : kObjectives) {
    const auto* is = after.Find<v1::Objective>(InAcme(id));
    if (is == nullptr) continue;
    const auto* was = before.Find<v1::Objective>(InAcme(id));
    std::set<std::string> parties;
    int changed = 0;
    for (const auto& ranking : is->rankings()) {
      if (!parties.insert(ranking.party_id()).second || ranking.rank() < 1 || ranking.rank() > 5) return id;
      const v1::ObjectiveRanking* former = nullptr;
      for (const auto& other : was ? was->rankings() : v1::Objective::default_instance().rankings()) {
        if (other.party_id() == ranking.party_id()) former = &other;
      }
      const int more = ranking.times_ranked() - (former ? former->times_ranked() : 0);
      if (more == 0 && Canonical(*former) != Canonical(ranking)) return id + ": a rank changed uncounted";
      if (more < 0) return id + ": the count went back";
      changed += more;
    }
    if (changed > 1) return id + ": one party's word changed another's";
    if (was && was->state() == v1::OBJECTIVE_STATE_RETIRED && Canonical(*was) != Canonical(*is))
      return id + ": retired";
    if (id.starts_with("parties/") && parties.contains("provider")) return id + ": is the buyer's own";
  }
  return "";
}

Area ObjectiveArea() {
  Area area;
  const Move rank =
      OfObjective<v1::RankObjectiveRequest>([](Dice& dice) { return absl::StrCat("rank: ", dice.Below(7)); });
  area.moves = {
      Asks<v1::Objective, v1::StateObjectiveRequest>([](S state, Dice& dice) {
        auto request = Parse<v1::StateObjectiveRequest>("title: 'T'");
        request.set_parent(dice.Below(2) == 0 ? kAcme : InAcme("parties/buyer"));
        request.set_objective_id(dice.Below(2) == 0 ? "o1" : "o2");
        return Sometimes(std::move(request), state, dice);
      }),
      rank,
      rank,
      OfObjective<v1::EndorseObjectiveRequest>([](Dice&) { return ""; }),
      OfObjective<v1::RetireObjectiveRequest>([](Dice& dice) { return dice.Below(2) == 0 ? "reason: 'r'" : ""; }),
  };
  area.invariants = {{"each party's latest rank stands for itself", RanksOfEachParty}};
  return area;
}

TEST(MetricProperties, HoldWhateverIsAskedFor) {
  const WalkOptions options{.start =
                                [](World& world) {
                                  Chartered(world);
                                  Ranked(world);
                                  JanuaryReported(world);
                                },
                            .principals = {"bea", "bea", "bill", "pat", "pat", "petra", "brian", "otto"},
                            .areas = {MetricArea(), ObjectiveArea()}};
  std::map<std::string, int> recorded;
  const bool held = rc::check("objectives and metrics keep their promises", [&] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const auto commands = *rc::gen::inRange(1, 400);
    const std::string violation = Walk(options, seed, commands, recorded);
    if (!violation.empty()) RC_FAIL(violation);
  });
  EXPECT_TRUE(held);
  // A walk that never gets anywhere proves nothing.
  for (const char* type :
       {"metric.reported", "metric.rated", "metric.corrected", "metric.contested", "metric.contest_settlement_proposed",
        "metric.contest_settled", "metric.adjustment_recorded", "metric.period_closed", "metric.perception_surveyed",
        "metric.definition_proposed", "metric.definition_agreed", "metric.linked_to_objective", "objective.stated",
        "objective.ranked", "objective.endorsed", "objective.retired"}) {
    EXPECT_GT(recorded[type], 0) << type;
  }
}

}  // namespace
}  // namespace parley::test
