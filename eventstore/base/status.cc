#include "eventstore/base/status.h"

#include <google/protobuf/any.pb.h>

namespace parley {
namespace {

// Where Reject() keeps the google.rpc.Status details inside an absl::Status.
constexpr char kDetailsUrl[] = "type.googleapis.com/google.rpc.Status";
constexpr char kDomain[] = "parley.v1";
constexpr std::string_view kPrefix = "REASON_";

}  // namespace

Reject::Reject(v1::Reason reason, std::string_view message) : reason_(reason), message_(message) {
  info_.set_domain(kDomain);
  info_.set_reason(v1::Reason_Name(reason).substr(kPrefix.size()));
}

Reject&& Reject::With(std::string_view key, std::string_view value) && {
  (*info_.mutable_metadata())[std::string(key)] = std::string(value);
  return std::move(*this);
}

Reject&& Reject::Field(std::string_view field, std::string_view description) && {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  return std::move(*this);
}

Reject&& Reject::Violation(std::string_view subject, std::string_view description) && {
  auto* violation = precondition_.add_violations();
  violation->set_type(info_.reason());
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  return std::move(*this);
}

Reject::operator absl::Status() && {
  absl::Status status(CodeOf(reason_), message_);
  google::rpc::Status rpc;
  rpc.add_details()->PackFrom(info_);
  if (bad_request_.field_violations_size() > 0) rpc.add_details()->PackFrom(bad_request_);
  if (precondition_.violations_size() > 0) rpc.add_details()->PackFrom(precondition_);
  status.SetPayload(kDetailsUrl, absl::Cord(rpc.SerializeAsString()));
  return status;
}

Reject InvalidField(std::string_view field, std::string_view description) {
  Reject reject(v1::REASON_FIELD_INVALID, std::string(field) + ": " + std::string(description));
  std::move(reject).Field(field, description);
  return reject;
}

absl::StatusCode CodeOf(v1::Reason reason) {
  switch (reason) {
    case v1::REASON_FIELD_INVALID:
    case v1::REASON_FILTER_INVALID:
    case v1::REASON_PAGE_TOKEN_INVALID:
    case v1::REASON_CONSISTENCY_TOKEN_INVALID:
    case v1::REASON_REQUEST_ID_REUSED:
    case v1::REASON_COMMIT_TOO_LARGE:
    case v1::REASON_PARTY_AMBIGUOUS:
      return absl::StatusCode::kInvalidArgument;
    case v1::REASON_UNAUTHENTICATED:
      return absl::StatusCode::kUnauthenticated;
    case v1::REASON_NOT_A_MEMBER:
    case v1::REASON_PERMISSION_MISSING:
    case v1::REASON_ROLE_NOT_ENTITLED:
    case v1::REASON_NOT_YOUR_PARTY:
    case v1::REASON_NOT_AN_OPERATOR:
      return absl::StatusCode::kPermissionDenied;
    case v1::REASON_NOT_FOUND:
      return absl::StatusCode::kNotFound;
    case v1::REASON_ALREADY_EXISTS:
      return absl::StatusCode::kAlreadyExists;
    case v1::REASON_WRONG_STATE:
    case v1::REASON_CHARTER_NOT_BINDING:
    case v1::REASON_CHARTER_INCOMPLETE:
    case v1::REASON_CHARTER_VERSION_STALE:
    case v1::REASON_CLASS_NOT_CHARTERED:
    case v1::REASON_GROUND_NOT_CHARTERED:
    case v1::REASON_OBJECTION_STANDS:
    case v1::REASON_AGREEMENT_MISSING:
    case v1::REASON_CYCLE:
    case v1::REASON_EXIT_BLOCKED:
    case v1::REASON_EFFECTIVE_AT_INVALID:
    case v1::REASON_DECISION_REQUIRED:
    case v1::REASON_TIER_SKIPPED:
    case v1::REASON_DEFINITION_NOT_EFFECTIVE:
    case v1::REASON_PERIOD_CLOSED:
    case v1::REASON_VALUE_CONTESTED:
    case v1::REASON_CITATION_INVALID:
    case v1::REASON_NOT_CHECKPOINTED:
    case v1::REASON_PERSON_ERASED:
    case v1::REASON_KEY_INVALID:
    case v1::REASON_DEVELOPMENT_ONLY:
      return absl::StatusCode::kFailedPrecondition;
    case v1::REASON_ETAG_MISMATCH:
    case v1::REASON_CONFLICT:
      return absl::StatusCode::kAborted;
    case v1::REASON_OUTCOME_UNKNOWN:
    case v1::REASON_LOG_UNAVAILABLE:
    case v1::REASON_DRAINING:
      return absl::StatusCode::kUnavailable;
    case v1::REASON_OVERLOADED:
      return absl::StatusCode::kResourceExhausted;
    case v1::REASON_LEDGER_QUARANTINED:
    case v1::REASON_PROJECTION_STOPPED:
    case v1::REASON_HISTORY_BEHIND:
    case v1::REASON_HISTORY_FORKED:
      return absl::StatusCode::kDataLoss;
    case v1::REASON_READ_MODEL_BEHIND:
      return absl::StatusCode::kDeadlineExceeded;
    case v1::REASON_UNSPECIFIED:
    case v1::Reason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Reason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return absl::StatusCode::kInternal;
}

v1::Reason ReasonOf(const absl::Status& status) {
  const google::rpc::Status rpc = ToRpcStatus(status);
  google::rpc::ErrorInfo info;
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  if (rpc.details_size() > 0 && rpc.details(0).UnpackTo(&info)) {
    v1::Reason_Parse(std::string(kPrefix) + info.reason(), &reason);
  }
  return reason;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status rpc;
  if (auto details = status.GetPayload(kDetailsUrl)) rpc.ParseFromString(std::string(*details));
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message()));
  return rpc;
}

}  // namespace parley
