#include <algorithm>
#include <map>

#include "eventstore/base/status.h"
#include "projections/catalog.h"
#include "projections/read_view.h"
#include "projections/store_keys.h"

namespace parley {
namespace {

constexpr int kMaxChangesListed = 100;

// Ledger -> next sequence.
absl::StatusOr<std::map<std::string, uint64_t>> LedgersOf(const KvReader& store, uint64_t generation) {
  const std::string prefix = store_keys::Applied(generation, "");
  std::map<std::string, uint64_t> out;
  PARLEY_RETURN_IF_ERROR(store.Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
    out.emplace(key.substr(prefix.size()), ParseOrdered(value));
    return true;
  }));
  return out;
}

}  // namespace

absl::StatusOr<v1::ProjectionSwitch> CompareGenerations(const KvReader& store, const v1::ProjectionGeneration& from,
                                                        const v1::ProjectionGeneration& to) {
  v1::ProjectionSwitch out;
  out.set_from_generation(from.number());
  out.set_to_generation(to.number());
  out.set_from_version(from.version());
  out.set_to_version(to.version());
  PARLEY_ASSIGN_OR_RETURN(const auto before, LedgersOf(store, from.number()));
  PARLEY_ASSIGN_OR_RETURN(const auto after, LedgersOf(store, to.number()));
  auto all = before;
  all.insert(after.begin(), after.end());
  for (const auto& [ledger, sequence] : all) {
    PARLEY_ASSIGN_OR_RETURN(const LedgerDigest a, DigestLedger(store, from.number(), ledger));
    PARLEY_ASSIGN_OR_RETURN(const LedgerDigest b, DigestLedger(store, to.number(), ledger));
    out.set_rows_before(out.rows_before() + a.rows);
    out.set_rows_after(out.rows_after() + b.rows);
    const auto reached = [&](const auto& ledgers) {
      const auto it = ledgers.find(ledger);
      return it == ledgers.end() ? 0 : it->second;
    };
    if (reached(before) != reached(after)) {
      out.set_ledgers_not_comparable(out.ledgers_not_comparable() + 1);
    } else if (a.sha256 == b.sha256) {
      out.set_ledgers_same(out.ledgers_same() + 1);
    } else {
      out.set_ledgers_changed(out.ledgers_changed() + 1);
      if (out.changes_size() == kMaxChangesListed) continue;
      auto* change = out.add_changes();
      change->set_ledger(ledger);
      change->set_rows_before(a.rows);
      change->set_rows_after(b.rows);
      change->set_digest_before(a.sha256);
      change->set_digest_after(b.sha256);
    }
  }
  return out;
}

}  // namespace parley
