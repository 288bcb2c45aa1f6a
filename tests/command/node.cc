#include "tests/command/node.h"

#include "tests/support/world.h"

namespace parley::test {

void EstablishChartered(Node& node, const std::string& relationship, const std::string& founder) {
  const std::string name = "relationships/" + relationship;
  v1::EstablishRelationshipRequest establish = Parse<v1::EstablishRelationshipRequest>(R"(
    display_name: "Acme and Globex" archetype: ARCHETYPE_MANAGED_SERVICE stage: STAGE_OPERATING
    parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "Acme" first_member: "bill" }
    parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "Globex" first_member: "petra" })");
  establish.set_relationship_id(relationship);
  ASSERT_TRUE(node.Call<v1::Relationship>(founder, establish).ok());
  for (const auto& [principal, party] : {std::pair("bill", "buyer"), std::pair("petra", "provider")}) {
    v1::AcceptPartyRequest accept;
    accept.set_name(name);
    accept.set_party_id(party);
    ASSERT_TRUE(node.Call<v1::Relationship>(principal, accept).ok());
  }
  v1::ProposeCharterRequest charter = Parse<v1::ProposeCharterRequest>(R"(charter {
    currency_code: "EUR"
    forums { forum_id: "board" level: FORUM_LEVEL_STRATEGIC cadence_days: 90
             quorums { party_id: "buyer" members: 1 } quorums { party_id: "provider" members: 1 } }
    decision_classes { class_id: "change" review_after { seconds: 2592000 }
      bands { rights { decision_role: DECISION_ROLE_DECIDE holder { party_id: "buyer" role: "representative" } } } }
    escalation_tiers { tier_id: "board" forum_id: "board" window { seconds: 864000 } }
    acknowledgement_window { seconds: 259200 } report_window { seconds: 864000 } })");
  charter.set_name(name);
  const auto proposed = node.Call<v1::Relationship>("bill", charter);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  for (const char* principal : {"bill", "petra"}) {
    v1::AdoptCharterRequest adopt;
    adopt.set_name(name);
    adopt.set_version(1);
    const auto adopted = node.Call<v1::Relationship>(principal, adopt);
    ASSERT_TRUE(adopted.ok()) << adopted.status();
  }
}

v1::ProposeDecisionRequest Propose(const std::string& id, const std::string& request_id,
                                   const std::string& relationship) {
  auto request = Parse<v1::ProposeDecisionRequest>(R"(title: "Move to the new site" class_id: "change"
    options { option_id: "yes" } options { option_id: "no" })");
  request.set_parent("relationships/" + relationship);
  request.set_decision_id(id);
  request.set_request_id(request_id);
  return request;
}

v1::DecideDecisionRequest DecideOn(const std::string& id, const std::string& request_id,
                                   const std::string& relationship) {
  v1::DecideDecisionRequest request;
  request.set_name("relationships/" + relationship + "/decisions/" + id);
  request.set_option_id("yes");
  request.set_request_id(request_id);
  return request;
}

}  // namespace parley::test
