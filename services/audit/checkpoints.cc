#include "services/audit/checkpoints.h"

#include <algorithm>
#include <filesystem>
#include <utility>

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

std::string Prefix(const LedgerId& ledger) { return std::string(kRows) + ledger.str() + "/"; }

std::string Key(const LedgerId& ledger, uint64_t size) {
  std::string key = Prefix(ledger);
  AppendOrdered(key, size);
  return key;
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
  PARLEY_ASSIGN_OR_RETURN(const auto outside, LedgersOutside());
  bool any = !outside.empty();
  PARLEY_RETURN_IF_ERROR(store_->Scan(kRows, PrefixEnd(kRows), [&](std::string_view, std::string_view) {
    any = true;
    return false;
  }));
  return any;
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
  if (outside) {
    PARLEY_ASSIGN_OR_RETURN(const Checkpoint newest, CheckpointOf(*outside));
    if (newest.size > size || *outside == note) return absl::OkStatus();
  }
  return WriteFileDurably(NotePath(ledger), note, 0644);
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

std::string CheckpointStore::NotePath(const LedgerId& ledger) const {
  return notes_dir_ + "/" + ledger.str() + std::string(kNoteSuffix);
}

absl::StatusOr<std::optional<std::string>> CheckpointStore::NoteOutside(const LedgerId& ledger) const {
  auto note = ReadFile(NotePath(ledger), kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) return std::nullopt;
  PARLEY_RETURN_IF_ERROR(note.status());
  return *std::move(note);
}

absl::StatusOr<std::vector<LedgerId>> CheckpointStore::LedgersOutside() const {
  std::vector<LedgerId> ledgers;
  std::error_code error;
  for (auto it = fs::directory_iterator(notes_dir_, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (!name.ends_with(kNoteSuffix)) continue;
    const std::string ledger = name.substr(0, name.size() - kNoteSuffix.size());
    if (IsSlug(ledger)) ledgers.emplace_back(ledger);
  }
  if (error) return absl::UnavailableError("cannot list " + notes_dir_ + ": " + error.message());
  std::sort(ledgers.begin(), ledgers.end());
  return ledgers;
}

}  // namespace parley
