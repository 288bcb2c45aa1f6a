// Read models of one ledger as of a moment of the past, on two axes: as it was known then, as it was true then.
//
// Nothing of the past is kept: it is folded anew, from the ledger's first entry to the last that was known, into a store that is thrown
// away. So it takes time and memory in proportion to these entries and their rows, and it depends on nothing but them: the same
// entries, from a log or from a bundle, give the same rows. What an entry that was left out would have changed is as if it had never been;
// since effective_at never precedes what an event cites, an entry that is folded in rests on none that was left out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/entry.h"
#include "eventstore/kv_store.h"
#include "parley/v1/as_of.pb.h"
#include "parley/v1/membership.pb.h"
#include "projections/projection.h"
#include "projections/replayed_store.h"

namespace parley {

// The request's as_of; null where it has none.
const v1::AsOf* AsOfIn(const google::protobuf::Message& request);

// What an AsOf asks for, of a ledger with so many entries.
struct Horizon {
  uint64_t size = 0;  // Entries from here on are not looked at.
  std::optional<absl::Time> known_time;
  std::optional<absl::Time> true_time;

  // FIELD_INVALID where a time is none or later than `now`, or known_size is more than `size`.
  static absl::StatusOr<Horizon> Make(const v1::AsOf& as_of, uint64_t size, absl::Time now);
};

// Takes a ledger's entries until it has all that were known. Not thread-safe.
class Past {
 public:
  // `store` is empty, and this one's alone. Of what is a party's own, it takes in what `reader` reads and a model of `models` sees.
  static absl::StatusOr<Past> Make(const Horizon& horizon, const v1::Membership& reader,
                                   const std::vector<const Projection*>& models, std::unique_ptr<KvStore> store);

  // Whether the horizon is reached: nothing more need be handed in.
  bool complete() const { return complete_; }
  // The ledger's next entry; of another party's own ones, the header is enough. As ReplayedStore::Add.
  absl::Status Take(const Entry& entry);

  // Good until the next Take.
  absl::StatusOr<std::unique_ptr<ReadView>> View() { return store_->View(); }
  // What an answer by these of its models rests on, without a checkpoint.
  v1::Basis BasisOf(const std::vector<std::string>& models) const;
  // What a read_time that is not set means: the moment that the picture is of. true_time; without that known_time; without that the time
  // when the last entry taken was recorded (infinite past: there is none).
  absl::Time read_time() const;
  ReplayedStore& store() { return *store_; }

 private:
  Past(const Horizon& horizon, const v1::Membership& reader, bool sees_own, std::unique_ptr<ReplayedStore> store)
      : horizon_(horizon),
        reader_(reader),
        sees_own_(sees_own),
        store_(std::move(store)),
        complete_(horizon_.size == 0) {}

  Horizon horizon_;
  v1::Membership reader_;
  bool sees_own_;
  std::unique_ptr<ReplayedStore> store_;
  bool complete_;
  uint64_t own_folded_ = 0;  // Of what was folded in: what is a party's own.
  absl::Time last_recorded_at_ = absl::InfinitePast();
};

// The registered read models of these names.
std::vector<const Projection*> ProjectionsNamed(const std::vector<std::string>& names);

// Puts `basis` into the answer's field `basis`.
void SetBasis(v1::Basis basis, google::protobuf::Message& response);

}  // namespace parley
