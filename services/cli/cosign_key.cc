#include "services/cli/cosign_key.h"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "absl/strings/escaping.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/random.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/ed25519.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "parley/cosigner-key/v1\nname ";
constexpr std::string_view kSeed = "\nseed ";
constexpr uint64_t kMaxFileBytes = 4096;
constexpr unsigned kOwnerOnly = 0600;

std::string ToText(const CosignerKey& key) {
  return std::string(kHead) + key.name + std::string(kSeed) + absl::BytesToHexString(key.seed) + "\n";
}

}  // namespace

absl::StatusOr<NoteSigningKey> CosignerKey::SigningKey() const {
  return NoteSigningKey::Make(name, NoteKeyType::kEd25519Cosignature, seed);
}

absl::StatusOr<CosignerKey> MakeCosignerKey(const std::string& path, const std::string& name) {
  CosignerKey key{name, SystemRandom().Bytes(kEd25519KeyBytes)};
  PARLEY_RETURN_IF_ERROR(key.SigningKey().status());
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(path, ignored))) return absl::AlreadyExistsError(path + " is there already");
  PARLEY_RETURN_IF_ERROR(WriteFileDurably(path, ToText(key), kOwnerOnly));
  return key;
}

absl::StatusOr<CosignerKey> LoadCosignerKey(const std::string& path) {
  PARLEY_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  std::error_code error;
  const fs::perms others = fs::status(path, error).permissions() & (fs::perms::group_all | fs::perms::others_all);
  if (error || others != fs::perms::none) return absl::InvalidArgumentError(path + ": others may read it: chmod 600");
  CosignerKey key;
  const size_t seed = text.find(kSeed);
  if (text.starts_with(kHead) && seed != std::string::npos) {
    key.name = text.substr(kHead.size(), seed - kHead.size());
    const std::string hex = text.substr(seed + kSeed.size());
    if (hex.size() == 2 * kEd25519KeyBytes + 1) key.seed = absl::HexStringToBytes(hex.substr(0, 2 * kEd25519KeyBytes));
  }
  if (key.seed.empty() || ToText(key) != text) return absl::InvalidArgumentError(path + " is no cosigner's key");
  PARLEY_RETURN_IF_ERROR(key.SigningKey().status());
  return key;
}

}  // namespace parley
