#include "eventstore/base/status.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <string>

namespace parley {
namespace {

absl::Status Refuse() {
  return Reject(v1::REASON_WRONG_STATE, "already decided")
      .With("state", "DECIDED")
      .Violation("relationships/acme/decisions/d1", "is decided");
}

TEST(Reject, CarriesReasonCodeAndMessage) {
  const absl::Status status = Refuse();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "already decided");
  EXPECT_EQ(ReasonOf(status), v1::REASON_WRONG_STATE);
}

TEST(Reject, GoesOverTheWireWithItsDetails) {
  const google::rpc::Status rpc = ToRpcStatus(Refuse());
  EXPECT_EQ(rpc.code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(rpc.message(), "already decided");
  ASSERT_EQ(rpc.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(rpc.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "WRONG_STATE");
  EXPECT_EQ(info.domain(), "parley.v1");
  EXPECT_EQ(info.metadata().at("state"), "DECIDED");
  google::rpc::PreconditionFailure precondition;
  ASSERT_TRUE(rpc.details(1).UnpackTo(&precondition));
  ASSERT_EQ(precondition.violations_size(), 1);
  EXPECT_EQ(precondition.violations(0).type(), "WRONG_STATE");
  EXPECT_EQ(precondition.violations(0).subject(), "relationships/acme/decisions/d1");
}

TEST(Reject, InvalidFieldNamesTheField) {
  const absl::Status status = InvalidField("options[1].option_id", "is there twice");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const google::rpc::Status rpc = ToRpcStatus(status);
  google::rpc::BadRequest bad_request;
  ASSERT_EQ(rpc.details_size(), 2);
  ASSERT_TRUE(rpc.details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "options[1].option_id");
  EXPECT_EQ(bad_request.field_violations(0).description(), "is there twice");
}

TEST(Reject, BecomesAStatusOr) {
  const absl::StatusOr<int> result = []() -> absl::StatusOr<int> { return Reject(v1::REASON_NOT_FOUND, "no"); }();
  EXPECT_EQ(ReasonOf(result.status()), v1::REASON_NOT_FOUND);
}

TEST(ReasonOf, IsUnspecifiedForOtherStatuses) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), v1::REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), v1::REASON_UNSPECIFIED);
}

TEST(CodeOf, EveryReasonHasACodeAndFindsItsWayBack) {
  const auto* reasons = v1::Reason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::Reason>(reasons->value(i)->number());
    if (reason == v1::REASON_UNSPECIFIED) continue;
    EXPECT_NE(CodeOf(reason), absl::StatusCode::kInternal) << reasons->value(i)->name();
    EXPECT_NE(CodeOf(reason), absl::StatusCode::kOk) << reasons->value(i)->name();
    EXPECT_EQ(ReasonOf(Reject(reason, "")), reason) << reasons->value(i)->name();
  }
}

absl::StatusOr<int> Half(int x) {
  if (x % 2 != 0) return Reject(v1::REASON_WRONG_STATE, "odd");
  return x / 2;
}

absl::StatusOr<int> Quarter(int x) {
  PARLEY_ASSIGN_OR_RETURN(const int half, Half(x));
  PARLEY_RETURN_IF_ERROR(Half(half).status());
  return half / 2;
}

TEST(Macros, PassValuesAndErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(ReasonOf(Quarter(7).status()), v1::REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Quarter(6).status()), v1::REASON_WRONG_STATE);
}

}  // namespace
}  // namespace parley
