#include "tests/crash/client.h"

#include "absl/strings/str_cat.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

using Decisions = v1::DecisionService::Stub;
using Disputes = v1::DisputeService::Stub;
using Relationships = v1::RelationshipService::Stub;

// Resources are named "relationships/{r}/{collection}/{id}".
std::string IdIn(const std::string& name) { return name.substr(name.rfind('/') + 1); }

template <class Request>
Request Named(const std::string& name, std::string_view text = "") {
  Request request = Parse<Request>(text);
  request.set_name(name);
  return request;
}

}  // namespace

Step Client::By(const std::string& principal, std::vector<std::string> events, const std::string& resource) {
  return {.ledger = ledger_,
          .principal = principal,
          .request_id = absl::StrCat("c", number_, ".", ++requests_),
          .resource = resource,
          .events = std::move(events)};
}

std::string Client::NewName(const std::string& collection) {
  return absl::StrCat(Parent(), "/", collection, "/c", number_, "-", ++names_);
}

bool Client::Do(Step step) {
  if (gone_) return false;
  load_.journal.Sending(step);
  reply_ = step.send(*connection_);
  const Outcome outcome = load_.journal.Received(step, reply_);
  gone_ = outcome == Outcome::kUnknown;
  if (outcome != Outcome::kAcknowledged) return false;
  const auto token = DecodeToken(reply_.token);
  if (!token) return false;
  // What was decided after an answer comes after all that the answer rested on.
  const auto [told, first] = told_.try_emplace(step.ledger, token->sequence());
  const bool later = step.validate_only ? token->sequence() >= told->second : token->sequence() > told->second;
  if (!first && !later) load_.journal.Wrong(step.request_id + " was placed before what its client had seen");
  told->second = std::max(told->second, token->sequence());
  return true;
}

void Client::DoAgain(const Step& step) {
  if (gone_) return;
  load_.journal.Sending(step);
  gone_ = load_.journal.Received(step, step.send(*connection_)) == Outcome::kUnknown;
}

bool Client::Settle(Load& load, int port) {
  Connection connection(port);
  for (const Step& step : load.journal.Unsettled()) {
    load.journal.Sending(step);
    if (load.journal.Received(step, step.send(connection)) == Outcome::kUnknown) return false;
  }
  return true;
}

bool Client::SetUp(int port) {
  Connection connection(port);
  connection_ = &connection;
  gone_ = false;
  for (const std::string& ledger : load_.ledgers) {
    ledger_ = ledger;
    OpenLedger();
  }
  return load_.journal.counts().acknowledged == 6 * load_.ledgers.size();
}

void Client::OpenLedger() {
  auto establish = Parse<v1::EstablishRelationshipRequest>(R"pb(
    display_name: "Service desk"
    archetype: ARCHETYPE_MANAGED_SERVICE
    stage: STAGE_OPERATING
    parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "Buyer" first_member: "bea" }
    parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "Provider" first_member: "pat" }
  )pb");
  establish.set_relationship_id(ledger_);
  Do(Sends(By("bea", {"relationship.established"}), &Relationships::EstablishRelationship, establish));
  for (const auto& [principal, party] : {std::pair("bea", "buyer"), std::pair("pat", "provider")}) {
    auto accept = Named<v1::AcceptPartyRequest>(Parent());
    accept.set_party_id(party);
    Do(Sends(By(principal, {"relationship.party_accepted"}), &Relationships::AcceptParty, accept));
  }
  auto propose = Named<v1::ProposeCharterRequest>(Parent(), R"pb(
    charter {
      currency_code: "EUR"
      forums {
        forum_id: "board"
        level: FORUM_LEVEL_STRATEGIC
        cadence_days: 90
        quorums { party_id: "buyer" members: 1 }
        quorums { party_id: "provider" members: 1 }
      }
      decision_classes {
        class_id: "change"
        agree_grounds: "security"
        bands {
          rights {
            decision_role: DECISION_ROLE_DECIDE
            holder { party_id: "buyer" role: "representative" }
          }
          rights {
            decision_role: DECISION_ROLE_AGREE
            holder { party_id: "provider" role: "representative" }
          }
        }
      }
      decision_classes {
        class_id: "staffing"
        bands {
          rights {
            decision_role: DECISION_ROLE_DECIDE
            holder { party_id: "provider" role: "representative" }
          }
        }
      }
      escalation_tiers {
        tier_id: "working-level"
        forum_id: "board"
        window { seconds: 864000 }
      }
      escalation_tiers {
        tier_id: "board"
        forum_id: "board"
        window { seconds: 864000 }
      }
      acknowledgement_window { seconds: 259200 }
      report_window { seconds: 864000 }
    }
  )pb");
  Do(Sends(By("bea", {"relationship.charter_proposed"}), &Relationships::ProposeCharter, propose));
  for (const char* principal : {"bea", "pat"}) {
    Do(Sends(By(principal, {"relationship.charter_adopted"}), &Relationships::AdoptCharter,
             Named<v1::AdoptCharterRequest>(Parent(), "version: 1")));
  }
}

void Client::Run(int port) {
  Connection connection(port);
  connection_ = &connection;
  gone_ = false;
  while (!gone_) {
    ledger_ = load_.ledgers[Below(load_.ledgers.size())];
    switch (Below(8)) {
      case 0:
      case 1:
        DriveDecision();
        break;
      case 2:
        DriveDispute();
        break;
      case 3:
      case 4:
        Race();
        break;
      case 5:
        if (const auto step = load_.journal.Earlier(Below(5000))) DoAgain(*step);
        break;
      case 6:
        // The latest is most likely on its way still.
        if (const auto step = load_.journal.Earlier(0)) DoAgain(*step);
        break;
      case 7:
        BreakRules();
        break;
    }
  }
  connection_ = nullptr;
}

Step Client::Proposes(const std::string& principal, const std::string& name, const std::string& class_id) {
  auto request = Parse<v1::ProposeDecisionRequest>("options { option_id: 'yes' } options { option_id: 'no' }");
  request.set_parent(Parent());
  if (!name.empty()) request.set_decision_id(IdIn(name));
  request.set_title(Text());
  request.set_class_id(class_id);
  return Sends(By(principal, {"decision.proposed"}, name), &Decisions::ProposeDecision, request);
}

Step Client::Decides(const std::string& principal, const std::string& name) {
  return Sends(By(principal, {"decision.decided"}, name), &Decisions::DecideDecision,
               Named<v1::DecideDecisionRequest>(name, "option_id: 'yes'"));
}

void Client::DriveDecision() {
  // Now and then the server chooses the id.
  if (!Do(Proposes("bea", Below(4) == 0 ? "" : NewName("decisions"), "change"))) return;
  const std::string name = reply_.name;
  for (uint64_t i = Below(3); i > 0; --i) {
    auto input = Named<v1::GiveDecisionInputRequest>(name);
    input.set_text(Text());
    input.set_etag(reply_.etag);
    if (!Do(Sends(By("pat", {"decision.input_given"}, name), &Decisions::GiveDecisionInput, input))) return;
  }
  if (Below(2) == 0 && !Do(Sends(By("pat", {"decision.objected"}, name), &Decisions::ObjectToDecision,
                                 Named<v1::ObjectToDecisionRequest>(name, "grounds: 'security' text: 'No keys.'")))) {
    return;
  }
  if (!Do(Sends(By("pat", {"decision.concurred"}, name), &Decisions::ConcurWithDecision,
                Named<v1::ConcurWithDecisionRequest>(name)))) {
    return;
  }
  Step preview = By("bea", {}, name);
  preview.validate_only = true;
  if (!Do(Sends(std::move(preview), &Decisions::DecideDecision,
                Named<v1::DecideDecisionRequest>(name, "option_id: 'no'")))) {
    return;
  }
  if (!Do(Decides("bea", name))) return;
  std::string& previous = previous_[ledger_];
  const std::string superseded = std::exchange(previous, "");
  if (!superseded.empty()) {
    auto supersede = Named<v1::SupersedeDecisionRequest>(superseded);
    supersede.set_by(name);
    if (!Do(Sends(By("bea", {"decision.superseded", "decision.supersedes"}, superseded), &Decisions::SupersedeDecision,
                  supersede))) {
      return;
    }
  }
  previous = name;
}

void Client::DriveDispute() {
  const std::string name = NewName("disputes");
  auto raise = Parse<v1::RaiseDisputeRequest>("type: DISPUTE_TYPE_SERVICE");
  raise.set_parent(Parent());
  raise.set_dispute_id(IdIn(name));
  raise.set_title(Text());
  if (!Do(Sends(By("bea", {"dispute.raised"}, name), &Disputes::RaiseDispute, raise))) return;
  if (!Do(Sends(By("pat", {"dispute.acknowledged"}, name), &Disputes::AcknowledgeDispute,
                Named<v1::AcknowledgeDisputeRequest>(name)))) {
    return;
  }
  const auto state = Named<v1::AgreeJointStatementRequest>(name, "text: 'Tickets wait too long.'");
  if (!Do(Sends(By("bea", {"dispute.statement_assented"}, name), &Disputes::AgreeJointStatement, state)) ||
      !Do(Sends(By("pat", {"dispute.statement_assented", "dispute.joint_statement_agreed"}, name),
                &Disputes::AgreeJointStatement, state))) {
    return;
  }
  for (const char* tier : {"working-level", "board"}) {
    auto escalate = Named<v1::EscalateDisputeRequest>(name, "mode: ESCALATION_MODE_JOINT reason: 'No progress.'");
    escalate.set_tier_id(tier);
    if (!Do(Sends(By("pat", {"dispute.escalation_assented"}, name), &Disputes::EscalateDispute, escalate)) ||
        !Do(Sends(By("bea", {"dispute.escalation_assented", "dispute.escalated"}, name), &Disputes::EscalateDispute,
                  escalate))) {
      return;
    }
  }
  if (Do(Sends(By("bea", {"dispute.settlement_proposed"}, name), &Disputes::ProposeDisputeSettlement,
               Named<v1::ProposeDisputeSettlementRequest>(
                   name, "terms { text: 'Two more people.' style: DISPUTE_STYLE_COLLABORATING }")))) {
    Do(Sends(By("pat", {"dispute.settlement_assented", "dispute.resolved"}, name), &Disputes::AcceptDisputeSettlement,
             Named<v1::AcceptDisputeSettlementRequest>(name, "number: 1")));
  }
}

void Client::Race() {
  // Whoever comes next tries the same: the refusal must not speak of a proposal that is then lost.
  const std::string name = absl::StrCat(Parent(), "/decisions/race-", load_.race++ / 4);
  Step propose = Proposes("pat", name, "staffing");
  propose.refusals = {v1::REASON_ALREADY_EXISTS};
  Do(std::move(propose));
  Step decide = Decides("pat", name);
  decide.refusals = {v1::REASON_WRONG_STATE};
  Do(std::move(decide));
}

void Client::BreakRules() {
  const auto earlier = load_.journal.Acknowledged(random_());
  if (!earlier) return;
  ledger_ = earlier->ledger;
  // Its request id, for something else.
  Step reuse = *earlier;
  reuse.events.clear();
  reuse.refusals = {v1::REASON_REQUEST_ID_REUSED};
  auto other = Parse<v1::ProposeDecisionRequest>("class_id: 'staffing' options { option_id: 'yes' }");
  other.set_parent(Parent());
  other.set_title("another");
  DoAgain(Sends(std::move(reuse), &Decisions::ProposeDecision, other));
  if (earlier->resource.find("/decisions/") == std::string::npos) return;
  // Its name, once more; and a revision that nobody has seen.
  Step again = Proposes("bea", earlier->resource, "change");
  again.refusals = {v1::REASON_ALREADY_EXISTS};
  Do(std::move(again));
  Step stale = By("bea", {"decision.input_given"}, earlier->resource);
  stale.refusals = {v1::REASON_ETAG_MISMATCH};
  Do(Sends(std::move(stale), &Decisions::GiveDecisionInput,
           Named<v1::GiveDecisionInputRequest>(earlier->resource, "text: 'late' etag: '0'")));
}

}  // namespace parley::test
