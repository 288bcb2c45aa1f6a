#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include "services/decision/decision.h"
#include "services/relationship/relationship.h"

namespace parley::test {
namespace {

// Runs a request that must be accepted.
template <class R, class Request>
void Must(World& world, std::string_view principal, const Request& request) {
  world.Act(principal);
  const auto recorded = world.Run(MakeCommand<R>(std::make_shared<const Request>(request)));
  EXPECT_TRUE(recorded.ok()) << "a fixture was refused: " << recorded.status() << "\n" << request.DebugString();
}

template <class Request>
void MustOfAcme(World& world, std::string_view principal, std::string_view text) {
  Must<v1::Relationship>(world, principal, On<Request>("", text));
}

}  // namespace

std::string InAcme(std::string_view rest) {
  return rest.empty() ? kAcme : std::string(kAcme) + "/" + std::string(rest);
}

void Established(World& world) {
  Must<v1::Relationship>(
      world, "otto", Parse<v1::EstablishRelationshipRequest>(R"pb(
        relationship_id: "acme"
        display_name: "Service desk"
        archetype: ARCHETYPE_MANAGED_SERVICE
        stage: STAGE_TRANSITION
        parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "Buyer" first_member: "bea" }
        parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "Provider" first_member: "pat" }
      )pb"));
}

void Staffed(World& world) {
  Established(world);
  MustOfAcme<v1::AcceptPartyRequest>(world, "bea", "party_id: 'buyer'");
  MustOfAcme<v1::AcceptPartyRequest>(world, "pat", "party_id: 'provider'");
  MustOfAcme<v1::GrantRoleRequest>(
      world, "bea", "principal: 'bill' party_id: 'buyer' role: 'service-manager' permissions: PERMISSION_CONTRIBUTE");
  MustOfAcme<v1::GrantRoleRequest>(world, "bea", "principal: 'brian' party_id: 'buyer' role: 'observer'");
  MustOfAcme<v1::GrantRoleRequest>(
      world, "pat", "principal: 'petra' party_id: 'provider' role: 'delivery-lead' permissions: PERMISSION_CONTRIBUTE");
}

void Chartered(World& world) {
  Staffed(world);
  v1::ProposeCharterRequest request;
  request.set_name(kAcme);
  *request.mutable_charter() = StandardCharter();
  Must<v1::Relationship>(world, "bea", request);
  MustOfAcme<v1::AdoptCharterRequest>(world, "bea", "version: 1");
  MustOfAcme<v1::AdoptCharterRequest>(world, "pat", "version: 1");
}

void WithAdviser(World& world) {
  MustOfAcme<v1::AdmitPartyRequest>(
      world, "bea",
      R"pb(party { party_id: "adviser" kind: PARTY_KIND_THIRD_PARTY display_name: "Adviser" first_member: "ann" })pb");
  MustOfAcme<v1::AcceptPartyRequest>(world, "ann", "party_id: 'adviser'");
}

void Decided(World& world, std::string_view decision_id) {
  v1::ProposeDecisionRequest propose = Parse<v1::ProposeDecisionRequest>(
      "title: 'Who stands in' class_id: 'staffing' options { option_id: 'yes' } options { option_id: 'no' }");
  propose.set_parent(kAcme);
  propose.set_decision_id(std::string(decision_id));
  Must<v1::Decision>(world, "petra", propose);
  v1::DecideDecisionRequest decide;
  decide.set_name(InAcme("decisions/" + std::string(decision_id)));
  decide.set_option_id("yes");
  Must<v1::Decision>(world, "petra", decide);
}

v1::Charter StandardCharter() {
  return Parse<v1::Charter>(R"pb(
    currency_code: "EUR"
    forums {
      forum_id: "steering"
      display_name: "Steering committee"
      level: FORUM_LEVEL_STRATEGIC
      cadence_days: 90
      quorums { party_id: "buyer" members: 1 }
      quorums { party_id: "provider" members: 1 }
    }
    forums {
      forum_id: "operations"
      display_name: "Operations meeting"
      level: FORUM_LEVEL_OPERATIONAL
      cadence_days: 7
      quorums { party_id: "buyer" members: 1 }
      quorums { party_id: "provider" members: 2 }
    }
    decision_classes {
      class_id: "change-request"
      display_name: "Change request"
      bands {
        from { currency_code: "EUR" }
        to { currency_code: "EUR" units: 10000 }
        rights {
          decision_role: DECISION_ROLE_DECIDE
          holder { party_id: "buyer" role: "service-manager" }
        }
        rights {
          decision_role: DECISION_ROLE_AGREE
          holder { party_id: "provider" role: "delivery-lead" }
        }
      }
      bands {
        from { currency_code: "EUR" units: 10000 }
        rights {
          decision_role: DECISION_ROLE_RECOMMEND
          holder { party_id: "provider" role: "delivery-lead" }
        }
        rights {
          decision_role: DECISION_ROLE_DECIDE
          holder { party_id: "buyer" role: "representative" }
        }
        rights {
          decision_role: DECISION_ROLE_AGREE
          holder { party_id: "provider" role: "representative" }
        }
        rights {
          decision_role: DECISION_ROLE_AGREE
          holder { party_id: "provider" role: "delivery-lead" }
        }
      }
      agree_grounds: "security"
      agree_grounds: "cost"
      override_by { party_id: "buyer" role: "representative" }
      review_after { seconds: 7776000 }
    }
    decision_classes {
      class_id: "staffing"
      display_name: "Staffing"
      bands {
        rights {
          decision_role: DECISION_ROLE_DECIDE
          holder { party_id: "provider" role: "delivery-lead" }
        }
      }
    }
    escalation_tiers {
      tier_id: "working-level"
      forum_id: "operations"
      window { seconds: 432000 }
    }
    escalation_tiers {
      tier_id: "management"
      forum_id: "operations"
      window { seconds: 864000 }
      precondition: true
    }
    escalation_tiers {
      tier_id: "executive"
      forum_id: "steering"
      window { seconds: 1728000 }
    }
    escalation_tiers {
      tier_id: "expert"
      forum_id: "steering"
      window { seconds: 2592000 }
    }
    acknowledgement_window { seconds: 259200 }
    report_window { seconds: 864000 }
  )pb");
}

}  // namespace parley::test
