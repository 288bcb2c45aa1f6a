#include "services/import/import_error.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace parley {
namespace {

constexpr char kPayload[] = "parley.import.error";

absl::StatusCode CodeOf(ImportProblem problem) {
  switch (problem) {
    case ImportProblem::kUnreadable:
      return absl::StatusCode::kNotFound;
    case ImportProblem::kTruncated:
    case ImportProblem::kCorrupt:
      return absl::StatusCode::kDataLoss;
    case ImportProblem::kTooLarge:
      return absl::StatusCode::kResourceExhausted;
    case ImportProblem::kUnsupported:
      return absl::StatusCode::kUnimplemented;
    case ImportProblem::kMalformed:
    case ImportProblem::kForbidden:
    case ImportProblem::kMissingTimestamp:
    case ImportProblem::kMissingIdentifier:
    case ImportProblem::kInvalidMapping:
      return absl::StatusCode::kInvalidArgument;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

absl::Status ImportError(ImportProblem problem, uint64_t line, std::string_view message) {
  const std::string where = line > 0 ? absl::StrCat("line ", line, ": ") : "";
  absl::Status status(CodeOf(problem), where + std::string(message));
  status.SetPayload(kPayload, absl::Cord(absl::StrCat(static_cast<int>(problem), " ", line)));
  return status;
}

std::optional<ImportErrorInfo> ImportErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  const std::string flat(*payload);
  const std::pair<std::string, std::string> parts = absl::StrSplit(flat, ' ');
  int problem = 0;
  ImportErrorInfo info{};
  if (!absl::SimpleAtoi(parts.first, &problem) || !absl::SimpleAtoi(parts.second, &info.line)) return std::nullopt;
  info.problem = static_cast<ImportProblem>(problem);
  return info;
}

}  // namespace parley
