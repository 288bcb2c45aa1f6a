#include "services/import/pseudonymizer.h"

#include <cstdint>

#include "eventstore/base/hash.h"
#include "services/import/import_error.h"

namespace parley {
namespace {

constexpr size_t kMinKeyBytes = 16;
constexpr size_t kCached = 10'000;
constexpr size_t kHandleChars = 16;

}  // namespace

absl::StatusOr<Pseudonymizer> Pseudonymizer::Create(std::string_view key) {
  if (key.size() < kMinKeyBytes) {
    return ImportError(ImportProblem::kInvalidMapping, 0, "the key for people's handles needs at least 16 bytes");
  }
  return Pseudonymizer(key);
}

std::string Pseudonymizer::Handle(std::string_view name) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  if (name.empty()) return "";
  if (auto it = known_.find(name); it != known_.end()) return it->second;
  std::string handle = "p-";
  uint32_t bits = 0;
  int count = 0;
  for (unsigned char byte : HmacSha256(key_, name)) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5 && handle.size() < kHandleChars + 2; count -= 5) {
      handle += kAlphabet[(bits >> (count - 5)) & 31];
    }
    if (handle.size() == kHandleChars + 2) break;
  }
  if (known_.size() < kCached) known_.emplace(name, handle);
  return handle;
}

}  // namespace parley
