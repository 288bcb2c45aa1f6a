#include "projections/rows.h"

#include <algorithm>
#include <cstring>

#include "projections/store_keys.h"

namespace parley {
namespace {

using google::protobuf::Message;

// A message in memory over its encoding, by rule of thumb, and what a row takes by itself.
constexpr size_t kMemoryPerByte = 3;
constexpr size_t kMemoryPerRow = 200;

}  // namespace

LedgerRows::LedgerRows(const KvReader& store, uint64_t generation, std::string_view ledger, SharedResources& shared)
    : store_(store),
      shared_(shared),
      generation_(generation),
      ledger_(ledger),
      prefix_(store_keys::Row(generation, ledger, "")) {}

bool LedgerRows::EndFirst::operator()(std::string_view a, std::string_view b) const {
  if (a.size() != b.size()) return a.size() < b.size();
  uint64_t end_a = 0, end_b = 0;
  const size_t word = std::min(sizeof(end_a), a.size());
  std::memcpy(&end_a, a.data() + a.size() - word, word);
  std::memcpy(&end_b, b.data() + b.size() - word, word);
  return end_a != end_b ? end_a < end_b : a < b;
}

void LedgerRows::Count(const std::string& key, Row& row, size_t encoded) {
  bytes_ -= row.counted;
  const auto sharers = static_cast<size_t>(std::max(row.resource.use_count(), 1L));
  row.counted = kMemoryPerRow + key.size() + kMemoryPerByte * encoded / sharers;
  bytes_ += row.counted;
}

LedgerRows::Row& LedgerRows::Touch(Map::iterator row) {
  if (!row->second.touched) touched_.push_back(row);
  row->second.touched = true;
  return row->second;
}

LedgerRows::Row& LedgerRows::Load(std::string_view key, const Message& type, Reuse reuse) {
  auto it = rows_.find(key);
  if (it != rows_.end() && (it->second.Message() != nullptr || !it->second.there)) return it->second;
  if (it == rows_.end()) {
    it = rows_.emplace(key, Row{.reuse = reuse}).first;
    Touch(it);
    auto stored = store_.Get(StoreKey(key));
    if (!stored.ok()) Fail(stored.status());
    if (!stored.ok() || !*stored) return it->second;
    it->second.bytes = **std::move(stored);
    it->second.there = true;
  }
  Row& row = it->second;
  row.reuse = reuse;
  row.message.reset(type.New());
  if (!row.message->ParseFromString(row.bytes)) Fail(absl::DataLossError("a row of the read store does not parse"));
  Count(it->first, row, row.bytes.size());
  row.bytes.clear();
  row.bytes.shrink_to_fit();
  return row;
}

const Message* LedgerRows::FindMessage(std::string_view key, const Message& type, Reuse reuse) {
  const Row& row = Load(key, type, reuse);
  return row.there ? row.Message() : nullptr;
}

Message& LedgerRows::MutableMessage(std::string_view key, const Message& type, Reuse reuse) {
  Row& row = Load(key, type, reuse);
  if (!row.there) row.message.reset(type.New());
  if (row.resource != nullptr) {  // Others rely on it.
    row.message.reset(type.New());
    row.message->CopyFrom(*row.resource->message);
    row.resource.reset();
  }
  if (!row.touched) Touch(rows_.find(key));
  row.there = row.changed = true;
  row.reuse = reuse;
  return *row.message;
}

const Message& LedgerRows::FoldMessage(std::string_view key, const RecordedEvent& event) {
  auto it = rows_.find(key);
  if (it == rows_.end() || it->second.resource == nullptr) {
    Row& row = Load(key, *event.type->resource, Reuse::kLikely);
    if (!row.there) row.message.reset(event.type->resource->New());
    // What could not be read is nobody else's.
    row.resource = status_.ok() ? shared_.Adopt(std::move(row.message), event)
                                : std::make_shared<SharedResource>(SharedResource{.message = std::move(row.message)});
    it = rows_.find(key);
  }
  Row& row = Touch(it);
  row.there = row.changed = true;
  row.reuse = Reuse::kLikely;
  row.resource->Fold(event);
  return *row.resource->message;
}

LedgerRows::Row& LedgerRows::Overwrite(std::string_view key) {
  auto it = rows_.find(key);
  if (it == rows_.end()) it = rows_.emplace(key, Row()).first;
  Row& row = Touch(it);
  row.message.reset();
  row.resource.reset();
  row.bytes.clear();
  row.changed = true;
  row.reuse = Reuse::kUnlikely;
  return row;
}

Message& LedgerRows::InsertMessage(std::string_view key, const Message& type, Reuse reuse) {
  Row& row = Overwrite(key);
  row.message.reset(type.New());
  row.there = true;
  row.reuse = reuse;
  return *row.message;
}

void LedgerRows::PutBytes(std::string_view key, std::string value) {
  Row& row = Overwrite(key);
  row.there = true;
  row.bytes = std::move(value);
}

void LedgerRows::Delete(std::string_view key) { Overwrite(key).there = false; }

void LedgerRows::Index(std::string_view key) { index_[store_keys::Index(generation_, key, ledger_)] = true; }

void LedgerRows::Unindex(std::string_view key) { index_[store_keys::Index(generation_, key, ledger_)] = false; }

void LedgerRows::Scan(std::string_view prefix,
                      const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  const std::string from = StoreKey(prefix);
  const std::string to = PrefixEnd(from);
  // What changed in the range, copied, so that `visit` may write.
  std::map<std::string, std::optional<std::string>, std::less<>> changed;
  for (const Map::iterator it : touched_) {
    const Row& row = it->second;
    if (!row.changed || !it->first.starts_with(prefix)) continue;
    auto& value = changed[it->first];
    if (row.there) value = row.Message() != nullptr ? Canonical(*row.Message()) : row.bytes;
  }
  auto next = changed.begin();
  bool more = true;
  const auto visit_changed_before = [&](std::string_view key) {  // Empty: all of them.
    for (; more && next != changed.end() && (key.empty() || next->first < key); ++next) {
      if (next->second) more = visit(next->first, *next->second);
    }
  };
  const absl::Status status = store_.Scan(from, to, [&](std::string_view stored, std::string_view value) {
    const std::string_view key = stored.substr(prefix_.size());
    // The empty key comes before all others.
    if (!key.empty()) visit_changed_before(key);
    if (more && next != changed.end() && next->first == key) {
      if (next->second) more = visit(key, *next->second);
      ++next;
    } else if (more) {
      more = visit(key, value);
    }
    return more;
  });
  if (!status.ok()) Fail(status);
  visit_changed_before({});
}

void LedgerRows::Discard() {
  touched_.clear();
  rows_.clear();
  index_.clear();
  bytes_ = 0;
  status_ = absl::OkStatus();
}

void LedgerRows::MoveInto(KvBatch& batch) {
  for (const Map::iterator it : touched_) {
    Row& row = it->second;
    if (row.changed && !row.there) {
      batch.Delete(StoreKey(it->first));
    } else if (row.changed) {
      std::string encoded = row.resource != nullptr  ? shared_.Encoded(row.resource)
                            : row.message != nullptr ? Canonical(*row.message)
                                                     : std::move(row.bytes);
      Count(it->first, row, encoded.size());
      batch.Put(StoreKey(it->first), std::move(encoded));
    }
    row.changed = row.touched = false;
    if (row.Message() != nullptr && row.there && row.reuse == Reuse::kLikely) continue;
    bytes_ -= row.counted;
    rows_.erase(it);
  }
  touched_.clear();
  for (auto& [key, there] : index_) {
    if (there) {
      batch.Put(key, "");
    } else {
      batch.Delete(key);
    }
  }
  index_.clear();
}

}  // namespace parley
