#include "projections/fold.h"

#include <algorithm>
#include <optional>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/read_store.pb.h"
#include "projections/store_keys.h"

namespace parley {
namespace {

constexpr size_t kMaxErrorBytes = 1000;
// The memory of what an entry adds to rows over its bytes as stored, by rule of thumb.
constexpr size_t kMemoryPerByte = 8;

Sees WhoseIs(const Entry& entry) { return entry.joint() ? Sees::kJoint : Sees::kOwn; }

}  // namespace

Fold::Ledger& Fold::Find(const std::string& name) {
  const auto changed = changed_.find(name);
  if (changed != changed_.end()) return *changed->second;
  Trim();
  std::unique_ptr<Ledger>& ledger = ledgers_[name];
  if (ledger == nullptr) {
    ledger = std::make_unique<Ledger>();
    ledger->name = name;
  } else {
    recency_.erase(ledger->recency);
    bytes_ -= ledger->bytes;
  }
  for (const auto& follower : ledger->followers) follower->unchanged_at = follower->progress.next_sequence;
  changed_.emplace(name, ledger.get());
  taken_up_ += ledger->bytes;
  return *ledger;
}

absl::StatusOr<Fold::Follower*> Fold::FollowerOf(Ledger& ledger, uint64_t generation) {
  for (const auto& follower : ledger.followers) {
    if (follower->generation == generation) return follower.get();
  }
  PARLEY_ASSIGN_OR_RETURN(const auto applied, store_.Get(store_keys::Applied(generation, ledger.name)));
  auto follower = std::make_unique<Follower>(store_, generation, ledger);
  follower->progress.next_sequence = follower->unchanged_at = applied ? ParseOrdered(*applied) : 0;
  if (mode_ == Mode::kFollow) {
    PARLEY_ASSIGN_OR_RETURN(const auto quarantine, store_.Get(store_keys::Quarantine(generation, ledger.name)));
    follower->progress.stopped = quarantine.has_value();
  }
  return ledger.followers.emplace_back(std::move(follower)).get();
}

void Fold::Stop(Generation& generation, Follower& follower, const Entry& entry, const absl::Status& why) {
  generation.any_stopped = true;
  v1::ProjectionQuarantine quarantine;
  quarantine.set_sequence(follower.progress.next_sequence);
  quarantine.set_event_type(entry.record.event_type());
  quarantine.set_error(std::string(why.message()).substr(0, kMaxErrorBytes));
  *quarantine.mutable_recorded_at() = entry.header.recorded_at();
  follower.quarantine = Canonical(quarantine);
  follower.progress.stopped = true;
  follower.progress.error = quarantine.error();
  follower.changed = true;
  if (!first_stopped_) {
    first_stopped_ = Stopped{generation.projection->name(), entry.header.ledger(), std::move(quarantine)};
  }
}

absl::StatusOr<Fold::Follower*> Fold::Next(Generation& generation, Ledger& ledger, const Entry& entry) {
  PARLEY_ASSIGN_OR_RETURN(Follower * follower, FollowerOf(ledger, generation.number));
  const uint64_t next = follower->progress.next_sequence;
  if (follower->progress.stopped || entry.sequence() < next) return nullptr;
  if (entry.sequence() == next) return follower;
  Stop(generation, *follower, entry, absl::InternalError(absl::StrCat("entry ", next, " of the ledger never came")));
  return nullptr;
}

absl::Status Fold::Apply(const Projection& projection, Follower& follower, const RecordedEvent& event,
                         absl::Status& poison) {
  poison = projection.Apply(event, follower.rows);
  const absl::Status& read = follower.rows.status();
  if (read.ok()) return absl::OkStatus();
  // The store's own trouble is nobody's poison, except for a row that is damaged for good.
  if (!absl::IsDataLoss(read)) return read;
  poison = read;
  return absl::OkStatus();
}

absl::Status Fold::Undo(const Projection& projection, Follower& follower, const Ledger& ledger, uint64_t until) const {
  follower.rows.Discard();
  if (read_again_ == nullptr) return absl::OkStatus();
  uint64_t& next = follower.progress.next_sequence;
  for (next = follower.unchanged_at; next < until;) {
    const auto entries = read_again_(LedgerId(ledger.name), next);
    if (absl::IsDataLoss(entries.status())) return absl::OkStatus();  // It stops there, then.
    if (!entries.ok()) return entries.status();
    if (entries->empty()) return absl::InternalError("entries that were there are gone");
    for (const Entry& entry : *entries) {
      if (entry.sequence() >= until) break;
      if (projection.sees() != WhoseIs(entry)) continue;
      PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
      absl::Status poison;
      PARLEY_RETURN_IF_ERROR(Apply(projection, follower, event, poison));
      if (!poison.ok())
        return absl::InternalError("a projection is not a function of its events: " + projection.name());
    }
    next = std::min(until, entries->back().sequence() + 1);
  }
  return absl::OkStatus();
}

absl::Status Fold::Add(const Entry& entry, const std::vector<Generation*>& generations) {
  Ledger& ledger = Find(entry.header.ledger());
  Count(ledger, kMemoryPerByte * entry.stored_bytes());
  std::optional<absl::StatusOr<RecordedEvent>> event;  // Decoded once, for all generations.
  for (Generation* generation : generations) {
    PARLEY_ASSIGN_OR_RETURN(Follower * follower, Next(*generation, ledger, entry));
    if (follower == nullptr) continue;
    if (!event) event = entry.damage.ok() ? DecodeEvent(entry) : absl::StatusOr<RecordedEvent>(entry.damage);
    if (!event->ok()) {
      Stop(*generation, *follower, entry, event->status());
      continue;
    }
    if (generation->projection->sees() == WhoseIs(entry)) {
      absl::Status poison;
      const size_t before = follower->rows.bytes();
      PARLEY_RETURN_IF_ERROR(Apply(*generation->projection, *follower, **event, poison));
      if (!poison.ok()) {
        // What stops here must not go on with what others fold: it shares nothing from before, and nobody shares with it.
        ledger.shared = SharedResources();
        PARLEY_RETURN_IF_ERROR(Undo(*generation->projection, *follower, ledger, entry.sequence()));
        ledger.shared = SharedResources();
        Stop(*generation, *follower, entry, poison);
        continue;
      }
      Count(ledger, std::max(follower->rows.bytes(), before) - before);
    }
    follower->progress.next_sequence = entry.sequence() + 1;
    follower->changed = true;
  }
  return absl::OkStatus();
}

void Fold::Count(Ledger& ledger, size_t bytes) {
  ledger.added += bytes;
  added_ += bytes;
}

absl::Status Fold::Skip(const Entry& entry, const std::vector<Generation*>& generations) {
  Ledger& ledger = Find(entry.header.ledger());
  for (Generation* generation : generations) {
    PARLEY_ASSIGN_OR_RETURN(Follower * follower, Next(*generation, ledger, entry));
    if (follower == nullptr) continue;
    follower->progress.next_sequence = entry.sequence() + 1;
    follower->changed = true;
  }
  return absl::OkStatus();
}

void Fold::ForEachProgress(const std::string& ledger,
                           const std::function<void(uint64_t generation, const Progress&)>& visit) const {
  const auto it = ledgers_.find(ledger);
  if (it == ledgers_.end()) return;
  for (const auto& follower : it->second->followers) visit(follower->generation, follower->progress);
}

absl::Status Fold::MoveInto(KvBatch& batch) {
  for (const auto& [name, ledger] : changed_) PARLEY_RETURN_IF_ERROR(Move(*ledger, batch));
  changed_.clear();
  return absl::OkStatus();
}

absl::Status Fold::MoveInto(KvBatch& batch, const std::string& ledger) {
  const auto it = changed_.find(ledger);
  if (it == changed_.end()) return absl::OkStatus();
  PARLEY_RETURN_IF_ERROR(Move(*it->second, batch));
  changed_.erase(it);
  return absl::OkStatus();
}

absl::Status Fold::Move(Ledger& ledger, KvBatch& batch) {
  taken_up_ -= ledger.bytes;
  added_ -= std::exchange(ledger.added, 0);
  ledger.bytes = sizeof(Ledger) + ledger.name.size();
  for (const auto& follower : ledger.followers) {
    if (follower->changed) {
      follower->rows.MoveInto(batch);
      PARLEY_RETURN_IF_ERROR(follower->rows.status());
      std::string applied;
      AppendOrdered(applied, follower->progress.next_sequence);
      batch.Put(store_keys::Applied(follower->generation, ledger.name), std::move(applied));
      if (!follower->quarantine.empty()) {
        batch.Put(store_keys::Quarantine(follower->generation, ledger.name), std::exchange(follower->quarantine, {}));
      }
      follower->changed = false;
    }
    ledger.bytes += sizeof(Follower) + follower->rows.bytes();
  }
  ledger.shared.Forget();
  ledger.recency = recency_.insert(recency_.begin(), &ledger);
  bytes_ += ledger.bytes;
  return absl::OkStatus();
}

void Fold::Trim() {
  // What was added shrinks to little when it is moved, and is no reason to forget what is kept.
  while ((bytes_ > keep_bytes_ || bytes_ + taken_up_ > 2 * keep_bytes_) && !recency_.empty()) {
    const Ledger* oldest = recency_.back();
    bytes_ -= oldest->bytes;
    recency_.pop_back();
    ledgers_.erase(std::string(oldest->name));
  }
}

}  // namespace parley
