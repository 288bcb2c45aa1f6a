// Read models of one ledger, folded from entries handed in: for the past, and for histories that come without a server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/entry.h"
#include "eventstore/kv_store.h"
#include "parley/v1/digest.pb.h"
#include "projections/fold.h"
#include "projections/generation.h"
#include "projections/projection.h"
#include "projections/read_view.h"

namespace parley {

// Not thread-safe. What View() gives reads like the live read store, so that the same queries answer over it.
class ReplayedStore {
 public:
  // `store` is empty, and this one's alone. `projections` outlive it.
  static absl::StatusOr<std::unique_ptr<ReplayedStore>> Make(std::unique_ptr<KvStore> store,
                                                             const std::vector<const Projection*>& projections);

  // The ledger's next entry. DATA_LOSS (PROJECTION_STOPPED) where a read model cannot fold it in.
  absl::Status Add(const Entry& entry);
  // The ledger's next entry is left out: another party's own, of which only the header need be there, or one that became true
  // later than is asked for.
  absl::Status Skip(const Entry& entry);

  uint64_t size() const { return size_; }      // Entries handed in.
  uint64_t folded() const { return folded_; }  // Of those, the ones that were added.

  // Everything handed in so far, and nothing that is handed in afterwards. Must not outlive this.
  absl::StatusOr<std::unique_ptr<ReadView>> View();
  // Of every joint read model that this holds, in the order of names.
  absl::StatusOr<std::vector<v1::ReadModelDigest>> Digests(const LedgerId& ledger);

 private:
  ReplayedStore(std::unique_ptr<KvStore> store, const std::vector<const Projection*>& projections);
  absl::Status Added();
  absl::Status Write();

  std::unique_ptr<KvStore> store_;
  std::vector<std::unique_ptr<Generation>> generations_;
  std::vector<Generation*> all_;
  Fold fold_;
  size_t pending_ = 0;
  uint64_t size_ = 0;
  uint64_t folded_ = 0;
};

// The same of live read models over one moment of them; UNAVAILABLE where they are not equally far just then. `size` is set to how far
// they are.
absl::StatusOr<std::vector<v1::ReadModelDigest>> LiveDigests(ReadView& view, const LedgerId& ledger, uint64_t* size);

}  // namespace parley
