#include "tests/support/eventful.h"

#include "eventstore/proof/note.h"
#include "services/activity/activity.h"
#include "services/digest/digest.h"
#include "services/dispute/dispute.h"
#include "services/key/key.h"
#include "services/metric/metric.h"
#include "services/objective/objective.h"
#include "services/person/person.h"
#include "tests/support/fixtures.h"
#include "tests/support/metric_fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

// Who says what, when. Everything must be accepted.
class Story {
 public:
  explicit Story(World& world) : world_(world) {}

  template <class Request>
  void Says(std::string_view principal, const Request& request) {
    world_.Act(principal);
    const auto recorded = world_.Run(CommandFor<Request, v1::Relationship, v1::Decision, v1::Objective, v1::Metric,
                                                v1::Dispute, v1::Person, v1::Key, v1::Digest>(request));
    EXPECT_TRUE(recorded.ok()) << principal << ": " << recorded.status() << "\n" << request.DebugString();
  }
  // A request about InAcme(rest).
  template <class Request>
  void Says(std::string_view principal, std::string_view rest, std::string_view text = "") {
    Says(principal, On<Request>(rest, text));
  }
  // A request for something new.
  template <class Request>
  void Makes(std::string_view principal, std::string_view text, const std::string& parent = kAcme) {
    auto request = Parse<Request>(text);
    request.set_parent(parent);
    Says(principal, request);
  }
  void Passes(absl::Duration time) { world_.AdvanceTo(world_.now() + time); }
  void Passes(int days) { Passes(absl::Hours(24 * days)); }

 private:
  World& world_;
};

void Objectives(Story& story) {
  const std::string own = InAcme("parties/buyer");
  story.Says<v1::EndorseObjectiveRequest>("pat", "objectives/o1");
  story.Makes<v1::StateObjectiveRequest>("bill", "objective_id: 'o2' title: 'Fewer calls' description: 'd'");
  story.Says<v1::RetireObjectiveRequest>("bea", "objectives/o2", "reason: 'moot'");
  story.Makes<v1::StateObjectiveRequest>("bea", "objective_id: 'o3' title: 'A draft'", own);
  story.Says<v1::RankObjectiveRequest>("bill", "parties/buyer/objectives/o3", "rank: 3");
}

void People(Story& story) {
  story.Makes<v1::RegisterPersonRequest>(
      "petra", "person_id: 'dana' party_id: 'provider' display_name: 'Dana Quist' email: 'dana@example.org'");
  story.Says<v1::ChangePersonProfileRequest>("petra", "persons/dana", "display_name: 'Dana Holm' phone: '12'");
  story.Says<v1::CommentOnPersonRequest>("petra", "persons/dana", "text: 'always on time'");
  story.Says<v1::ErasePersonRequest>("pat", "persons/dana", "reason: 'asked to'");
}

std::string VerifierKey(std::string_view name, NoteKeyType type, char seed) {
  const auto key = NoteSigningKey::Make(name, type, std::string(32, seed));
  EXPECT_TRUE(key.ok()) << key.status();
  return key->verifier().ToString();
}

void Keys(Story& story) {
  const auto log = VerifierKey("log.example.org/relationships/acme", NoteKeyType::kEd25519, 'l');
  story.Makes<v1::RegisterKeyRequest>(kSystemActor, "key_id: 'log-1' vkey: '" + log + "'");
  for (const char seed : {'a', 'b'}) {
    const auto vkey = VerifierKey("buyer.example.org", NoteKeyType::kEd25519Cosignature, seed);
    story.Makes<v1::RegisterKeyRequest>(
        "bea", absl::StrCat("key_id: 'key-", std::string(1, seed), "' party_id: 'buyer' vkey: '", vkey, "'"));
  }
  story.Says<v1::RevokeKeyRequest>("bea", "keys/key-b", "reason: 'lost'");
  story.Makes<v1::RecordDigestRequest>(
      kSystemActor,
      absl::StrCat("digest_id: '7' size: 7 models { model: 'overview' version: 1 fold_version: 1 sha256: '",
                   std::string(32, 's'), "' }"));
}

void Activities(Story& story) {
  story.Makes<v1::RecordActivitiesRequest>("petra", R"pb(
    historical: true
    activities {
      source: "desk"
      source_id: "c1.0"
      case_id: "c1"
      activity: "Accepted"
      time { seconds: 1767139200 }
    }
    activities {
      source: "desk"
      source_id: "c1.1"
      case_id: "c1"
      activity: "Closed"
      time { seconds: 1767139260 }
    })pb");
  story.Makes<v1::RecordActivitiesRequest>("petra", R"pb(
    historical: true
    activities {
      source: "desk"
      source_id: "c1.1"
      case_id: "c1"
      activity: "Closed"
      time { seconds: 1767139260 }
    }
    activities {
      source: "desk"
      source_id: "c/2"
      case_id: "c2"
      activity: "Closed"
      time { seconds: 1767139200 }
    })pb");
}

constexpr char kDecision[] = "title: 'T' class_id: 'change-request' options { option_id: 'yes' } criteria: 'cost' ";

void Decisions(Story& story) {
  for (const char* id : {"d1", "d2", "d3"}) {
    story.Makes<v1::ProposeDecisionRequest>("petra", absl::StrCat(kDecision, "decision_id: '", id, "'"));
  }
  story.Makes<v1::ProposeDecisionRequest>(
      "petra", absl::StrCat(kDecision, "decision_id: 'd4' amount { currency_code: 'EUR' units: 20000 }"));
  story.Says<v1::GiveDecisionInputRequest>("bill", "decisions/d1", "text: 'hm'");
  story.Says<v1::ObjectToDecisionRequest>("petra", "decisions/d1", "grounds: 'cost' text: 'dear'");
  story.Says<v1::ConcurWithDecisionRequest>("petra", "decisions/d1", "text: 'well'");
  story.Says<v1::DecideDecisionRequest>("bill", "decisions/d1", "option_id: 'yes' rationale: 'r' dissent: 'x'");
  story.Says<v1::AssessDecisionOutcomeRequest>("bill", "decisions/d1", "score: 4 text: 'good'");
  story.Says<v1::ReopenDecisionRequest>("bill", "decisions/d1", "reason: 'new facts'");
  story.Says<v1::DeferDecisionRequest>("bill", "decisions/d1", "forum_id: 'steering' reason: 'large'");
  story.Says<v1::OverrideDecisionRequest>("bea", "decisions/d1", "option_id: 'yes' rationale: 'must'");
  story.Says<v1::WithdrawDecisionRequest>("petra", "decisions/d2", "reason: 'moot'");
  story.Says<v1::ConcurWithDecisionRequest>("petra", "decisions/d3");
  story.Says<v1::DecideDecisionRequest>("bill", "decisions/d3", "option_id: 'yes'");
  story.Says<v1::SupersedeDecisionRequest>("bill", "decisions/d3", absl::StrCat("by: '", InAcme("decisions/d1"), "'"));
}

constexpr char kMeasured[] = "period: '2026-01' measurement { raw { numerator: 90 denominator: 100 } } ";

void Metrics(Story& story) {
  story.Says<v1::LinkMetricToObjectiveRequest>("petra", "metrics/m1",
                                               absl::StrCat("strength: 4 objective: '", InAcme("objectives/o1"), "'"));
  story.Passes(31);
  story.Says("petra", Report("2026-01", 85, 100));
  story.Says<v1::CorrectMetricRequest>("petra", "metrics/m1", absl::StrCat(kMeasured, "reason: 'r'"));
  story.Says<v1::ContestMetricRequest>("bea", "metrics/m1", "period: '2026-01' grounds: 'g'");
  story.Says<v1::ProposeMetricSettlementRequest>("bea", "metrics/m1", absl::StrCat(kMeasured, "rationale: 'r'"));
  story.Says<v1::AgreeToMetricSettlementRequest>("pat", "metrics/m1", "period: '2026-01' settlement: 1");
  story.Says<v1::CloseMetricPeriodRequest>("bea", "metrics/m1", "period: '2026-01'");
  story.Says<v1::CorrectMetricRequest>("petra", "metrics/m1",
                                       absl::StrCat(kMeasured, "reason: 'r' adjustment_period: '2026-02'"));
  story.Says<v1::SurveyMetricPerceptionRequest>("bill", "metrics/m1", "period: '2026-01' score: 2");
  // February's report is not there in time.
  story.Passes(40);
  story.Says("petra", Report("2026-02", 70, 100));
  story.Says("petra", ProposeVersion(StandardDefinition()));
  story.Says("bea", AgreeTo(2));
  story.Says("pat", AgreeTo(2));
}

void Raise(Story& story, const std::string& id) {
  story.Makes<v1::RaiseDisputeRequest>(
      "bill", absl::StrCat("dispute_id: '", id, "' type: DISPUTE_TYPE_SERVICE title: 'Outage' subject: '",
                           InAcme("metrics/m1"), "' amount { currency_code: 'EUR' units: 5 }"));
}

void Disputes(Story& story) {
  const std::string rests_on = absl::StrCat("decision: '", InAcme("decisions/c"), "' ");
  Raise(story, "d1");
  story.Says<v1::AcknowledgeDisputeRequest>("petra", "disputes/d1");
  story.Says<v1::StateDisputePositionRequest>("petra", "disputes/d1", "position: 'p' interests: 'i'");
  for (const char* principal : {"bea", "pat"}) {
    story.Says<v1::AgreeJointStatementRequest>(principal, "disputes/d1", "text: 'it failed'");
  }
  story.Says<v1::EscalateDisputeRequest>("bill", "disputes/d1",
                                         "tier_id: 'working-level' mode: ESCALATION_MODE_ONE_SIDED reason: 'r'");
  for (const char* principal : {"bill", "petra"}) {
    story.Says<v1::EscalateDisputeRequest>(principal, "disputes/d1",
                                           "tier_id: 'management' mode: ESCALATION_MODE_JOINT reason: 'r'");
  }
  story.Says<v1::EscalateDisputeRequest>(
      "petra", "disputes/d1", "tier_id: 'expert' mode: ESCALATION_MODE_ONE_SIDED reason: 'r' urgent_relief: true");
  story.Says<v1::SwitchDisputeStyleRequest>("petra", "disputes/d1", "style: DISPUTE_STYLE_COMPROMISING reason: 'r'");
  for (const char* principal : {"bea", "pat"}) {
    story.Says<v1::AppointNeutralRequest>(principal, "disputes/d1",
                                          "neutral { principal: 'ann' party_id: 'adviser' binding: true }");
  }
  const std::string terms = "terms { text: 'half' style: DISPUTE_STYLE_COMPROMISING }";
  story.Says<v1::DetermineDisputeRequest>("ann", "disputes/d1", terms);
  story.Says<v1::GiveDisputeSatisfactionRequest>("bill", "disputes/d1", "score: 2 text: 't'");
  story.Says<v1::ReopenDisputeRequest>("bea", "disputes/d1", rests_on + "reason: 'r'");
  story.Says<v1::ProposeDisputeSettlementRequest>("bea", "disputes/d1", terms);
  story.Says<v1::AcceptDisputeSettlementRequest>("pat", "disputes/d1", "number: 1");
  Raise(story, "d2");
  // Nobody acknowledges it in time.
  story.Passes(4);
  story.Says<v1::AcknowledgeDisputeRequest>("petra", "disputes/d2");
  story.Says<v1::WithdrawDisputeRequest>("bill", "disputes/d2", "reason: 'r'");
}

void Governance(Story& story) {
  const std::string rests_on = absl::StrCat("decision: '", InAcme("decisions/c"), "' ");
  story.Says<v1::RevokeRoleRequest>("bea", "", "principal: 'brian' party_id: 'buyer' role: 'observer' reason: 'left'");
  v1::ProposeCharterRequest charter;
  *charter.mutable_charter() = StandardCharter();
  charter.mutable_charter()->mutable_report_window()->set_seconds(86'400);
  charter.set_name(kAcme);
  story.Says("pat", charter);
  for (const char* principal : {"bea", "pat"}) story.Says<v1::AdoptCharterRequest>(principal, "", "version: 2");
  story.Says<v1::ChangeStageRequest>("bea", "", rests_on + "stage: STAGE_OPERATING");
}

void End(Story& story) {
  const std::string rests_on = absl::StrCat("decision: '", InAcme("decisions/c"), "' ");
  story.Says<v1::PlanExitRequest>("pat", "", "plan { " + rests_on + "exit_time { seconds: 1798761600 } note: 'n' }");
  story.Says<v1::ExitRelationshipRequest>("bea", "");
  // Reviews and reports fall due that were awaited before; the relationship's end ends the waiting.
  story.Passes(200);
  story.Says<v1::AssessDecisionOutcomeRequest>("bill", "decisions/d1", "score: 2");
}

}  // namespace

void Eventful(World& world) {
  Chartered(world);
  WithAdviser(world);
  Decided(world, "c");
  Ranked(world);
  Agreed(world);
  Story story(world);
  Objectives(story);
  People(story);
  Keys(story);
  Activities(story);
  story.Passes(absl::Seconds(90));
  Decisions(story);
  Metrics(story);
  Disputes(story);
  Governance(story);
  End(story);
}

}  // namespace parley::test
