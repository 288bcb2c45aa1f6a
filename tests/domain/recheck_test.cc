// What the rules would not have let in is found when history is decided again, and at its place.
#include "services/aggregate/recheck.h"

#include <gmock/gmock.h>

#include "eventstore/base/proto_util.h"
#include "services/activity/activity.h"
#include "services/metric/metric.h"
#include "services/objective/objective.h"
#include "tests/support/decision_fixtures.h"
#include "tests/support/metric_fixtures.h"

namespace parley::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A good history, about to be tampered with.
class Forgery {
 public:
  explicit Forgery(const World& world) : entries_(world.entries()) {}

  std::vector<Entry>& entries() { return entries_; }
  size_t size() const { return entries_.size(); }
  // The latest entry of a type.
  Entry& Latest(std::string_view event_type) {
    for (size_t i = entries_.size(); i-- > 0;) {
      if (entries_[i].record.event_type() == event_type) return entries_[i];
    }
    ADD_FAILURE() << "no " << event_type;
    return entries_.front();
  }
  template <class E>
  void Change(Entry& entry, const std::function<void(E&)>& change) {
    E event;
    EXPECT_TRUE(event.ParseFromString(entry.record.event()));
    change(event);
    entry.record.set_event(Canonical(event));
  }
  // Takes an entry out, as if it had never been.
  void Drop(uint64_t sequence) {
    entries_.erase(entries_.begin() + sequence);
    for (size_t i = sequence; i < entries_.size(); ++i) entries_[i].header.set_sequence(i);
  }
  // Puts one in before `sequence`, at the time of the entry that stands there.
  Entry& Insert(uint64_t sequence, Entry entry) {
    *entry.header.mutable_recorded_at() = entries_[std::min(sequence, entries_.size() - 1)].header.recorded_at();
    entries_.insert(entries_.begin() + sequence, std::move(entry));
    for (size_t i = sequence; i < entries_.size(); ++i) entries_[i].header.set_sequence(i);
    return entries_[sequence];
  }

  std::vector<Breach> Breaches() const {
    Rechecker rechecker{LedgerId("acme")};
    for (const Entry& entry : entries_) {
      const size_t before = rechecker.breaches().size();
      const absl::Status added = rechecker.Add(entry);
      EXPECT_EQ(absl::IsPermissionDenied(added), rechecker.breaches().size() > before) << added;
      EXPECT_TRUE(added.ok() || absl::IsPermissionDenied(added)) << added;
    }
    rechecker.Finish().IgnoreError();
    return rechecker.breaches();
  }
  // The first breach must be at that entry.
  void ExpectRefused(uint64_t sequence, v1::Reason reason,
                     std::source_location where = std::source_location::current()) {
    const auto breaches = Breaches();
    testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "refused");
    ASSERT_FALSE(breaches.empty());
    EXPECT_EQ(breaches.front().sequence, sequence) << breaches.front().message;
    EXPECT_EQ(breaches.front().reason, reason) << breaches.front().message;
  }

 private:
  std::vector<Entry> entries_;
};

constexpr v1::Reason kDiffers = v1::REASON_UNSPECIFIED;

Forgery DecidedBy(const std::string& principal, const std::string& party, const std::string& role) {
  auto spec = decisions::DecidedD1();
  Forgery forgery(spec.world());
  v1::Record& decided = forgery.Latest("decision.decided").record;
  decided.set_actor(principal);
  decided.set_party(party);
  decided.set_role(role);
  return forgery;
}

TEST(Recheck, NobodyButTheDecideRoleDecides) {
  Forgery good = DecidedBy("bill", "buyer", "service-manager");
  EXPECT_THAT(good.Breaches(), IsEmpty());
  const uint64_t at = good.size() - 1;
  // The Agree role's holder, the buyer's representative, somebody without permission, the founder, a stranger.
  DecidedBy("petra", "provider", "delivery-lead").ExpectRefused(at, v1::REASON_ROLE_NOT_ENTITLED);
  DecidedBy("bea", "buyer", "service-manager").ExpectRefused(at, v1::REASON_ROLE_NOT_ENTITLED);
  DecidedBy("brian", "buyer", "service-manager").ExpectRefused(at, v1::REASON_PERMISSION_MISSING);
  DecidedBy("otto", "", "service-manager").ExpectRefused(at, v1::REASON_NOT_FOUND);
  DecidedBy("mallory", "buyer", "service-manager").ExpectRefused(at, v1::REASON_NOT_FOUND);
  DecidedBy("system", "", "").ExpectRefused(at, v1::REASON_NOT_A_MEMBER);
  // The right person, but not for that party, or not by that right.
  DecidedBy("bill", "provider", "service-manager").ExpectRefused(at, v1::REASON_NOT_A_MEMBER);
  DecidedBy("bill", "", "service-manager").ExpectRefused(at, kDiffers);
  DecidedBy("bill", "buyer", "representative").ExpectRefused(at, kDiffers);
  DecidedBy("bill", "buyer", "").ExpectRefused(at, kDiffers);
}

TEST(Recheck, ARoleThatWasRevokedBeforeGivesNoRight) {
  auto spec = decisions::DecidedD1();
  spec.By("bea").Given(On<v1::RevokeRoleRequest>("", "principal: 'bill' party_id: 'buyer' role: 'service-manager'"));
  Forgery forgery(spec.world());
  EXPECT_THAT(forgery.Breaches(), IsEmpty());
  // The revocation, which came after the decision, now comes before it.
  const uint64_t decided = forgery.Latest("decision.decided").sequence();
  Entry revoked = forgery.entries().back();
  forgery.Drop(revoked.sequence());
  forgery.Insert(decided, std::move(revoked));
  forgery.ExpectRefused(decided + 1, v1::REASON_NOT_FOUND);
}

TEST(Recheck, AnAmountAboveTheBandIsAnothersToDecide) {
  auto spec = decisions::DecidedD1();
  Forgery forgery(spec.world());
  forgery.Change<v1::DecisionEvent>(forgery.Latest("decision.proposed"), [](v1::DecisionEvent& event) {
    event.mutable_proposed()->mutable_amount()->set_currency_code("EUR");
    event.mutable_proposed()->mutable_amount()->set_units(10'000);
  });
  // Petra may recommend it, under the same role. To decide it was bea's.
  forgery.ExpectRefused(forgery.Latest("decision.decided").sequence(), v1::REASON_ROLE_NOT_ENTITLED);
}

TEST(Recheck, WhatDecideRefusesInThatStateIsRefused) {
  auto spec = decisions::DecidedD1();
  {
    Forgery twice(spec.world());
    Entry again = twice.Latest("decision.decided");
    again.record.set_request_id("another");
    twice.Insert(twice.size(), again);
    twice.ExpectRefused(twice.size() - 1, v1::REASON_WRONG_STATE);
  }
  Forgery silent(spec.world());
  const uint64_t concurred = silent.Latest("decision.concurred").sequence();
  silent.Drop(concurred);
  // What comes after it moved up by one.
  silent.ExpectRefused(concurred, v1::REASON_AGREEMENT_MISSING);
}

TEST(Recheck, TimesAreHeldToTheirRules) {
  auto spec = decisions::Proposed();
  spec.After(absl::Hours(1)).Given(decisions::kConcur);
  const auto at = [](absl::Time time, bool recorded) {
    return [=](Forgery& forgery) {
      Entry& last = forgery.entries().back();
      *(recorded ? last.header.mutable_recorded_at() : last.record.mutable_effective_at()) = ToProto(time);
      forgery.ExpectRefused(last.sequence(), recorded ? kDiffers : v1::REASON_EFFECTIVE_AT_INVALID);
    };
  };
  Forgery ahead(spec.world()), before_its_stream(spec.world()), back(spec.world());
  at(Epoch() + absl::Hours(1) + absl::Nanoseconds(1), false)(ahead);
  at(Epoch() - absl::Nanoseconds(1), false)(before_its_stream);
  at(Epoch() - absl::Nanoseconds(1), true)(back);
}

// Decided on 1 January, its review is due on 1 April.
Spec<v1::Decision> Reviewed() {
  auto spec = decisions::DecidedD1();
  spec.After(absl::Hours(24 * 91)).Given(decisions::kAssess);
  return spec;
}

TEST(Recheck, ADeadlineIsNotSkipped) {
  auto spec = Reviewed();
  Forgery forgery(spec.world());
  EXPECT_THAT(forgery.Breaches(), IsEmpty());
  const uint64_t due = forgery.Latest("decision.review_due").sequence();
  forgery.Drop(due);
  forgery.ExpectRefused(due, kDiffers);
  // It is said once, and what came after is judged as if it had been recorded.
  const auto breaches = forgery.Breaches();
  ASSERT_EQ(breaches.size(), 1u);
  EXPECT_THAT(breaches[0].message, HasSubstr("2026-04-01T00:00:00Z"));
  EXPECT_THAT(breaches[0].message, HasSubstr("acme/decisions/d1 (review 1) was due, which is not recorded"));
}

TEST(Recheck, ADeadlineIsNeitherEarlyNorLateNorElsewise) {
  auto spec = Reviewed();
  const uint64_t due = Forgery(spec.world()).Latest("decision.review_due").sequence();
  {
    Forgery early(spec.world());
    *early.entries()[due].header.mutable_recorded_at() = ToProto(Epoch() + absl::Hours(24 * 90) - absl::Seconds(1));
    early.ExpectRefused(due, kDiffers);
  }
  {
    Forgery late(spec.world());
    std::swap(late.entries()[due], late.entries()[due + 1]);
    for (const uint64_t i : {due, due + 1}) late.entries()[i].header.set_sequence(i);
    late.ExpectRefused(due, kDiffers);
  }
  const std::vector<std::function<void(v1::Record&)>> changes = {
      [](v1::Record& r) { r.mutable_effective_at()->set_seconds(r.effective_at().seconds() + 1); },
      [](v1::Record& r) { r.set_caused_by(0); },
      [](v1::Record& r) { r.clear_caused_by(); },
      [](v1::Record& r) { r.set_actor("bea"); },
      [](v1::Record& r) { r.set_party("buyer"); },
      [](v1::Record& r) { r.set_role("representative"); },
      [](v1::Record& r) { r.set_on_behalf_of("bea"); },
      [](v1::Record& r) { r.set_historical(true); },
      [](v1::Record& r) { r.set_request_id("deadline-0"); },
      [](v1::Record& r) { r.set_request_id(""); },
  };
  for (const auto& change : changes) {
    Forgery elsewise(spec.world());
    change(elsewise.entries()[due].record);
    const auto breaches = elsewise.Breaches();
    ASSERT_FALSE(breaches.empty());
    EXPECT_EQ(breaches.front().sequence, due) << breaches.front().message;
  }
}

TEST(Recheck, DeadlinesComeBeforeWhatAnotherPartyKeepsToItself) {
  auto spec = Reviewed();
  Forgery forgery(spec.world());
  const uint64_t due = forgery.Latest("decision.review_due").sequence();
  Rechecker rechecker{LedgerId("acme")};
  for (uint64_t i = 0; i < due; ++i) ASSERT_TRUE(rechecker.Add(forgery.entries()[i]).ok());
  v1::EntryHeader header = forgery.entries()[due].header;
  header.set_owner("provider");
  EXPECT_TRUE(absl::IsPermissionDenied(rechecker.Withheld(header)));
  EXPECT_EQ(rechecker.offence(), due);
}

TEST(Recheck, WhatAnotherPartyKeepsToItselfIsPassedOver) {
  Spec<v1::Objective> spec;
  spec.Given(Chartered).By("bea");
  spec.Given(
      Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme/parties/buyer' objective_id: 'o' title: 'T'"));
  spec.Given(Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme' objective_id: 'p' title: 'T'"));
  Rechecker rechecker{LedgerId("acme")};
  for (const Entry& entry : spec.world().entries()) {
    const absl::Status judged = entry.joint() ? rechecker.Add(entry) : rechecker.Withheld(entry.header);
    EXPECT_TRUE(judged.ok()) << judged;
  }
  EXPECT_TRUE(rechecker.Finish().ok());
  EXPECT_TRUE(rechecker.state().Exists(InAcme("objectives/p")));
  EXPECT_FALSE(rechecker.state().Exists(InAcme("parties/buyer/objectives/o")));
  EXPECT_EQ(rechecker.state().next_sequence(), spec.world().entries().size());
}

TEST(Recheck, NoPartyWritesAnothersOwn) {
  Spec<v1::Objective> spec;
  spec.Given(Chartered).By("bea").Given(
      Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme/parties/buyer' objective_id: 'o' title: 'T'"));
  Forgery forgery(spec.world());
  forgery.entries().back().record.set_actor("pat");
  forgery.entries().back().record.set_party("provider");
  forgery.ExpectRefused(forgery.size() - 1, v1::REASON_NOT_FOUND);
}

TEST(Recheck, ACommandIsRecordedWholeAndAlone) {
  Spec<v1::Metric> spec;
  spec.Given(Chartered).Given(JanuaryReported);
  {
    Forgery half(spec.world());
    half.entries().pop_back();  // The rating that goes with the report.
    half.ExpectRefused(half.size() - 1, kDiffers);
  }
  {
    Forgery other_half(spec.world());
    other_half.Drop(other_half.size() - 2);
    other_half.ExpectRefused(other_half.size() - 1, v1::REASON_WRONG_STATE);
  }
  Forgery more(spec.world());
  Entry survey = more.entries().back();
  survey.record.set_event_type("metric.perception_surveyed");
  more.Change<v1::MetricEvent>(survey, [](v1::MetricEvent& event) {
    event.mutable_perception_surveyed()->set_period("2026-01");
    event.mutable_perception_surveyed()->set_party_id("provider");
    event.mutable_perception_surveyed()->set_score(5);
  });
  more.Insert(more.size(), survey);
  more.ExpectRefused(more.size() - 1, kDiffers);
  // Under a request id of its own it is what petra might well have said.
  more.entries().back().record.set_request_id("another");
  EXPECT_THAT(more.Breaches(), IsEmpty());
}

TEST(Recheck, AHistoryBeginsWithItsRelationship) {
  Spec<v1::Decision> spec;
  spec.Given(Chartered);
  Forgery forgery(spec.world());
  Forgery by_the_system = forgery;
  by_the_system.entries().front().record.set_actor("system");
  by_the_system.ExpectRefused(0, v1::REASON_NOT_FOUND);
  Forgery twice = forgery;
  twice.Insert(twice.size(), twice.entries().front()).record.set_request_id("another");
  twice.ExpectRefused(twice.size() - 1, v1::REASON_NOT_FOUND);
  forgery.Drop(0);
  // Nothing stands without it.
  EXPECT_EQ(forgery.Breaches().size(), forgery.size());
}

TEST(Recheck, WhatIsRefusedIsLeftOutAndTheRestIsJudged) {
  auto spec = decisions::DecidedD1();
  spec.Given(decisions::kAssess).By("petra").Given(decisions::Propose("d2"));
  Forgery forgery(spec.world());
  forgery.Latest("decision.decided").record.set_actor("petra");
  forgery.Latest("decision.decided").record.set_party("provider");
  std::vector<uint64_t> refused;
  for (const Breach& breach : forgery.Breaches()) refused.push_back(breach.sequence);
  // The assessment of what was not decided is refused, too; the next proposal is not.
  EXPECT_EQ(refused, (std::vector<uint64_t>{forgery.Latest("decision.decided").sequence(),
                                            forgery.Latest("decision.outcome_assessed").sequence()}));
}

TEST(Recheck, WhatCannotBeReadIsNotJudged) {
  auto spec = decisions::DecidedD1();
  const auto add_last = [&](const std::function<void(Entry&)>& change) {
    Forgery forgery(spec.world());
    change(forgery.entries().back());
    Rechecker rechecker{LedgerId("acme")};
    absl::Status last;
    for (const Entry& entry : forgery.entries()) last = rechecker.Add(entry);
    EXPECT_THAT(rechecker.breaches(), IsEmpty());
    return last;
  };
  EXPECT_TRUE(add_last([](Entry&) {}).ok());
  EXPECT_TRUE(absl::IsDataLoss(add_last([](Entry& e) { e.header.set_sequence(e.sequence() + 1); })));
  EXPECT_TRUE(absl::IsDataLoss(add_last([](Entry& e) { e.header.set_ledger("other"); })));
  EXPECT_TRUE(absl::IsDataLoss(add_last([](Entry& e) { e.header.set_owner("buyer"); })));
  EXPECT_TRUE(absl::IsDataLoss(add_last([](Entry& e) { e.record.set_stream(InAcme("disputes/d1")); })));
  EXPECT_TRUE(absl::IsDataLoss(add_last([](Entry& e) { e.record.set_event_type("decision.divined"); })));
}

// More than a window full of entries of one origin: nobody knows where one batch ends.
TEST(Recheck, LongRunsOfBatchesAreDecidedInPieces) {
  Spec<v1::Activity> spec;
  spec.Given(Staffed).By("petra");
  for (int batch = 0; batch < 5; ++batch) {
    v1::RecordActivitiesRequest request;
    request.set_parent(kAcme);
    for (int i = 0; i < 700; ++i) {
      *request.add_activities() = Parse<v1::Activity>(absl::StrCat(
          "source: 'desk' source_id: '", batch, ".", i, "' case_id: 'c' activity: 'A' time { seconds: 1767139200 }"));
    }
    spec.Given(request);
  }
  Forgery forgery(spec.world());
  for (Entry& entry : forgery.entries()) entry.record.clear_request_id();
  EXPECT_THAT(forgery.Breaches(), IsEmpty());
  // One of the last that was there before.
  Entry& repeated = forgery.entries()[forgery.size() - 3];
  repeated.record = forgery.entries()[forgery.size() - 3000].record;
  const auto breaches = forgery.Breaches();
  ASSERT_EQ(breaches.size(), 1u);
  EXPECT_EQ(breaches.front().sequence, repeated.sequence());
}

}  // namespace
}  // namespace parley::test
