// A disk that fails under the whole write side, at every point of a run: no answer, refusal or repeat ever spoke of
// something that was then lost, and repeating gets everything done in the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "services/decision/decision.h"
#include "services/relationship/relationship.h"
#include "tests/crash/machine.h"
#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

using testing::IsEmpty;
using Fault = FaultFs::Fault;

constexpr int kWaves = 6;
constexpr char kD[] = "relationships/acme/decisions/";

Step Makes(const std::string& principal, const std::string& request_id, std::vector<std::string> events,
           const std::string& resource, std::set<v1::Reason> refusals = {}) {
  return {.ledger = "acme",
          .principal = principal,
          .request_id = request_id,
          .resource = resource,
          .events = std::move(events),
          .refusals = std::move(refusals)};
}

template <class Request>
Submission OfAcme(const std::string& principal, const std::string& event, Request request) {
  request.set_name(kAcme);
  return Submits<v1::Relationship>(Makes(principal, principal + event, {"relationship." + event}, kAcme),
                                   std::move(request));
}

// One after another.
std::vector<Submission> Opening() {
  auto establish = Parse<v1::EstablishRelationshipRequest>(R"pb(
    relationship_id: "acme"
    display_name: "Service desk"
    archetype: ARCHETYPE_MANAGED_SERVICE
    stage: STAGE_OPERATING
    parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "Buyer" first_member: "bea" }
    parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "Provider" first_member: "pat" }
  )pb");
  v1::ProposeCharterRequest charter;
  *charter.mutable_charter() = StandardCharter();
  return {Submits<v1::Relationship>(Makes("bea", "setup", {"relationship.established"}, kAcme), establish),
          OfAcme("bea", "party_accepted", Parse<v1::AcceptPartyRequest>("party_id: 'buyer'")),
          OfAcme("pat", "party_accepted", Parse<v1::AcceptPartyRequest>("party_id: 'provider'")),
          OfAcme("pat", "role_granted", Parse<v1::GrantRoleRequest>(R"pb(principal: "pat"
                                                                         party_id: "provider"
                                                                         role: "delivery-lead"
                                                                         permissions: PERMISSION_CONTRIBUTE)pb")),
          OfAcme("bea", "charter_proposed", charter),
          OfAcme("bea", "charter_adopted", Parse<v1::AdoptCharterRequest>("version: 1")),
          OfAcme("pat", "charter_adopted", Parse<v1::AdoptCharterRequest>("version: 1"))};
}

Submission Proposes(const std::string& principal, const std::string& id, const std::string& request_id) {
  auto request = Parse<v1::ProposeDecisionRequest>("class_id: 'staffing' options { option_id: 'yes' }");
  request.set_parent(kAcme);
  request.set_decision_id(id);
  // Enough for the memory buffers to be written out now and then.
  request.set_title(std::string(4000, 'x'));
  return Submits<v1::Decision>(
      Makes(principal, request_id, {"decision.proposed"}, kD + id, {v1::REASON_ALREADY_EXISTS}), std::move(request));
}

Submission Decides(const std::string& id, const std::string& request_id) {
  auto request = Parse<v1::DecideDecisionRequest>("option_id: 'yes'");
  request.set_name(kD + id);
  return Submits<v1::Decision>(
      Makes("pat", request_id, {"decision.decided"}, kD + id, {v1::REASON_WRONG_STATE, v1::REASON_NOT_FOUND}),
      std::move(request));
}

// Commands that are decided on top of each other before the disk has any of them.
std::vector<Submission> Wave(int n) {
  const std::string a = absl::StrCat("a", n);
  const std::string b = absl::StrCat("b", n);
  Submission propose = Proposes("pat", a, a + ".propose");
  Submission decide = Decides(a, a + ".decide");
  std::vector<Submission> wave = {propose, Proposes("bea", a, a + ".too"), decide, propose,
                                  decide,  Decides(a, a + ".again")};
  auto preview = Parse<v1::GiveDecisionInputRequest>("text: 'Only asking.'");
  preview.set_name(kD + a);
  Step asks = Makes("bea", a + ".ask", {}, kD + a, {v1::REASON_WRONG_STATE, v1::REASON_NOT_FOUND});
  asks.validate_only = true;
  wave.push_back(Submits<v1::Decision>(std::move(asks), preview));
  // Two events at once, in two streams.
  wave.push_back(Proposes("pat", b, b + ".propose"));
  wave.push_back(Decides(b, b + ".decide"));
  v1::SupersedeDecisionRequest supersede;
  supersede.set_name(kD + a);
  supersede.set_by(kD + b);
  wave.push_back(
      Submits<v1::Decision>(Makes("pat", b + ".supersede", {"decision.superseded", "decision.supersedes"}, kD + a,
                                  {v1::REASON_NOT_FOUND, v1::REASON_DECISION_REQUIRED, v1::REASON_WRONG_STATE}),
                            std::move(supersede)));
  return wave;
}

// A client's work on a machine that may fail at any time.
class Work {
 public:
  // False: it cannot even begin.
  bool Open(Machine& machine) {
    for (const Submission& command : Opening()) {
      if (!machine.Run(journal_, {command})) return false;
    }
    return true;
  }
  // Goes on where it stopped: what is not settled is repeated, until all is or the power is off.
  void Run(Machine& machine) {
    while (wave_ < kWaves && !machine.fs().off()) {
      if (machine.Run(journal_, Wave(wave_))) {
        ++wave_;
      } else {
        std::this_thread::yield();
      }
    }
  }
  bool done() const { return wave_ == kWaves; }
  Journal& journal() { return journal_; }

 private:
  Journal journal_;
  int wave_ = 0;
};

// How often a kind of fault can hit while the work is done.
uint64_t Points(Fault fault) {
  Machine machine(true);
  EXPECT_EQ(machine.Start(), "");
  Work work;
  EXPECT_TRUE(work.Open(machine));
  machine.fs().Arm(fault, 0);
  work.Run(machine);
  EXPECT_TRUE(work.done());
  EXPECT_THAT(machine.Check(work.journal()), IsEmpty());
  const Journal::Counts counts = work.journal().counts();
  EXPECT_EQ(counts.unknown, 0u);
  EXPECT_EQ(counts.acknowledged, 7u + 5 * kWaves);
  EXPECT_EQ(counts.multi_event, 1u * kWaves);
  EXPECT_EQ(counts.repeats, 2u * kWaves);
  return machine.fs().Count(fault);
}

struct FaultParam {
  const char* name;
  Fault fault;
  bool torn;
};

class FaultTest : public testing::TestWithParam<FaultParam> {};

TEST_P(FaultTest, NothingThatWasToldIsLost) {
  const uint64_t points = Points(GetParam().fault);
  ASSERT_GE(points, static_cast<uint64_t>(kWaves));
  uint64_t unknown = 0;
  for (uint64_t n = 1; n <= points; ++n) {
    SCOPED_TRACE(n);
    Machine machine(true);
    ASSERT_EQ(machine.Start(), "");
    Work work;
    ASSERT_TRUE(work.Open(machine));
    machine.fs().Arm(GetParam().fault, n);
    work.Run(machine);
    unknown += work.journal().counts().unknown;
    if (!machine.fs().off()) {
      ASSERT_TRUE(work.done());
      ASSERT_THAT(machine.Check(work.journal()), IsEmpty());
    }
    machine.CutPower(GetParam().torn);
    ASSERT_EQ(machine.Start(), "");
    ASSERT_THAT(machine.Check(work.journal()), IsEmpty()) << "after the power cut";
    // Under the same request ids, everything gets done once.
    work.Run(machine);
    ASSERT_TRUE(work.done());
    ASSERT_THAT(work.journal().Unsettled(), IsEmpty());
    ASSERT_THAT(machine.Check(work.journal()), IsEmpty()) << "after going on";
  }
  EXPECT_GT(unknown, 0u) << "some faults must have hit what a caller waited for";
}

INSTANTIATE_TEST_SUITE_P(Disk, FaultTest,
                         testing::Values(FaultParam{"SyncFails", Fault::kSyncFails, false},
                                         FaultParam{"WriteFails", Fault::kWriteFails, false},
                                         FaultParam{"PowerCut", Fault::kPowerCut, false},
                                         FaultParam{"PowerCutTorn", Fault::kPowerCut, true}),
                         [](const auto& info) { return info.param.name; });

// A check that cannot fail proves nothing: on a log that does not sync, it must find losses.
TEST(FaultMutant, WithoutSyncIsNoticed) {
  const uint64_t points = Points(Fault::kPowerCut);
  uint64_t noticed = 0;
  for (uint64_t n = 1; n <= points; ++n) {
    Machine machine(false);
    Work work;
    if (!machine.Start().empty() || !work.Open(machine)) continue;
    machine.fs().Arm(Fault::kPowerCut, n);
    work.Run(machine);
    machine.CutPower(false);
    noticed += !machine.Start().empty() || !machine.Check(work.journal()).empty() ? 1 : 0;
  }
  EXPECT_GT(noticed, points / 2);
}

// A full disk: everything that is written is refused, nothing is lost, and it goes on when there is room again.
class FullDiskTest : public testing::TestWithParam<uint64_t> {};

TEST_P(FullDiskTest, RefusesAndRecovers) {
  Machine machine(true);
  ASSERT_EQ(machine.Start(), "");
  Work work;
  ASSERT_TRUE(work.Open(machine));
  machine.fs().SetRoom(GetParam());
  bool settled = true;
  for (int n = 0; n < kWaves && settled; ++n) settled = machine.Run(work.journal(), Wave(n));
  EXPECT_FALSE(settled) << "the disk must be full";
  for (int i = 0; i < 20; ++i) machine.Run(work.journal(), Wave(0));
  machine.fs().SetRoom(std::nullopt);
  work.Run(machine);
  ASSERT_TRUE(work.done());
  ASSERT_THAT(work.journal().Unsettled(), IsEmpty());
  ASSERT_THAT(machine.Check(work.journal()), IsEmpty());
  machine.CutPower(false);
  ASSERT_EQ(machine.Start(), "");
  ASSERT_THAT(machine.Check(work.journal()), IsEmpty()) << "after a power cut";
}

INSTANTIATE_TEST_SUITE_P(Room, FullDiskTest, testing::Values(0, 1000, 10'000, 20'000, 40'000));

}  // namespace
}  // namespace parley::test
