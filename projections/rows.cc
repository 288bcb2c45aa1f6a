#include "projections/rows.h"

#include "projections/store_keys.h"

namespace parley {

LedgerRows::LedgerRows(const KvReader& store, uint64_t generation, std::string ledger)
    : store_(store), generation_(generation), ledger_(std::move(ledger)) {}

std::optional<std::string> LedgerRows::GetBytes(std::string_view key) {
  const std::string full = store_keys::Row(generation_, ledger_, key);
  for (const Writes* writes : {&at_hand_, &kept_}) {
    if (const auto it = writes->find(full); it != writes->end()) return it->second;
  }
  auto stored = store_.Get(full);
  if (!stored.ok()) {
    Fail(stored.status());
    return std::nullopt;
  }
  return *std::move(stored);
}

void LedgerRows::PutBytes(std::string_view key, std::string value) {
  at_hand_[store_keys::Row(generation_, ledger_, key)] = std::move(value);
}

void LedgerRows::Delete(std::string_view key) { at_hand_[store_keys::Row(generation_, ledger_, key)] = std::nullopt; }

void LedgerRows::Index(std::string_view key) { at_hand_[store_keys::Index(generation_, key, ledger_)] = std::string(); }

void LedgerRows::Unindex(std::string_view key) {
  at_hand_[store_keys::Index(generation_, key, ledger_)] = std::nullopt;
}

void LedgerRows::Scan(std::string_view prefix,
                      const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  const size_t key_at = store_keys::Row(generation_, ledger_, "").size();
  const std::string from = store_keys::Row(generation_, ledger_, prefix);
  const std::string to = PrefixEnd(from);
  // What this batch wrote in the range, copied, so that `visit` may write.
  Writes written;
  for (const Writes* writes : {&kept_, &at_hand_}) {
    for (auto it = writes->lower_bound(from); it != writes->end() && it->first.starts_with(from); ++it) {
      written[it->first] = it->second;
    }
  }
  auto next = written.begin();
  bool more = true;
  const auto visit_written_before = [&](std::string_view key) {  // Empty: all of them.
    for (; more && next != written.end() && (key.empty() || next->first < key); ++next) {
      if (next->second) more = visit(std::string_view(next->first).substr(key_at), *next->second);
    }
  };
  const absl::Status status = store_.Scan(from, to, [&](std::string_view key, std::string_view value) {
    visit_written_before(key);
    if (more && next != written.end() && next->first == key) {
      if (next->second) more = visit(key.substr(key_at), *next->second);
      ++next;
    } else if (more) {
      more = visit(key.substr(key_at), value);
    }
    return more;
  });
  if (!status.ok()) Fail(status);
  visit_written_before({});
}

void LedgerRows::Keep() {
  for (auto& [key, value] : at_hand_) kept_[key] = std::move(value);
  at_hand_.clear();
}

void LedgerRows::Discard() {
  at_hand_.clear();
  status_ = absl::OkStatus();
}

void LedgerRows::MoveInto(KvBatch& batch) {
  for (auto& [key, value] : kept_) {
    if (value) {
      batch.Put(key, *std::move(value));
    } else {
      batch.Delete(key);
    }
  }
  kept_.clear();
}

}  // namespace parley
