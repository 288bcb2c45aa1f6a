#include "services/audit/checkpoints.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <utility>

#include "absl/types/span.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/ordered.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRows = "c/";
constexpr char kDomainKey[] = "domain";
constexpr uint64_t kMaxNoteBytes = 1 << 20;
constexpr std::string_view kNoteSuffix = ".note";
constexpr std::string_view kForkSuffix = ".fork";

std::string NotePathIn(const std::string& notes_dir, const LedgerId& ledger) {
  return notes_dir + "/" + ledger.str() + std::string(kNoteSuffix);
}

absl::StatusOr<std::vector<LedgerId>> LedgersIn(const std::string& notes_dir) {
  std::vector<LedgerId> ledgers;
  std::error_code error;
  for (auto it = fs::directory_iterator(notes_dir, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    // There may be thousands, and a start waits for this: a path that is taken apart is slow.
    std::string_view name = it->path().native();
    name.remove_prefix(name.rfind('/') + 1);
    const std::string_view ledger = name.substr(0, name.find('.')), ending = name.substr(ledger.size());
    if ((ending == kNoteSuffix || ending == kForkSuffix) && IsSlug(ledger)) ledgers.emplace_back(ledger);
  }
  if (error) return absl::UnavailableError("cannot list " + notes_dir + ": " + error.message());
  std::sort(ledgers.begin(), ledgers.end());
  ledgers.erase(std::unique(ledgers.begin(), ledgers.end()), ledgers.end());
  return ledgers;
}

std::string Prefix(const LedgerId& ledger) { return std::string(kRows) + ledger.str() + "/"; }

std::string Key(const LedgerId& ledger, uint64_t size) {
  std::string key = Prefix(ledger);
  AppendOrdered(key, size);
  return key;
}

absl::StatusOr<std::optional<std::string>> ReadNote(const std::string& path) {
  auto note = ReadFile(path, kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) return std::nullopt;
  PARLEY_RETURN_IF_ERROR(note.status());
  return *std::move(note);
}

// `note` and what signatures `more` has under the same text that it lacks; `note` as it is where the texts differ.
absl::StatusOr<std::string> WithSignaturesOf(const std::string& note, const std::string& more) {
  PARLEY_ASSIGN_OR_RETURN(SignedNote merged, SignedNote::Parse(note));
  PARLEY_ASSIGN_OR_RETURN(const SignedNote other, SignedNote::Parse(more));
  if (merged.text() != other.text()) return note;
  for (const NoteSignature& added : other.signatures()) {
    const auto& there = merged.signatures();
    const bool known = std::any_of(there.begin(), there.end(), [&](const NoteSignature& s) {
      return s.name == added.name && s.key_id == added.key_id;
    });
    if (!known) merged.Add(added);
  }
  return merged.ToString();
}

// Takes rows apart for a caller's visitor; `status` says what stopped it.
std::function<bool(std::string_view, std::string_view)> Visitor(
    const LedgerId& ledger, const std::function<bool(uint64_t, const v1::CheckpointRecord&)>& visit,
    absl::Status& status) {
  return [&, prefix = Prefix(ledger).size()](std::string_view key, std::string_view value) {
    v1::CheckpointRecord record;
    if (key.size() != prefix + sizeof(uint64_t) ||
        !record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      status = absl::DataLossError("a checkpoint of " + ledger.str() + " does not parse");
      return false;
    }
    return visit(ParseOrdered(key.substr(prefix)), record);
  };
}

}  // namespace

absl::StatusOr<Checkpoint> CheckpointOf(std::string_view note) {
  PARLEY_ASSIGN_OR_RETURN(const SignedNote parsed, SignedNote::Parse(note));
  return Checkpoint::Parse(parsed.text());
}

namespace {

absl::StatusOr<std::vector<SignedSize>> SizesOf(const std::string& notes_dir, absl::Span<const LedgerId> ledgers) {
  std::vector<SignedSize> sizes;
  sizes.reserve(ledgers.size());
  for (const LedgerId& ledger : ledgers) {
    PARLEY_ASSIGN_OR_RETURN(const auto note, ReadNote(NotePathIn(notes_dir, ledger)));
    if (!note) continue;
    const auto checkpoint = CheckpointOf(*note);
    if (!checkpoint.ok()) {
      return absl::FailedPreconditionError("the note of " + ledger.str() +
                                           " beside the store is no checkpoint: restore that file");
    }
    sizes.push_back({ledger, checkpoint->size});
  }
  return sizes;
}

}  // namespace

absl::StatusOr<std::vector<SignedSize>> SignedSizesOutside(const std::string& notes_dir) {
  PARLEY_ASSIGN_OR_RETURN(const auto ledgers, LedgersIn(notes_dir));
  // A start waits for this, and there may be thousands of files: half of them each on two threads.
  const auto all = absl::MakeConstSpan(ledgers);
  auto later = std::async(SizesOf, notes_dir, all.subspan(all.size() / 2));
  auto sizes = SizesOf(notes_dir, all.first(all.size() / 2));
  const auto others = later.get();
  PARLEY_RETURN_IF_ERROR(sizes.status());
  PARLEY_RETURN_IF_ERROR(others.status());
  sizes->insert(sizes->end(), others->begin(), others->end());
  return sizes;
}

absl::Status CheckpointStore::PinDomain(const std::string& domain) {
  std::lock_guard lock(mu_);
  PARLEY_ASSIGN_OR_RETURN(const auto pinned, store_->Get(kDomainKey));
  if (pinned && *pinned != domain) {
    return absl::FailedPreconditionError("this store's checkpoints are signed for the log domain " + *pinned +
                                         ", which cannot be changed to " + domain);
  }
  if (pinned) return absl::OkStatus();
  KvBatch batch;
  batch.Put(kDomainKey, domain);
  PARLEY_RETURN_IF_ERROR(store_->Write(batch));
  return store_->Flush();
}

absl::StatusOr<bool> CheckpointStore::AnySigned() const {
  bool any = false;
  PARLEY_RETURN_IF_ERROR(store_->Scan(kRows, PrefixEnd(kRows), [&](std::string_view, std::string_view) {
    any = true;
    return false;
  }));
  if (any) return true;
  PARLEY_ASSIGN_OR_RETURN(const auto outside, LedgersOutside());
  return !outside.empty();
}

absl::Status CheckpointStore::Put(const LedgerId& ledger, uint64_t size, const v1::CheckpointRecord& record) {
  std::lock_guard lock(mu_);
  return Write(ledger, size, record);
}

absl::StatusOr<v1::CheckpointRecord> CheckpointStore::Update(
    const LedgerId& ledger, uint64_t size, const std::function<absl::Status(v1::CheckpointRecord&)>& change) {
  std::lock_guard lock(mu_);
  PARLEY_ASSIGN_OR_RETURN(std::optional<v1::CheckpointRecord> record, Get(ledger, size));
  if (!record) {
    return Reject(v1::REASON_NOT_FOUND, ledger.str() + " has no checkpoint of size " + std::to_string(size));
  }
  PARLEY_RETURN_IF_ERROR(change(*record));
  PARLEY_RETURN_IF_ERROR(Write(ledger, size, *record));
  return *std::move(record);
}

absl::Status CheckpointStore::PutOutside(const LedgerId& ledger, uint64_t size, const std::string& note) {
  std::lock_guard lock(mu_);
  return WriteOutside(ledger, size, note);
}

absl::Status CheckpointStore::Write(const LedgerId& ledger, uint64_t size, const v1::CheckpointRecord& record) {
  PARLEY_RETURN_IF_ERROR(WriteOutside(ledger, size, record.note()));
  KvBatch batch;
  batch.Put(Key(ledger, size), Canonical(record));
  PARLEY_RETURN_IF_ERROR(store_->Write(batch));
  return store_->Flush();
}

absl::Status CheckpointStore::WriteOutside(const LedgerId& ledger, uint64_t size, const std::string& note) {
  PARLEY_ASSIGN_OR_RETURN(const auto outside, NoteOutside(ledger));
  if (!outside) return WriteFileDurably(NotePath(ledger), note, 0644);
  PARLEY_ASSIGN_OR_RETURN(const Checkpoint newest, CheckpointOf(*outside));
  // The store may have been put back, and the file know more cosignatures.
  PARLEY_ASSIGN_OR_RETURN(const std::string merged, WithSignaturesOf(note, *outside));
  if (newest.size > size || *outside == merged) return absl::OkStatus();
  return WriteFileDurably(NotePath(ledger), merged, 0644);
}

absl::Status CheckpointStore::TakeFromOutside(const LedgerId& ledger, absl::Time create_time) {
  std::lock_guard lock(mu_);
  PARLEY_ASSIGN_OR_RETURN(const auto outside, NoteOutside(ledger));
  if (!outside) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(const Checkpoint checkpoint, CheckpointOf(*outside));
  PARLEY_ASSIGN_OR_RETURN(std::optional<v1::CheckpointRecord> record, Get(ledger, checkpoint.size));
  if (!record) {
    record.emplace().set_note(*outside);
    *record->mutable_create_time() = ToProto(create_time);
  } else {
    PARLEY_ASSIGN_OR_RETURN(std::string merged, WithSignaturesOf(record->note(), *outside));
    if (merged == record->note()) return absl::OkStatus();
    record->set_note(std::move(merged));
  }
  return Write(ledger, checkpoint.size, *record);
}

absl::Status CheckpointStore::PutFork(const LedgerId& ledger, const std::string& note) {
  std::lock_guard lock(mu_);
  PARLEY_ASSIGN_OR_RETURN(const auto there, Fork(ledger));
  return there ? absl::OkStatus() : WriteFileDurably(ForkPath(ledger), note, 0644);
}

absl::StatusOr<std::optional<v1::CheckpointRecord>> CheckpointStore::Get(const LedgerId& ledger, uint64_t size) const {
  std::optional<v1::CheckpointRecord> found;
  PARLEY_RETURN_IF_ERROR(ForEach(ledger, size, [&](uint64_t at, const v1::CheckpointRecord& record) {
    if (at == size) found = record;
    return false;
  }));
  return found;
}

absl::StatusOr<std::optional<v1::CheckpointRecord>> CheckpointStore::Covering(const LedgerId& ledger,
                                                                              uint64_t size) const {
  std::optional<v1::CheckpointRecord> found;
  PARLEY_RETURN_IF_ERROR(ForEach(ledger, size, [&](uint64_t, const v1::CheckpointRecord& record) {
    found = record;
    return false;
  }));
  return found;
}

absl::StatusOr<std::optional<v1::CheckpointRecord>> CheckpointStore::Newest(const LedgerId& ledger) const {
  std::optional<v1::CheckpointRecord> found;
  PARLEY_RETURN_IF_ERROR(ForEachNewestFirst(ledger, [&](uint64_t, const v1::CheckpointRecord& record) {
    found = record;
    return false;
  }));
  return found;
}

absl::Status CheckpointStore::ForEach(
    const LedgerId& ledger, uint64_t from_size,
    const std::function<bool(uint64_t size, const v1::CheckpointRecord&)>& visit) const {
  absl::Status status;
  PARLEY_RETURN_IF_ERROR(
      store_->Scan(Key(ledger, from_size), PrefixEnd(Prefix(ledger)), Visitor(ledger, visit, status)));
  return status;
}

absl::Status CheckpointStore::ForEachNewestFirst(
    const LedgerId& ledger, const std::function<bool(uint64_t size, const v1::CheckpointRecord&)>& visit) const {
  absl::Status status;
  PARLEY_RETURN_IF_ERROR(
      store_->ScanReverse(Prefix(ledger), PrefixEnd(Prefix(ledger)), Visitor(ledger, visit, status)));
  return status;
}

std::string CheckpointStore::NotePath(const LedgerId& ledger) const { return NotePathIn(notes_dir_, ledger); }

std::string CheckpointStore::ForkPath(const LedgerId& ledger) const {
  return notes_dir_ + "/" + ledger.str() + std::string(kForkSuffix);
}

absl::StatusOr<std::optional<std::string>> CheckpointStore::NoteOutside(const LedgerId& ledger) const {
  return ReadNote(NotePath(ledger));
}

absl::StatusOr<std::optional<std::string>> CheckpointStore::Fork(const LedgerId& ledger) const {
  return ReadNote(ForkPath(ledger));
}

absl::StatusOr<std::vector<LedgerId>> CheckpointStore::LedgersOutside() const { return LedgersIn(notes_dir_); }

}  // namespace parley
