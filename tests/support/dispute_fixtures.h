// Disputes that many tests begin with: relationships/acme/disputes/d1, raised by bill of the buyer.
#pragma once

#include <string>

#include "services/dispute/dispute.h"
#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {

inline v1::RaiseDisputeRequest Raise(const std::string& id, const std::string& more = "") {
  return Parse<v1::RaiseDisputeRequest>("parent: 'relationships/acme' dispute_id: '" + id +
                                        "' type: DISPUTE_TYPE_SERVICE title: 'Outage' " + more);
}

// A request about the dispute d1.
template <class Request>
Request D1(const std::string& text = "") {
  return On<Request>("disputes/d1", text);
}

inline Spec<v1::Dispute> Raised() {
  Spec<v1::Dispute> s;
  s.Given(Chartered).By("bill").Given(Raise("d1"));
  return s;
}

// bea proposes, pat accepts: settlement `number`.
inline void Settle(Spec<v1::Dispute>& s, int number) {
  s.By("bea").Given(
      D1<v1::ProposeDisputeSettlementRequest>("terms { text: 'half' style: DISPUTE_STYLE_COMPROMISING }"));
  s.By("pat").Given(D1<v1::AcceptDisputeSettlementRequest>("number: " + std::to_string(number)));
}

inline Spec<v1::Dispute> Resolved() {
  Spec<v1::Dispute> s = Raised();
  Settle(s, 1);
  return s;
}

}  // namespace parley::test
