// The rows of one ledger in one generation while a batch of entries is folded in: what the store holds, what earlier
// entries of the batch wrote over it, and what the entry at hand writes over that.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "eventstore/kv_store.h"
#include "projections/projection.h"

namespace parley {

class LedgerRows final : public Rows {
 public:
  // `store` outlives it.
  LedgerRows(const KvReader& store, uint64_t generation, std::string ledger);

  std::optional<std::string> GetBytes(std::string_view key) override;
  void PutBytes(std::string_view key, std::string value) override;
  void Delete(std::string_view key) override;
  void Scan(std::string_view prefix,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) override;
  void Index(std::string_view key) override;
  void Unindex(std::string_view key) override;

  // The entry at hand is folded in: its writes join the batch's.
  void Keep();
  // The entry at hand is not: its writes and failures are forgotten.
  void Discard();
  // Moves what was kept into `batch`.
  void MoveInto(KvBatch& batch);

 private:
  using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;  // By store key; nullopt: delete.

  const KvReader& store_;
  uint64_t generation_;
  std::string ledger_;
  Writes kept_;
  Writes at_hand_;
};

}  // namespace parley
