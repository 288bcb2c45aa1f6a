#include "projections/catalog.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "projections/store_keys.h"

namespace parley {

using store_keys::Checkpoint;
using store_keys::Meta;

absl::StatusOr<std::unique_ptr<Catalog>> Catalog::Open(const EventLog& log, KvStore& store,
                                                       const std::vector<const Projection*>& projections,
                                                       uint32_t partitions) {
  std::unique_ptr<Catalog> catalog(new Catalog(store, log.shards(), partitions));
  PARLEY_RETURN_IF_ERROR(catalog->EmptyIfForeign(log));
  PARLEY_RETURN_IF_ERROR(catalog->RepartitionCheckpoints());
  for (const Projection* projection : projections) catalog->entries_[projection->name()].versions.push_back(projection);
  // Projections that the code knows no more have rows to be removed.
  const std::string first = store_keys::Catalog("");
  PARLEY_RETURN_IF_ERROR(store.Scan(first, PrefixEnd(first), [&](std::string_view key, std::string_view) {
    catalog->entries_[std::string(key.substr(first.size()))];
    return true;
  }));
  for (auto& [name, entry] : catalog->entries_) {
    std::sort(entry.versions.begin(), entry.versions.end(),
              [](const Projection* a, const Projection* b) { return a->version() < b->version(); });
    PARLEY_RETURN_IF_ERROR(catalog->LoadEntry(name, entry));
  }
  std::erase_if(catalog->entries_, [](const auto& entry) { return entry.second.versions.empty(); });
  catalog->NoteLive();
  return catalog;
}

absl::Status Catalog::EmptyIfForeign(const EventLog& log) {
  PARLEY_ASSIGN_OR_RETURN(const auto incarnation, store_.Get(Meta("incarnation")));
  bool foreign = incarnation != log.incarnation();
  // A store that has seen what the log does not have was fed by a log that is gone. Rows may be ahead of the checkpoints.
  for (const auto& [space, shard_at] : {std::pair("c", 1 + 8), std::pair("h", 1)}) {
    PARLEY_RETURN_IF_ERROR(store_.Scan(space, PrefixEnd(space), [&](std::string_view key, std::string_view value) {
      const uint64_t shard = ParseOrdered(key.substr(shard_at));
      foreign = foreign || shard >= log.shards() ||
                ParseOrdered(value) > log.NextOffset(ShardId{static_cast<uint32_t>(shard)});
      return !foreign;
    }));
  }
  if (!foreign) return absl::OkStatus();
  PARLEY_RETURN_IF_ERROR(store_.DeleteRange("", ""));
  KvBatch batch;
  batch.Put(Meta("incarnation"), log.incarnation());
  return store_.Write(batch);
}

absl::Status Catalog::RepartitionCheckpoints() {
  PARLEY_ASSIGN_OR_RETURN(const auto stored, store_.Get(Meta("partitions")));
  std::string partitions;
  AppendOrdered(partitions, partitions_);
  if (stored == partitions) return absl::OkStatus();
  // Ledgers go to other partitions now. Each partition begins where the slowest one was: what a ledger has seen already
  // is known by its own sequence.
  std::map<std::pair<std::string, uint64_t>, uint64_t> slowest;  // (generation's space, shard) -> offset.
  KvBatch batch;
  const std::string first(1, 'c');
  PARLEY_RETURN_IF_ERROR(store_.Scan(first, PrefixEnd(first), [&](std::string_view key, std::string_view value) {
    const auto at = std::make_pair(std::string(key.substr(1, 8)), ParseOrdered(key.substr(1 + 8)));
    const auto [it, added] = slowest.emplace(at, ParseOrdered(value));
    if (!added) it->second = std::min(it->second, ParseOrdered(value));
    batch.Delete(std::string(key));
    return true;
  }));
  for (const auto& [at, offset] : slowest) {
    std::string value;
    AppendOrdered(value, offset);
    for (uint32_t partition = 0; partition < partitions_; ++partition) {
      batch.Put(Checkpoint(ParseOrdered(at.first), ShardId{static_cast<uint32_t>(at.second)}, partition), value);
    }
  }
  batch.Put(Meta("partitions"), partitions);
  return store_.Write(batch);
}

absl::Status Catalog::LoadEntry(const std::string& name, Entry& entry) {
  PARLEY_ASSIGN_OR_RETURN(const auto bytes, store_.Get(store_keys::Catalog(name)));
  if (bytes && !entry.row.ParseFromString(*bytes)) return absl::DataLossError("the read store's catalog is damaged");
  // What was begun and is of no use to this code is removed: half-built generations of other versions.
  const uint32_t newest = entry.versions.empty() ? 0 : entry.versions.back()->version();
  std::vector<uint64_t> remove;
  bool have_newest = false;
  for (v1::ProjectionGeneration& generation : *entry.row.mutable_generations()) {
    const bool current = generation.version() == newest && generation.fold_version() == kFoldVersion;
    const bool live = generation.number() == entry.row.live();
    if (entry.versions.empty() || generation.retired() || (!live && !current)) {
      remove.push_back(generation.number());
      continue;
    }
    have_newest |= current;
    // Where its version is not in the code it is read as it stands until the new one takes its place.
    for (const Projection* projection : entry.versions) {
      if (projection->version() != generation.version() || generation.fold_version() != kFoldVersion) continue;
      auto loaded = std::make_shared<Generation>(*projection, generation.number(), shards_, partitions_);
      PARLEY_RETURN_IF_ERROR(LoadProgress(*loaded));
      entry.generations[generation.number()] = std::move(loaded);
    }
  }
  for (const uint64_t number : remove) {
    PARLEY_RETURN_IF_ERROR(RemoveRows(number));
    PARLEY_RETURN_IF_ERROR(Forget(name, entry, number));
  }
  if (entry.versions.empty()) {
    KvBatch batch;
    batch.Delete(store_keys::Catalog(name));
    return store_.Write(batch);
  }
  return have_newest ? absl::OkStatus() : AddGeneration(entry, *entry.versions.back());
}

absl::Status Catalog::LoadProgress(Generation& generation) const {
  for (uint32_t shard = 0; shard < shards_; ++shard) {
    for (uint32_t partition = 0; partition < partitions_; ++partition) {
      PARLEY_ASSIGN_OR_RETURN(const auto offset, store_.Get(Checkpoint(generation.number, ShardId{shard}, partition)));
      if (offset) generation.slot(ShardId{shard}, partition).next_offset = ParseOrdered(*offset);
    }
  }
  const std::string stopped = store_keys::Quarantine(generation.number, "");
  return store_.Scan(stopped, PrefixEnd(stopped), [&](std::string_view, std::string_view) {
    generation.any_stopped = true;
    return false;
  });
}

absl::Status Catalog::AddGeneration(Entry& entry, const Projection& projection) {
  PARLEY_ASSIGN_OR_RETURN(const auto last, store_.Get(Meta("generation")));
  const uint64_t number = (last ? ParseOrdered(*last) : 0) + 1;
  std::string bytes;
  AppendOrdered(bytes, number);
  KvBatch batch;
  batch.Put(Meta("generation"), std::move(bytes));
  auto* row = entry.row.add_generations();
  row->set_number(number);
  row->set_version(projection.version());
  row->set_fold_version(kFoldVersion);
  if (entry.row.live() == 0) entry.row.set_live(number);
  PARLEY_RETURN_IF_ERROR(Save(projection.name(), entry, std::move(batch)));
  entry.generations[number] = std::make_shared<Generation>(projection, number, shards_, partitions_);
  ++revision_;
  return absl::OkStatus();
}

absl::Status Catalog::Save(const std::string& name, const Entry& entry, KvBatch batch) {
  batch.Put(store_keys::Catalog(name), Canonical(entry.row));
  return store_.Write(batch);
}

absl::Status Catalog::RemoveRows(uint64_t number) {
  for (const char space : store_keys::kGenerationSpaces) {
    const std::string from = store_keys::Space(space, number);
    PARLEY_RETURN_IF_ERROR(store_.DeleteRange(from, PrefixEnd(from)));
  }
  return absl::OkStatus();
}

absl::Status Catalog::Forget(const std::string& name, Entry& entry, uint64_t number) {
  auto& rows = *entry.row.mutable_generations();
  rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const auto& row) { return row.number() == number; }),
             rows.end());
  if (entry.row.live() == number) entry.row.set_live(0);
  return Save(name, entry);
}

absl::Status Catalog::RemoveBesideReaders(std::unique_lock<std::mutex>& lock, const std::string& name,
                                          uint64_t number) {
  lock.unlock();  // The rows are nobody's any more.
  const absl::Status removed = RemoveRows(number);
  lock.lock();
  PARLEY_RETURN_IF_ERROR(removed);
  return Forget(name, entries_.at(name), number);
}

v1::ProjectionGeneration* Catalog::FindRow(Entry& entry, uint64_t number) {
  for (auto& row : *entry.row.mutable_generations()) {
    if (row.number() == number) return &row;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Generation>> Catalog::Active() const {
  std::lock_guard lock(mu_);
  std::vector<std::shared_ptr<Generation>> out;
  for (const auto& [name, entry] : entries_) {
    for (const auto& [number, generation] : entry.generations) out.push_back(generation);
  }
  return out;
}

std::shared_ptr<Generation> Catalog::Live(const std::string& projection) const {
  std::lock_guard lock(mu_);
  const auto entry = entries_.find(projection);
  if (entry == entries_.end()) return nullptr;
  const auto it = entry->second.generations.find(entry->second.row.live());
  return it == entry->second.generations.end() ? nullptr : it->second;
}

bool Catalog::IsLive(const Generation& generation) const {
  std::lock_guard lock(mu_);
  const auto entry = entries_.find(generation.projection->name());
  return entry != entries_.end() && entry->second.row.live() == generation.number;
}

ReadMoment Catalog::Snapshot() const {
  std::lock_guard lock(mu_);  // Held, too, while a switch is written.
  return {.rows = store_.Snapshot(), .live = live_};
}

void Catalog::NoteLive() {
  auto live = std::make_shared<ReadGenerations>();
  for (auto& [name, entry] : entries_) {
    const v1::ProjectionGeneration* row = FindRow(entry, entry.row.live());
    if (row == nullptr) continue;
    const auto followed = entry.generations.find(row->number());
    (*live)[name] = {.row = *row, .followed = followed == entry.generations.end() ? nullptr : followed->second};
  }
  live_ = std::move(live);
}

v1::ProjectionCatalog Catalog::Describe(const std::string& projection) const {
  std::lock_guard lock(mu_);
  const auto entry = entries_.find(projection);
  return entry == entries_.end() ? v1::ProjectionCatalog() : entry->second.row;
}

std::vector<std::string> Catalog::names() const {
  std::lock_guard lock(mu_);
  std::vector<std::string> out;
  for (const auto& [name, entry] : entries_) out.push_back(name);
  return out;
}

absl::Status Catalog::Rebuild(const std::string& projection) {
  std::lock_guard lock(mu_);
  const auto it = entries_.find(projection);
  if (it == entries_.end()) return absl::NotFoundError("no such projection: " + projection);
  Entry& entry = it->second;
  for (const auto& [number, generation] : entry.generations) {
    if (number != entry.row.live()) return absl::AbortedError(projection + " is being rebuilt already");
  }
  return AddGeneration(entry, *entry.versions.back());
}

bool Catalog::ReadyToSwitch(const Entry& entry, const Generation& generation) const {
  if (entry.row.live() == generation.number || generation.retired) return false;
  const auto before = entry.generations.find(entry.row.live());
  for (size_t i = 0; i < generation.slots.size(); ++i) {
    if (generation.slots[i].caught_up_nanos < 0) return false;
    if (before == entry.generations.end()) continue;
    if (generation.slots[i].next_offset < before->second->slots[i].next_offset) return false;
  }
  return true;
}

absl::StatusOr<bool> Catalog::CaughtUp(const std::shared_ptr<Generation>& generation,
                                       const std::function<bool()>& write_all) {
  const std::string name = generation->projection->name();
  std::unique_lock switching(switch_mu_, std::try_to_lock);
  if (!switching) return false;  // Whoever holds it, or the next poll that finds nothing new, will see to it.
  v1::ProjectionGeneration from, to;
  {
    std::lock_guard lock(mu_);
    Entry& entry = entries_.at(name);
    if (!ReadyToSwitch(entry, *generation)) return false;
    from = *FindRow(entry, entry.row.live());
    to = *FindRow(entry, generation->number);
  }
  if (!write_all()) return false;
  PARLEY_ASSIGN_OR_RETURN(auto comparison, CompareGenerations(*store_.Snapshot(), from, to));
  std::unique_lock lock(mu_);
  Entry& entry = entries_.at(name);
  if (!ReadyToSwitch(entry, *generation)) return false;
  // Written before memory changes: a failed write leaves everything as it was.
  Entry after = entry;
  *after.row.mutable_last_switch() = std::move(comparison);
  FindRow(after, from.number())->set_retired(true);
  after.row.set_live(to.number());
  PARLEY_RETURN_IF_ERROR(Save(name, after));
  entry.row = std::move(after.row);
  const auto replaced = entry.generations.find(from.number());
  const bool folded_into = replaced != entry.generations.end();
  if (folded_into) {
    replaced->second->retired = true;
    entry.holders[from.number()] = partitions_;
    entry.generations.erase(replaced);
  }
  NoteLive();
  ++revision_;
  // Where this fails, the next Open does it.
  if (!folded_into) RemoveBesideReaders(lock, name, from.number()).IgnoreError();
  return true;
}

absl::Status Catalog::LetGo(const std::shared_ptr<Generation>& generation) {
  const std::string name = generation->projection->name();
  std::unique_lock lock(mu_);
  Entry& entry = entries_.at(name);
  const auto it = entry.holders.find(generation->number);
  if (it == entry.holders.end() || --it->second > 0) return absl::OkStatus();
  entry.holders.erase(it);
  return RemoveBesideReaders(lock, name, generation->number);
}

}  // namespace parley
