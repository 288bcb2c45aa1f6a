#include "services/command/snapshots.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

// "snapshot/" || fold version, 8 bytes || the log's incarnation || "/" || ledger. What is known of a log that was since
// restored from a backup says nothing about this one, even where it is as long.
std::string Prefix(const EventLog& log) {
  std::string key = "snapshot/";
  AppendOrdered(key, kFoldVersion);
  return key + log.incarnation() + "/";
}

}  // namespace

absl::Status FoldTail(const EventLog& log, LedgerState& state, uint64_t until) {
  while (state.next_sequence() < until) {
    PARLEY_ASSIGN_OR_RETURN(const std::vector<Entry> entries, log.Read(state.ledger(), state.next_sequence(), {}));
    if (entries.empty()) return absl::OkStatus();
    for (const Entry& entry : entries) {
      if (state.next_sequence() == until) return absl::OkStatus();
      PARLEY_RETURN_IF_ERROR(state.Apply(entry));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadedState> Snapshots::Load(const EventLog& log, const LedgerId& ledger) const {
  LedgerState state(ledger);
  PARLEY_ASSIGN_OR_RETURN(const auto bytes, store_->Get(Prefix(log) + ledger.str()));
  v1::LedgerSnapshot snapshot;
  if (bytes && snapshot.ParseFromString(*bytes)) {
    auto loaded = LedgerState::FromSnapshot(snapshot);
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, log.NextSequence(ledger));
    // A snapshot that is damaged, or ahead of its log, is as good as none.
    if (loaded.ok() && loaded->next_sequence() <= end) state = *std::move(loaded);
  }
  const uint64_t from_snapshot = state.next_sequence();
  PARLEY_RETURN_IF_ERROR(FoldTail(log, state));
  return LoadedState{std::move(state), from_snapshot};
}

absl::Status Snapshots::Save(const EventLog& log, const LedgerState& state) {
  KvBatch batch;
  batch.Put(Prefix(log) + state.ledger().str(), Canonical(state.ToSnapshot()));
  return store_->Write(batch);
}

absl::StatusOr<std::vector<std::string>> Snapshots::Check(const EventLog& log) const {
  std::vector<std::string> findings;
  absl::Status failed;
  const std::string prefix = Prefix(log);
  PARLEY_RETURN_IF_ERROR(store_->Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
    const std::string ledger(key.substr(prefix.size()));
    v1::LedgerSnapshot snapshot;
    LedgerState refold{LedgerId(ledger)};
    if (!snapshot.ParseFromString(std::string(value))) {
      findings.push_back("snapshot of " + ledger + " does not parse");
      return true;
    }
    failed = FoldTail(log, refold, snapshot.next_sequence());
    if (failed.ok() && Canonical(refold.ToSnapshot()) != value) {
      findings.push_back(
          absl::StrCat("snapshot of ", ledger, " at ", snapshot.next_sequence(), " differs from the log"));
    }
    return failed.ok();
  }));
  PARLEY_RETURN_IF_ERROR(failed);
  return findings;
}

}  // namespace parley
