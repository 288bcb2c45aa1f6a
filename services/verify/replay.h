// The dashboards without a server: a bundle's history folded into read models as of any moment, and the server's own queries over them.
// The same entries, the same fold, the same handlers: for the same moment and read_time an answer has the same bytes as the server's.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/person_keys.h"
#include "eventstore/proof/bundle.h"
#include "parley/v1/as_of.pb.h"
#include "parley/v1/audit.pb.h"
#include "services/query/handlers.h"
#include "services/query/past.h"
#include "services/query/query.h"
#include "services/verify/contents.h"

namespace parley {

struct ReplayOptions {
  std::string bundle;   // Directory.
  v1::AsOf as_of = {};  // Nothing set: everything that the bundle has.
  // Where read models may be written: a directory of the replay's own, emptied before it is used, not removed.
  std::string scratch;
  // People's keys, which fill in what is said about these people. Null: it stays empty.
  const v1::PersonKeys* keys = nullptr;
};

// Not thread-safe.
class BundleReplay {
 public:
  // Hashes the whole bundle before anything is folded: INVALID_ARGUMENT where it is not whole (which says nothing of who signed it: that
  // is the verifier's), where as_of is no moment of it (FIELD_INVALID), or where there is no bundle; NOT_FOUND, UNAVAILABLE.
  // DATA_LOSS (PROJECTION_STOPPED) where this build cannot fold an entry.
  static absl::StatusOr<std::unique_ptr<BundleReplay>> Open(const ReplayOptions& options);

  // Answers any request that has an as_of, as the server would answer it to the bundle's reader: Get and List of resources, and the
  // dashboards. Its own as_of must not be set: the replay's counts. `response` is of the type that goes with `request`.
  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message& response) const;

  const LedgerId& ledger() const { return contents_.ledger; }
  // The moment asked for lies after the last entry of the bundle: what was recorded in between, if anything, is not in it.
  bool beyond_the_bundle() const { return beyond_; }

 private:
  // What the bundle's reader may read: that is settled by what the bundle holds.
  class ReaderAccess final : public Access {
   public:
    ReaderAccess(const LedgerId& ledger, const std::string& reader) : ledger_(ledger), reader_(reader) {}
    absl::StatusOr<v1::Membership> Member(const LedgerId& ledger) const override;
    absl::StatusOr<std::vector<LedgerId>> Ledgers() const override { return std::vector<LedgerId>{ledger_}; }

   private:
    const LedgerId ledger_;
    const std::string reader_;
  };
  BundleReplay(BundleDir bundle, BundleContents contents, Past past, const v1::PersonKeys* keys);
  absl::Status TakeEntries();
  absl::StatusOr<Entry> ReadOne(const LedgerId& ledger, uint64_t sequence) const;

  const BundleDir bundle_;
  const BundleContents contents_;
  Past past_;
  bool beyond_ = false;
  const ReaderAccess access_;
  const std::unique_ptr<PersonKeys> keys_;  // Null: none were given.
  const Caller caller_;                     // Nobody by name.
  const PageTokens page_tokens_;
  const QueryHandlers handlers_;
  std::unique_ptr<ReadView> view_;
};

}  // namespace parley
