#include "services/cli/errors.h"

#include <google/protobuf/any.pb.h>

#include <map>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/cli/text.h"

namespace parley {
namespace {

struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::PreconditionFailure precondition;
  std::vector<std::string> unknown;  // Types of details that this program does not know.
};

Details DetailsOf(const grpc::Status& status) {
  Details details;
  google::rpc::Status rpc;
  if (!rpc.ParseFromString(status.error_details())) return details;
  for (const auto& any : rpc.details()) {
    if (!any.UnpackTo(&details.info) && !any.UnpackTo(&details.bad_request) && !any.UnpackTo(&details.precondition)) {
      details.unknown.push_back(any.type_url());
    }
  }
  return details;
}

std::string CodeName(grpc::StatusCode code) {
  static const char* const kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto number = static_cast<size_t>(code);
  return number < std::size(kNames) ? kNames[number] : std::to_string(number);
}

// What the .proto says of the reason, behind it on its line, without the status code that it ends in.
std::string Meaning(const Api& api, const std::string& reason) {
  const auto* reasons = api.FindEnum("parley.v1.Reason");
  const auto* value = reasons == nullptr ? nullptr : reasons->FindValueByName("REASON_" + reason);
  google::protobuf::SourceLocation location;
  if (value == nullptr || !value->GetSourceLocation(&location)) return "";
  std::string meaning = Flattened(location.trailing_comments);
  const size_t code = meaning.rfind(" (");
  if (code != std::string::npos && (meaning.ends_with(")") || meaning.ends_with(")."))) meaning.resize(code);
  return meaning;
}

// Whether `meaning` only says again, as a sentence, what `message` says.
bool SaysTheSame(const std::string& message, const std::string& meaning) {
  const std::string sentence = meaning.substr(0, meaning.find_last_not_of('.') + 1);
  return absl::EqualsIgnoreCase(message, sentence) || absl::StartsWithIgnoreCase(message, sentence + ":");
}

// What to do about it.
std::string Hint(const grpc::Status& status, const std::string& reason, const Attempt& attempt) {
  static const std::map<std::string, std::string> kByReason = {
      {"UNAUTHENTICATED", "say who you are: --as HANDLE, or PARLEY_PRINCIPAL in the environment"},
      {"PARTY_AMBIGUOUS", "say for which party: --party ID"},
      {"ETAG_MISMATCH", "read the resource again and repeat with its present etag"},
      {"CONFLICT", "repeat the command"},
      {"REQUEST_ID_REUSED", "leave --request-id out, or repeat exactly the first request"},
      {"READ_MODEL_BEHIND", "repeat, or give it longer: --deadline 2m"},
      {"DEVELOPMENT_ONLY", "start parleyd on a loopback address with --manual-clock"},
  };
  if (!attempt.request_id.empty() && ExitCodeOf(status) == kExitUnavailable) {
    return "whether it was recorded is not known: repeat it with --request-id " + attempt.request_id +
           ", it will count once";
  }
  if (const auto found = kByReason.find(reason); found != kByReason.end()) return found->second;
  if (!reason.empty()) return "";
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return "is parleyd running at " + attempt.server + "? Another address: --server HOST:PORT, or PARLEY_SERVER";
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return "give it longer: --deadline 2m";
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) return "the server is older than this program";
  return "";
}

}  // namespace

ExitCode ExitCodeOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return kExitOk;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::CANCELLED:
      return kExitUnavailable;
    default:  // Every other code is final.
      return kExitRefused;
  }
}

void PrintFailure(std::ostream& err, const Screen& screen, const Api& api, const grpc::Status& status,
                  const Attempt& attempt) {
  const Details details = DetailsOf(status);
  const std::string& reason = details.info.reason();
  const std::string code = CodeName(status.error_code());
  const std::string head = ExitCodeOf(status) == kExitUnavailable ? "unavailable" : "refused";
  err << screen.Paint(Tone::kBad, head + ": " + (reason.empty() ? code : Printable(reason)));
  if (!reason.empty()) err << screen.Paint(Tone::kDim, " (" + code + ")");
  err << "\n  " << Printable(status.error_message()) << "\n";
  const auto line = [&](const std::string& label, const std::string& text) {
    if (!text.empty()) err << "  " << screen.Paint(Tone::kDim, Pad(label, 8)) << " " << text << "\n";
  };
  const std::string meaning = Meaning(api, reason);
  if (!SaysTheSame(status.error_message(), meaning)) line("means", meaning);
  for (const auto& violation : details.bad_request.field_violations()) {
    const std::string text = violation.field() + ": " + violation.description();
    if (text != status.error_message()) line("field", Printable(text));
  }
  for (const auto& violation : details.precondition.violations()) {
    line("because", Printable(violation.subject()) + ": " + Printable(violation.description()));
  }
  // A map comes in no particular order.
  const std::map<std::string, std::string> facts(details.info.metadata().begin(), details.info.metadata().end());
  for (const auto& [key, value] : facts) line("fact", Printable(key) + " = " + Printable(value));
  for (const std::string& type : details.unknown) line("also", Printable(type));
  line("hint", Hint(status, reason, attempt));
}

}  // namespace parley
