// What clients get of a refusal: the code, and details that decode.
#include <gmock/gmock.h>

#include "eventstore/base/proto_util.h"
#include "tests/server/server_fixture.h"

namespace parley::test {
namespace {

class ErrorsTest : public ServerTest {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(ErrorsTest, EveryRefusalNamesItsReason) {
  v1::DecideDecisionRequest decide;
  decide.set_name("relationships/acme/decisions/nowhere");
  const grpc::Status status = Call("pat", &Decisions::DecideDecision, decide);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(status.error_details()));
  EXPECT_EQ(rich.code(), static_cast<int>(grpc::StatusCode::NOT_FOUND));
  EXPECT_EQ(rich.message(), status.error_message());
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->domain(), "parley.v1");
  EXPECT_EQ(info->reason(), "NOT_FOUND");
  EXPECT_EQ(MetadataOf(status, "resource"), decide.name());
}

TEST_F(ErrorsTest, MalformedFieldsAreNamed) {
  auto request = Proposal("d1");
  request.mutable_effective_at()->set_nanos(-1);
  const grpc::Status status = Call("pat", &Decisions::ProposeDecision, request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(RefusalOf(status), v1::REASON_FIELD_INVALID);
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 1);
  EXPECT_EQ(bad->field_violations(0).field(), "effective_at");
  EXPECT_NE(bad->field_violations(0).description(), "");
}

TEST_F(ErrorsTest, UnmetPreconditionsAreListed) {
  v1::ProposeCharterRequest request;
  request.set_name("relationships/acme");
  request.mutable_charter()->set_currency_code("EUR");
  const grpc::Status status = Call("bea", &Relationships::ProposeCharter, request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(RefusalOf(status), v1::REASON_CHARTER_INCOMPLETE);
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_TRUE(failure.has_value());
  EXPECT_GT(failure->violations_size(), 1);
  for (const auto& violation : failure->violations()) {
    EXPECT_EQ(violation.type(), "CHARTER_INCOMPLETE");
    EXPECT_NE(violation.subject(), "");
    EXPECT_NE(violation.description(), "");
  }
}

TEST_F(ErrorsTest, RacesAreAborted) {
  ASSERT_TRUE(Propose("d1").ok());
  auto input = Parse<v1::GiveDecisionInputRequest>("name: 'relationships/acme/decisions/d1' text: 'late' etag: '0'");
  const grpc::Status status = Call("pat", &Decisions::GiveDecisionInput, input);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(RefusalOf(status), v1::REASON_ETAG_MISMATCH);
  // With what the refusal says, the next attempt goes through.
  input.set_etag(MetadataOf(status, "etag"));
  EXPECT_TRUE(Call("pat", &Decisions::GiveDecisionInput, input).ok());
}

TEST_F(ErrorsTest, ARequestIdServesOneRequest) {
  auto first = Proposal("d1");
  first.set_request_id("r1");
  v1::ProposeDecisionResponse original;
  v1::ProposeDecisionResponse repeat;
  ASSERT_TRUE(Call("pat", &Decisions::ProposeDecision, first, &original).ok());
  ASSERT_TRUE(Call("pat", &Decisions::ProposeDecision, first, &repeat).ok());
  EXPECT_EQ(Canonical(repeat), Canonical(original));
  auto other = Proposal("d2");
  other.set_request_id("r1");
  const grpc::Status status = Call("pat", &Decisions::ProposeDecision, other);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(RefusalOf(status), v1::REASON_REQUEST_ID_REUSED);
}

TEST_F(ErrorsTest, NobodyIsNotLetIn) {
  for (const std::string principal : {"", "Not A Handle", "system"}) {
    const grpc::Status status = Call(principal, &Decisions::ProposeDecision, Proposal("d1"));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << principal;
    EXPECT_EQ(RefusalOf(status), v1::REASON_UNAUTHENTICATED) << principal;
  }
  // Two identities are none.
  Decisions stub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("parley-principal", "pat");
  context.AddMetadata("parley-principal", "bea");
  v1::ProposeDecisionResponse response;
  EXPECT_EQ(stub.ProposeDecision(&context, Proposal("d1"), &response).error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(ErrorsTest, StrangersLearnNothing) {
  const grpc::Status there = Call("mallory", &Decisions::ProposeDecision, Proposal("d1"));
  auto elsewhere = Proposal("d1");
  elsewhere.set_parent("relationships/nowhere");
  const grpc::Status nowhere = Call("mallory", &Decisions::ProposeDecision, elsewhere);
  EXPECT_EQ(there.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(there.error_details(), nowhere.error_details());
  EXPECT_EQ(there.error_message(), nowhere.error_message());
}

}  // namespace
}  // namespace parley::test
