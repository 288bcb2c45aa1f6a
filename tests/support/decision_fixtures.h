// Decisions that many tests begin with: relationships/acme/decisions/d1, a small change request proposed by petra.
#pragma once

#include <string>

#include "services/decision/decision.h"
#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test::decisions {

// A change request, of less than 10,000 unless `more` says otherwise: bill decides, petra agrees.
inline v1::ProposeDecisionRequest Propose(const std::string& id, const std::string& more = "") {
  return Parse<v1::ProposeDecisionRequest>("parent: 'relationships/acme' decision_id: '" + id +
                                           "' title: 'T' class_id: 'change-request' options { option_id: 'yes' } "
                                           "options { option_id: 'no' } " +
                                           more);
}
// From 10,000 on: petra recommends, bea decides, pat and petra agree.
inline v1::ProposeDecisionRequest ProposeLarge(const std::string& id) {
  return Propose(id, "amount { currency_code: 'EUR' units: 10000 }");
}

template <class Request>
Request D1(const std::string& text = "") {
  return On<Request>("decisions/d1", text);
}
inline const auto kConcur = D1<v1::ConcurWithDecisionRequest>();
inline const auto kObject = D1<v1::ObjectToDecisionRequest>("grounds: 'cost' grounds: 'security' text: 'dear'");
inline const auto kDecide = D1<v1::DecideDecisionRequest>("option_id: 'yes' rationale: 'r' dissent: 'x'");
inline const auto kOverride = D1<v1::OverrideDecisionRequest>("option_id: 'no' rationale: 'must'");
inline const auto kDefer = D1<v1::DeferDecisionRequest>("forum_id: 'steering' reason: 'large'");
inline const auto kReopen = D1<v1::ReopenDecisionRequest>("reason: 'new facts'");
inline const auto kWithdraw = D1<v1::WithdrawDecisionRequest>("reason: 'moot'");
inline const auto kAssess = D1<v1::AssessDecisionOutcomeRequest>("score: 4 text: 'good'");

// Begins at 1767225600; reviews fall due 7776000 seconds later.
inline constexpr char kDecided[] =
    "decided { option_id: 'yes' rationale: 'r' dissent: 'x' review_due_time { seconds: 1775001600 } }";

inline Spec<v1::Decision> Proposed() {
  Spec<v1::Decision> s;
  s.Given(Chartered).By("petra").Given(Propose("d1"));
  return s;
}
inline Spec<v1::Decision> DecidedD1() {
  Spec<v1::Decision> s = Proposed();
  s.Given(kConcur).By("bill").Given(kDecide);
  return s;
}

}  // namespace parley::test::decisions
