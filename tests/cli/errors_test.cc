#include "services/cli/errors.h"

#include <gtest/gtest.h>

#include <sstream>

#include "eventstore/base/status.h"

namespace parley {
namespace {

const Api& TheApi() {
  static const Api* const api = new Api();
  return *api;
}

std::string Printed(const grpc::Status& status, const Attempt& attempt = {}) {
  std::ostringstream err;
  PrintFailure(err, {}, TheApi(), status, attempt);
  return err.str();
}

// As the server sends it.
grpc::Status Sent(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          ToRpcStatus(status).SerializeAsString()};
}

TEST(Errors, SaysWhyAndWhatStandsInTheWay) {
  const absl::Status refused = Reject(v1::REASON_OBJECTION_STANDS, "the provider objects")
                                   .With("state", "PROPOSED")
                                   .With("ground", "capacity")
                                   .Violation("relationships/acme/decisions/d1", "delivery-lead objects");
  EXPECT_EQ(Printed(Sent(refused)),
            "refused: OBJECTION_STANDS (FAILED_PRECONDITION)\n"
            "  the provider objects\n"
            "  means    An Agree role's objection blocks the decision.\n"
            "  because  relationships/acme/decisions/d1: delivery-lead objects\n"
            "  fact     ground = capacity\n"
            "  fact     state = PROPOSED\n");
}

TEST(Errors, NamesTheFieldsThatAreWrong) {
  EXPECT_EQ(Printed(Sent(InvalidField("options[0].option_id", "must be a slug"))),
            "refused: FIELD_INVALID (INVALID_ARGUMENT)\n"
            "  options[0].option_id: must be a slug\n"
            "  means    A field is missing, malformed or too large: BadRequest names it.\n");
}

TEST(Errors, SaysNothingTwice) {
  EXPECT_EQ(Printed(Sent(Reject(v1::REASON_NOT_FOUND, "no such resource, or none that the caller may see: a/b"))),
            "refused: NOT_FOUND (NOT_FOUND)\n"
            "  no such resource, or none that the caller may see: a/b\n");
}

TEST(Errors, MeaningsLeaveTheStatusCodeOut) {
  const std::string printed = Printed(Sent(Reject(v1::REASON_UNAUTHENTICATED, "who are you?")));
  EXPECT_NE(printed.find("means    No usable identity in the call's metadata.\n"), std::string::npos) << printed;
  EXPECT_NE(Printed(Sent(Reject(v1::REASON_NOT_FOUND, "?"))).find("means    No such resource, or none"),
            std::string::npos)
      << "the heading above a group of reasons is not the meaning of its first";
  EXPECT_NE(printed.find("hint     say who you are: --as HANDLE"), std::string::npos) << printed;
}

TEST(Errors, AnUnknownOutcomeTellsHowToRepeat) {
  const std::string printed = Printed(Sent(Reject(v1::REASON_OUTCOME_UNKNOWN, "the write failed")), {"host:1", "r-1"});
  EXPECT_TRUE(printed.starts_with("unavailable: OUTCOME_UNKNOWN (UNAVAILABLE)\n")) << printed;
  EXPECT_NE(printed.find("repeat it with --request-id r-1"), std::string::npos) << printed;
}

TEST(Errors, WithoutDetails) {
  EXPECT_EQ(Printed({grpc::StatusCode::UNAVAILABLE, "connection refused"}, {"host:1", ""}),
            "unavailable: UNAVAILABLE\n"
            "  connection refused\n"
            "  hint     is parleyd running at host:1? Another address: --server HOST:PORT, or PARLEY_SERVER\n");
  EXPECT_EQ(Printed({grpc::StatusCode::INTERNAL, "oh\x1b[2J", "not a google.rpc.Status"}),
            "refused: INTERNAL\n  oh\uFFFD[2J\n");
}

TEST(Errors, ExitCodes) {
  EXPECT_EQ(ExitCodeOf(grpc::Status::OK), 0);
  EXPECT_EQ(ExitCodeOf({grpc::StatusCode::FAILED_PRECONDITION, ""}), 1);
  EXPECT_EQ(ExitCodeOf({grpc::StatusCode::ABORTED, ""}), 1);
  EXPECT_EQ(ExitCodeOf({grpc::StatusCode::UNAVAILABLE, ""}), 3);
  EXPECT_EQ(ExitCodeOf({grpc::StatusCode::DEADLINE_EXCEEDED, ""}), 3);
  EXPECT_EQ(ExitCodeOf({grpc::StatusCode::RESOURCE_EXHAUSTED, ""}), 3);
}

}  // namespace
}  // namespace parley
