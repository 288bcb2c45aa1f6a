// Who may have which bundle, and the keys of people that go to an auditor apart from it; without the transport.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/clock.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/person_keys.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/membership.pb.h"
#include "projections/read_view.h"
#include "services/audit/checkpointer.h"
#include "services/audit/checkpoints.h"
#include "services/audit/export.h"
#include "services/audit/history_guard.h"
#include "services/audit/ledger_tree.h"
#include "services/query/access.h"

namespace parley {

// For how long released keys may be used at most.
inline constexpr absl::Duration kLongestRelease = absl::Hours(24 * 90);

struct BundlesOptions {
  // None of them owned; all outlive the bundles.
  const EventLog* log = nullptr;
  const ReadSource* read_store = nullptr;
  LedgerTree* tree = nullptr;
  CheckpointStore* store = nullptr;
  HistoryGuard* guard = nullptr;
  Checkpointer* checkpointer = nullptr;
  const PersonKeys* person_keys = nullptr;
  const Clock* clock = nullptr;
};

// Thread-safe. Everything reads disk, and is for members of the relationship only: to others it does not exist (NOT_FOUND).
class Bundles {
 public:
  explicit Bundles(BundlesOptions options) : options_(options) {}

  // Finds out which size is meant, which may take a new checkpoint; calls `done` once, at once or on the checkpointer's thread, where it
  // must not block. NOT_YOUR_PARTY about a reader that the caller does not stand for; DATA_LOSS where the history cannot be vouched
  // for; otherwise as Checkpointer::Create.
  void ChooseSize(const Caller& caller, const v1::ExportBundleRequest& request,
                  std::function<void(absl::StatusOr<uint64_t>)> done) const;
  // The same request with the size that was chosen: as ChooseSize, and as BundleExport::Open.
  absl::StatusOr<std::unique_ptr<BundleExport>> Open(const Caller& caller, const v1::ExportBundleRequest& request,
                                                     uint64_t size) const;

  // FIELD_INVALID about expire_time; PERMISSION_MISSING for whoever administers no party; NOT_FOUND for a person that does not exist or
  // is not of such a party. People who were erased are left out.
  absl::Status Answer(const Caller& caller, const v1::ReleasePersonKeysRequest& request,
                      v1::ReleasePersonKeysResponse& response) const;

 private:
  absl::StatusOr<LedgerId> Readable(const Caller& caller, const v1::ExportBundleRequest& request) const;

  const BundlesOptions options_;
};

}  // namespace parley
