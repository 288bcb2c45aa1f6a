// Errors inside Parley: absl::Status made by Reject(), which carries everything that the edge needs to answer a
// google.rpc.Status. Also the two macros that pass errors up.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "parley/v1/errors.pb.h"

namespace parley {

// Builds a refusal: `return Reject(v1::REASON_WRONG_STATE, "…").With("state", "DECIDED");`
// The gRPC code follows from the reason (CodeOf), in one place.
class Reject {
 public:
  Reject(v1::Reason reason, std::string_view message);

  // Adds to ErrorInfo.metadata.
  Reject&& With(std::string_view key, std::string_view value) &&;
  // Adds a BadRequest field violation; `field` is a path from the request.
  Reject&& Field(std::string_view field, std::string_view description) &&;
  // Adds a PreconditionFailure violation about `subject`.
  Reject&& Violation(std::string_view subject, std::string_view description) &&;

  operator absl::Status() &&;  // NOLINT: a Reject is meant to be returned as a Status.
  template <class T>
  operator absl::StatusOr<T>() && {  // NOLINT
    return static_cast<absl::Status>(std::move(*this));
  }

 private:
  v1::Reason reason_;
  std::string message_;
  google::rpc::ErrorInfo info_;
  google::rpc::BadRequest bad_request_;
  google::rpc::PreconditionFailure precondition_;
};

// REASON_FIELD_INVALID about one field.
Reject InvalidField(std::string_view field, std::string_view description);

// The status code that each reason is answered with.
absl::StatusCode CodeOf(v1::Reason reason);

// The reason in `status`; REASON_UNSPECIFIED where it was not made by Reject().
v1::Reason ReasonOf(const absl::Status& status);

// `status` as it goes over the wire, details included.
google::rpc::Status ToRpcStatus(const absl::Status& status);

}  // namespace parley

#define PARLEY_CONCAT_INNER(a, b) a##b
#define PARLEY_CONCAT(a, b) PARLEY_CONCAT_INNER(a, b)

#define PARLEY_RETURN_IF_ERROR(expr)                                                    \
  do {                                                                                  \
    if (absl::Status parley_status = (expr); !parley_status.ok()) return parley_status; \
  } while (false)

#define PARLEY_ASSIGN_OR_RETURN(lhs, expr) \
  PARLEY_ASSIGN_OR_RETURN_IMPL(PARLEY_CONCAT(parley_statusor_, __LINE__), lhs, expr)
#define PARLEY_ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr) \
  auto statusor = (expr);                                 \
  if (!statusor.ok()) return statusor.status();           \
  lhs = *std::move(statusor)
