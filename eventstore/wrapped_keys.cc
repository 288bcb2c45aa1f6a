#include "eventstore/wrapped_keys.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "eventstore/base/aead.h"
#include "eventstore/crc32c.h"

namespace parley {
namespace {

// On disk: do not change. u32 size || u32 checksum || u32 length of the name || name || what AeadSeal made of the key.
// The size is of what follows the checksum, which is over the size and what follows.
constexpr size_t kFrameBytes = 8;
constexpr size_t kNameLengthBytes = 4;
constexpr size_t kSealedKeyBytes = kAeadNonceBytes + kAeadKeyBytes + kAeadTagBytes;
constexpr size_t kMaxRecordBytes = kFrameBytes + kNameLengthBytes + kMaxWrappedNameBytes + kSealedKeyBytes;

void PutU32(std::string& out, size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

uint32_t GetU32(std::string_view in) {
  uint32_t value = 0;
  for (const char c : in.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

absl::Status Damaged(uint64_t epoch, std::string_view what) {
  return absl::DataLossError(absl::StrCat("person keys: the wrapped keys of epoch ", epoch, " ", std::string(what)));
}

// The bytes of the record at the front, checksum verified, frame taken off; nullopt where they are not one.
std::optional<std::string_view> TakeRecord(std::string_view& in) {
  if (in.size() < kFrameBytes) return std::nullopt;
  const size_t size = GetU32(in);
  if (size > in.size() - kFrameBytes) return std::nullopt;
  const std::string_view record = in.substr(kFrameBytes, size);
  if (GetU32(in.substr(4)) != Crc32c(record, Crc32c(in.substr(0, 4)))) return std::nullopt;
  in.remove_prefix(kFrameBytes + size);
  return record;
}

// Whether what is not a record is the trace of a crash: each record was on the disk before the next one was begun, so only
// the last can be torn. It is cut short then, or a piece of it never arrived and is zeros. Any other is damage, since what was
// promised is gone.
bool Torn(std::string_view rest) {
  if (rest.size() > kMaxRecordBytes) return false;
  if (rest.size() < kFrameBytes) return true;
  const auto zeros = [](std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
  };
  return GetU32(rest) > rest.size() - kFrameBytes || zeros(rest.substr(0, 8)) || zeros(rest.substr(rest.size() - 8));
}

}  // namespace

std::string WrappedHeader(uint64_t epoch) { return absl::StrCat("parley/person-keys/v1 ", epoch, "\n"); }

std::string WrapKey(const std::string& person, std::string_view key, std::string_view epoch_key, RandomSource& random) {
  std::string record;
  PutU32(record, person.size());
  record += person;
  record += AeadSeal(epoch_key, random.Bytes(kAeadNonceBytes), person, key);
  std::string out;
  PutU32(out, record.size());
  PutU32(out, Crc32c(record, Crc32c(out)));
  return out + record;
}

absl::StatusOr<WrappedKeys> UnwrapKeys(std::string_view bytes, uint64_t epoch, std::string_view epoch_key) {
  const std::string header = WrappedHeader(epoch);
  if (!bytes.starts_with(header)) return Damaged(epoch, "do not begin as they should");
  WrappedKeys out;
  for (std::string_view rest = bytes.substr(header.size()); true;) {
    out.intact_bytes = bytes.size() - rest.size();
    if (rest.empty()) return out;
    const auto record = TakeRecord(rest);
    if (!record) {
      if (!Torn(rest)) return Damaged(epoch, "are damaged");
      return out;
    }
    if (record->size() < kNameLengthBytes + kSealedKeyBytes ||
        record->size() != kNameLengthBytes + GetU32(*record) + kSealedKeyBytes) {
      return Damaged(epoch, "are damaged");
    }
    const std::string person(record->substr(kNameLengthBytes, GetU32(*record)));
    auto key = AeadOpen(epoch_key, person, record->substr(record->size() - kSealedKeyBytes));
    if (!key) return Damaged(epoch, "do not open under the epoch's key");
    out.keys.insert_or_assign(person, *std::move(key));
  }
}

}  // namespace parley
