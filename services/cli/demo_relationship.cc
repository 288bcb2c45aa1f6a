// Who the parties are, who acts for them, and how the relationship moved on.
#include "services/cli/demo_cast.h"
#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

using Relationships = v1::RelationshipService::Stub;

constexpr char kRelationship[] = "relationship";

v1::Party MakeParty(const char* id, v1::PartyKind kind, const char* display_name, const Person& first_member) {
  v1::Party party;
  party.set_party_id(id);
  party.set_kind(kind);
  party.set_display_name(display_name);
  party.set_first_member(std::string(first_member.handle));
  return party;
}

void Accept(Agenda& agenda, const When& when, const Person& first_member) {
  v1::AcceptPartyRequest request;
  request.set_name(agenda.root());
  request.set_party_id(std::string(first_member.party));
  // Until the party has accepted, its first member acts for none.
  agenda.Add(when, Person{first_member.handle, ""}, &Relationships::AcceptParty, kRelationship, request);
}

void Grant(Agenda& agenda, const When& when, const Person& by, const Person& to, const char* role,
           std::initializer_list<v1::Permission> permissions) {
  v1::GrantRoleRequest request;
  request.set_name(agenda.root());
  request.set_principal(std::string(to.handle));
  request.set_party_id(std::string(to.party));
  request.set_role(role);
  for (const v1::Permission permission : permissions) request.add_permissions(permission);
  agenda.Add(when, by, &Relationships::GrantRole, kRelationship, request);
}

void ChangeStage(Agenda& agenda, const When& when, v1::Stage stage, const char* decision) {
  v1::ChangeStageRequest request;
  request.set_name(agenda.root());
  request.set_stage(stage);
  request.set_decision(agenda.Name(decision));
  agenda.Add(when, kVmoLead, &Relationships::ChangeStage, kRelationship, request);
}

void HandOverDelivery(Agenda& agenda) {
  Grant(agenda, {13, 20}, kAccountLead, kNewDeliveryManager, "delivery-manager",
        {v1::PERMISSION_CONTRIBUTE, v1::PERMISSION_SIGN});
  v1::RevokeRoleRequest request;
  request.set_name(agenda.root());
  request.set_principal(std::string(kDeliveryManager.handle));
  request.set_party_id(kProvider);
  request.set_role("delivery-manager");
  request.set_reason("Moved to another account; handover of six weeks done.");
  agenda.Add({13, 27}, kAccountLead, &Relationships::RevokeRole, kRelationship, request);
}

void CallInTheMediator(Agenda& agenda) {
  v1::AdmitPartyRequest request;
  request.set_name(agenda.root());
  *request.mutable_party() =
      MakeParty(kChamber, v1::PARTY_KIND_THIRD_PARTY, "Chamber of Commerce, mediation service", kMediator);
  agenda.Add({16, 3}, kVmoLead, &Relationships::AdmitParty, kRelationship, request);
  Accept(agenda, {16, 5}, kMediator);
}

}  // namespace

v1::EstablishRelationshipRequest Establishment(const std::string& relationship_id) {
  v1::EstablishRelationshipRequest request;
  request.set_relationship_id(relationship_id);
  request.set_display_name("Workplace and service desk: Acme Foods with Globex Services");
  request.set_archetype(v1::ARCHETYPE_MANAGED_SERVICE);
  request.set_stage(v1::STAGE_TRANSITION);
  *request.add_parties() = MakeParty(kBuyer, v1::PARTY_KIND_BUYER, "Acme Foods", kVmoLead);
  *request.add_parties() = MakeParty(kProvider, v1::PARTY_KIND_PROVIDER, "Globex Services", kAccountLead);
  return request;
}

void TellRelationship(Agenda& agenda) {
  const auto contribute = v1::PERMISSION_CONTRIBUTE;
  const auto sign = v1::PERMISSION_SIGN;
  const auto administer = v1::PERMISSION_ADMINISTER;
  Accept(agenda, {kSetup, 1, 1}, kVmoLead);
  Accept(agenda, {kSetup, 1, 5}, kAccountLead);
  Grant(agenda, {kSetup, 2, 1}, kVmoLead, kVmoLead, "vmo-lead", {contribute, sign, administer});
  Grant(agenda, {kSetup, 2, 1}, kVmoLead, kCfoDelegate, "cfo-delegate", {contribute, sign});
  Grant(agenda, {kSetup, 2, 1}, kVmoLead, kServiceOwner, "service-owner", {contribute, sign});
  Grant(agenda, {kSetup, 2, 2}, kVmoLead, kContractManager, "contract-manager", {contribute, sign});
  Grant(agenda, {kSetup, 2, 2}, kVmoLead, kBusinessLead, "business-lead", {contribute});
  Grant(agenda, {kSetup, 2, 4}, kAccountLead, kAccountLead, "account-lead", {contribute, sign, administer});
  Grant(agenda, {kSetup, 2, 4}, kAccountLead, kDeliveryManager, "delivery-manager", {contribute, sign});
  Grant(agenda, {kSetup, 2, 4}, kAccountLead, kFinanceLead, "finance-lead", {contribute, sign});
  Grant(agenda, {kSetup, 2, 5}, kAccountLead, kServiceManager, "service-manager", {contribute});
  Grant(agenda, {kSetup, 2, 5}, kAccountLead, kArchitect, "solution-architect", {contribute});

  ChangeStage(agenda, {0, 5, 15}, v1::STAGE_OPERATING, "decisions/go-live");
  HandOverDelivery(agenda);
  ChangeStage(agenda, {14, 20, 15}, v1::STAGE_TRANSFORMING, "decisions/start-transforming");
  CallInTheMediator(agenda);
}

}  // namespace parley::demo
