#include "services/verify/entry_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/proof/bundle.h"
#include "parley/v1/digest.pb.h"
#include "parley/v1/key.pb.h"
#include "parley/v1/person.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/verify/bundle_entries.h"

namespace parley {
namespace {

constexpr size_t kSaltBytes = 32;
constexpr size_t kLeafPrefixBytes = 15;  // "parley/leaf/v1\0"

// Only part 0 is stored open, and its salt is of one length: else bytes could move between salt and content.
bool IsOpenPart(const v1::StoredPart& part) { return part.sealed().empty() && part.salt().size() == kSaltBytes; }

// What of an event a parser passes over, or reads one way where another reads it differently, is no part of the history that was
// decided. (An event of an earlier schema was changed when it was read: there, what is decided again is compared.)
bool IsInOneForm(const Entry& entry, const RecordedEvent& event) {
  if (entry.record.schema_version() < event.type->SchemaVersion(event.kind)) return true;
  return Canonical(*event.event) == entry.record.event();
}

}  // namespace

EntryCheck::EntryCheck(std::string reader, const v1::PersonKeys* keys, BundleContents& contents, Findings& findings,
                       VerifyReport& report)
    : reader_(std::move(reader)), contents_(contents), findings_(findings), report_(report) {
  if (keys == nullptr) return;
  for (const v1::PersonKey& key : keys->keys()) keys_[key.person()] = key.key();
}

void EntryCheck::Unreadable(Verdict verdict, uint64_t sequence, std::string what) {
  findings_.Add(verdict, sequence, absl::StrCat("entry ", sequence, ": ", what));
  contents_.readable = false;
}

bool EntryCheck::CheckHeader(const v1::EntryHeader& header, const v1::StoredEntry& stored, uint64_t sequence) {
  const std::string canonical = Canonical(header);
  if (HasUnknownFields(header) || stored.header().size() != kLeafPrefixBytes + canonical.size() ||
      !stored.header().ends_with(canonical) || header.commitments().empty() ||
      FromProto(header.recorded_at()) == absl::InfinitePast()) {
    Unreadable(Verdict::kDamaged, sequence, "its header is not of the one form");
    return false;
  }
  if (header.sequence() != sequence) {
    Unreadable(Verdict::kAltered, sequence, absl::StrCat("its header is that of entry ", header.sequence()));
    return false;
  }
  if (header.ledger() != contents_.ledger.str()) {
    Unreadable(Verdict::kAltered, sequence, "its header is of another relationship: " + header.ledger());
    return false;
  }
  return true;
}

void EntryCheck::Check(v1::StoredEntry stored, uint64_t sequence) {
  const Position position{.offset = sequence};
  auto header = DecodeHeader(stored, position);
  if (!header.ok()) return Unreadable(Verdict::kDamaged, sequence, std::string(header.status().message()));
  if (!CheckHeader(*header, stored, sequence)) return;
  ++report_.entries;
  const absl::Time recorded_at = FromProto(header->recorded_at());
  if (sequence == 0) report_.first_recorded_at = recorded_at;
  report_.last_recorded_at = std::max(report_.last_recorded_at, recorded_at);

  const bool own = header->owner().empty() || header->owner() == reader_;
  if (stored.parts().empty()) {
    if (own) return Unreadable(Verdict::kHidden, sequence, "its parts are missing, and this reader may read them");
    ++report_.withheld;
    return;
  }
  if (!own) return Unreadable(Verdict::kDamaged, sequence, "its parts are here, but not for this reader");
  const v1::StoredPart& record = stored.parts(0);
  if (IsMissing(record)) return Unreadable(Verdict::kHidden, sequence, "its record is missing");
  if (!IsOpenPart(record) || Commitment(record.salt(), record.content()) != header->commitments(0)) {
    return Unreadable(Verdict::kAltered, sequence, "its record does not match its commitment");
  }
  auto entry = DecodeEntry(std::move(stored), *std::move(header), position);
  if (!entry.ok()) return Unreadable(Verdict::kDamaged, sequence, std::string(entry.status().message()));
  if (HasUnknownFields(entry->record) || Canonical(entry->record) != entry->stored.parts(0).content()) {
    return Unreadable(Verdict::kDamaged, sequence, "its record is not of the one form");
  }
  // A record under another's name: who reads the header is told of another owner than who reads the record.
  const auto stream = ResourceName::Parse(entry->record.stream());
  if (!stream) return Unreadable(Verdict::kDamaged, sequence, "its record names no resource");
  if (stream->owner != entry->header.owner() || stream->ledger != contents_.ledger) {
    return Unreadable(Verdict::kAltered, sequence,
                      absl::StrCat("its header gives it to \"", entry->header.owner(), "\", its record is of ",
                                   entry->record.stream()));
  }
  const auto event = DecodeEvent(*entry);
  if (!event.ok()) return Unreadable(Verdict::kDamaged, sequence, std::string(event.status().message()));
  if (!IsInOneForm(*entry, *event)) return Unreadable(Verdict::kDamaged, sequence, "its event is not of the one form");
  CheckParts(*entry);
  Follow(*entry, *event);
}

void EntryCheck::CheckParts(const Entry& entry) {
  const auto wrong = [&](Verdict verdict, int part, std::string_view what) {
    findings_.Add(verdict, entry.sequence(),
                  absl::StrCat("entry ", entry.sequence(), ", part ", part, ": ", std::string(what)));
  };
  for (int i = 1; i < entry.stored.parts_size(); ++i) {
    const v1::StoredPart& part = entry.stored.parts(i);
    const v1::PersonalPart& named = entry.record.personal_parts(i - 1);
    if (IsMissing(part)) {
      Missing& missing = missing_.try_emplace(named.person(), Missing{.sequence = entry.sequence()}).first->second;
      ++missing.parts;
      continue;
    }
    ++report_.sealed_parts;
    ++still_there_[named.person()];
    if (!part.salt().empty() || !part.content().empty()) {
      wrong(Verdict::kDamaged, i, "is personal and not sealed");
    } else if (Sha256(part.sealed()) != named.sealed_sha256()) {
      wrong(Verdict::kAltered, i, "is not the one that its record names");
    } else if (const auto key = keys_.find(named.person()); key != keys_.end()) {
      const auto text = OpenPart(entry, static_cast<size_t>(i), key->second);
      if (text.ok()) {
        ++report_.opened_parts;
      } else {
        wrong(Verdict::kAltered, i, std::string(text.status().message()));
      }
    }
  }
}

void EntryCheck::Follow(const Entry& entry, const RecordedEvent& event) {
  const std::string& type = entry.record.event_type();
  if (!type.starts_with("key.") && !type.starts_with("digest.") && type != kErasedEvent) return;
  if (event.As<v1::PersonEvent>() != nullptr) {
    erased_.insert(event.info.stream);
  } else if (const auto* key = event.As<v1::KeyEvent>()) {
    // Nobody is bound by a key of one party's own stream; that such an entry is refused, the recheck says.
    const absl::Status added = entry.joint() ? contents_.keys.Add(event.info.stream, entry.sequence(), *key)
                                             : absl::InvalidArgumentError("is not joint");
    if (!added.ok()) {
      report_.warnings.push_back(
          absl::StrCat("entry ", entry.sequence(), ": a key that counts for nothing: ", std::string(added.message())));
    }
  } else if (const auto* digest = event.As<v1::DigestEvent>()) {
    contents_.digest_sizes.insert(digest->recorded().size());
  }
}

void EntryCheck::Finish() {
  for (const auto& [person, missing] : missing_) {
    if (erased_.contains(person)) {
      report_.erased_parts += missing.parts;
      continue;
    }
    findings_.Add(Verdict::kHidden, missing.sequence,
                  absl::StrCat("entry ", missing.sequence, ": a part about ", person,
                               " is missing, and the record does not say that it was erased"));
  }
  for (const std::string& person : erased_) {
    if (const auto left = still_there_.find(person); left != still_there_.end()) {
      report_.warnings.push_back(
          absl::StrCat(person, " was erased, but ", left->second, " sealed parts are still here"));
    }
  }
}

}  // namespace parley
