#include "projections/fold.h"

#include <optional>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/read_store.pb.h"
#include "projections/store_keys.h"

namespace parley {
namespace {

constexpr size_t kMaxErrorBytes = 1000;

}  // namespace

absl::StatusOr<Fold::Ledger*> Fold::Find(uint64_t generation, const std::string& ledger) {
  const auto key = std::make_pair(generation, ledger);
  if (const auto it = ledgers_.find(key); it != ledgers_.end()) return &it->second;
  PARLEY_ASSIGN_OR_RETURN(const auto applied, store_.Get(store_keys::Applied(generation, ledger)));
  Progress progress{.next_sequence = applied ? ParseOrdered(*applied) : 0};
  if (mode_ == Mode::kFollow) {
    PARLEY_ASSIGN_OR_RETURN(const auto quarantine, store_.Get(store_keys::Quarantine(generation, ledger)));
    progress.stopped = quarantine.has_value();
  }
  return &ledgers_.emplace(key, Ledger{LedgerRows(store_, generation, ledger), std::move(progress)}).first->second;
}

void Fold::Stop(const Generation& generation, Ledger& ledger, const Entry& entry, const absl::Status& why) {
  v1::ProjectionQuarantine quarantine;
  quarantine.set_sequence(entry.sequence());
  quarantine.set_event_type(entry.record.event_type());
  quarantine.set_error(std::string(why.message()).substr(0, kMaxErrorBytes));
  *quarantine.mutable_recorded_at() = entry.header.recorded_at();
  ledger.quarantine = Canonical(quarantine);
  ledger.progress.stopped = true;
  ledger.progress.error = quarantine.error();
  ledger.changed = true;
  if (!first_stopped_) {
    first_stopped_ = Stopped{generation.projection->name(), entry.header.ledger(), std::move(quarantine)};
  }
}

absl::StatusOr<Fold::Ledger*> Fold::Next(const Generation& generation, const Entry& entry) {
  PARLEY_ASSIGN_OR_RETURN(Ledger * ledger, Find(generation.number, entry.header.ledger()));
  const uint64_t next = ledger->progress.next_sequence;
  if (ledger->progress.stopped || entry.sequence() < next) return nullptr;
  if (entry.sequence() == next) return ledger;
  Stop(generation, *ledger, entry, absl::InternalError(absl::StrCat("entry ", next, " of the ledger never came")));
  return nullptr;
}

absl::Status Fold::Add(const Entry& entry, const std::vector<Generation*>& generations) {
  const Sees whose = entry.joint() ? Sees::kJoint : Sees::kOwn;
  std::optional<absl::StatusOr<RecordedEvent>> decoded;  // Once, for all generations.
  for (Generation* generation : generations) {
    PARLEY_ASSIGN_OR_RETURN(Ledger * ledger, Next(*generation, entry));
    if (ledger == nullptr) continue;
    if (!decoded) decoded = entry.damage.ok() ? DecodeEvent(entry) : absl::StatusOr<RecordedEvent>(entry.damage);
    if (!decoded->ok()) {
      Stop(*generation, *ledger, entry, decoded->status());
      continue;
    }
    if (generation->projection->sees() == whose) {
      absl::Status applied = generation->projection->Apply(**decoded, ledger->rows);
      const absl::Status read = ledger->rows.status();
      // The store's own trouble is nobody's poison, except for a row that is damaged for good.
      if (!read.ok() && !absl::IsDataLoss(read)) return read;
      if (!read.ok()) applied = read;
      if (!applied.ok()) {
        ledger->rows.Discard();
        Stop(*generation, *ledger, entry, applied);
        continue;
      }
      ledger->rows.Keep();
    }
    ledger->progress.next_sequence = entry.sequence() + 1;
    ledger->changed = true;
  }
  return absl::OkStatus();
}

absl::Status Fold::Skip(const Entry& entry, const std::vector<Generation*>& generations) {
  for (Generation* generation : generations) {
    PARLEY_ASSIGN_OR_RETURN(Ledger * ledger, Next(*generation, entry));
    if (ledger == nullptr) continue;
    ledger->progress.next_sequence = entry.sequence() + 1;
    ledger->changed = true;
  }
  return absl::OkStatus();
}

Fold::Progresses Fold::progress() const {
  Progresses out;
  for (const auto& [key, ledger] : ledgers_) out.emplace(key, ledger.progress);
  return out;
}

void Fold::MoveInto(KvBatch& batch) {
  for (auto& [key, ledger] : ledgers_) {
    if (!ledger.changed) continue;
    ledger.rows.MoveInto(batch);
    std::string applied;
    AppendOrdered(applied, ledger.progress.next_sequence);
    batch.Put(store_keys::Applied(key.first, key.second), std::move(applied));
    if (!ledger.quarantine.empty()) {
      batch.Put(store_keys::Quarantine(key.first, key.second), std::move(ledger.quarantine));
    }
  }
}

}  // namespace parley
