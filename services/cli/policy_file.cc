#include "services/cli/policy_file.h"

#include <filesystem>

#include "eventstore/base/file.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr uint64_t kMaxPolicyBytes = 1 << 20;

}  // namespace

absl::StatusOr<Policy> LoadPolicy(const std::string& path) {
  PARLEY_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxPolicyBytes));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  auto policy = Policy::Parse(text, [&](const std::string& file) { return ReadFile(folder / file, kMaxPolicyBytes); });
  if (!policy.ok()) return absl::InvalidArgumentError(path + ": " + std::string(policy.status().message()));
  return policy;
}

}  // namespace parley
