// The given / when / then language itself: a check that cannot fail is worse than none.
#include "tests/support/spec.h"

#include <gtest/gtest-spi.h>

#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

v1::GiveDecisionInputRequest Input(const std::string& text) {
  v1::GiveDecisionInputRequest request;
  request.set_name(InAcme("decisions/d1"));
  request.set_text(text);
  return request;
}

// Proposed, and about to get input.
Spec<v1::Decision> Proposed() {
  Spec<v1::Decision> spec;
  spec.Given(Chartered).By("petra").Given(Parse<v1::ProposeDecisionRequest>(
      "parent: 'relationships/acme' decision_id: 'd1' title: 'T' class_id: 'staffing' options { option_id: 'a' }"));
  return spec;
}

TEST(Spec, AcceptsWhatHappened) {
  Proposed()
      .By("bill")
      .When(Input("hm"))
      .Then({"input_given { text: 'hm' }"})
      .ThenState("inputs { text: 'hm' party_id: 'buyer' principal: 'bill' time { seconds: 1767225600 } }");
}

TEST(Spec, FailsOnOtherEvents) {
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("hm")).Then({"input_given { text: 'ha' }"}),
                          "differs from what was expected");
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("hm")).Then({"input_given {}"}), "differs from what was expected");
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("hm")).ThenNothing(), "expected 0 events");
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("")).Then({"input_given {}"}), "expected 1 events");
}

TEST(Spec, FailsOnOtherRefusals) {
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("hm")).ThenRejected(v1::REASON_CYCLE), "expected REASON_CYCLE, got");
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("")).ThenRejected(v1::REASON_CYCLE), "got REASON_FIELD_INVALID");
}

TEST(Spec, FailsOnOtherState) {
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("hm")).ThenState("title: 'U'"), "title");
  EXPECT_NONFATAL_FAILURE(Proposed().When(Input("hm")).ThenState("", "relationships/acme/decisions/d2"), "there is no");
}

TEST(Spec, FailsWhereWhatIsGivenIsRefused) {
  EXPECT_NONFATAL_FAILURE(Proposed().Given(Input("")), "what is given was refused");
}

}  // namespace
}  // namespace parley::test
