// Reads of the read models at one moment.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/kv_store.h"
#include "parley/v1/read_store.pb.h"
#include "projections/generation.h"

namespace parley {

// The generation of a projection that is read.
struct ReadGeneration {
  v1::ProjectionGeneration row;
  std::shared_ptr<const Generation> followed;  // Null: nobody is known to keep it up.
};
using ReadGenerations = std::map<std::string, ReadGeneration>;  // By projection.

// The read store at one moment.
struct ReadMoment {
  std::unique_ptr<KvReader> rows;
  std::shared_ptr<const ReadGenerations> live;  // Null: to be looked up in the rows.
};

// Where read models are read that somebody keeps up.
class ReadSource {
 public:
  virtual ~ReadSource() = default;
  // Has everything that was folded in before the call: of that ledger, or of all where it is empty.
  virtual ReadMoment Snapshot(const LedgerId& ledger) const = 0;
};

// The rows of live generations, all of one moment. Not thread-safe; must not outlive the store.
class ReadView {
 public:
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  explicit ReadView(ReadMoment moment) : moment_(std::move(moment)) {}
  explicit ReadView(const KvStore& store) : moment_{.rows = store.Snapshot()} {}
  // Of other ledgers than the one given, rows may be a little behind.
  explicit ReadView(const ReadSource& source, const LedgerId& ledger = {}) : moment_(source.Snapshot(ledger)) {}

  // nullopt where there is no such row.
  absl::StatusOr<std::optional<std::string>> GetBytes(const std::string& projection, const LedgerId& ledger,
                                                      std::string_view key);
  template <class M>
  absl::StatusOr<std::optional<M>> Get(const std::string& projection, const LedgerId& ledger, std::string_view key) {
    auto bytes = GetBytes(projection, ledger, key);
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) return std::optional<M>();
    M message;
    if (!message.ParseFromString(**bytes)) return absl::DataLossError("a row of the read store does not parse");
    return std::optional<M>(std::move(message));
  }
  // Rows whose key is not less than `from`, up to the last that starts with `last`, in key order, until `visit` returns false.
  absl::Status Scan(const std::string& projection, const LedgerId& ledger, std::string_view from, std::string_view last,
                    const Visit& visit);

  // The generation that is read; valid while the view is. NOT_FOUND where there is no such projection.
  absl::StatusOr<const ReadGeneration*> Live(const std::string& projection);

  // Ledgers indexed under `key`, in name order.
  absl::StatusOr<std::vector<LedgerId>> LedgersUnder(const std::string& projection, std::string_view key);

  // How many of the ledger's entries are folded in.
  absl::StatusOr<uint64_t> NextSequence(const std::string& projection, const LedgerId& ledger);
  // Where and why the projection stopped following the ledger.
  absl::StatusOr<std::optional<v1::ProjectionQuarantine>> Quarantine(const std::string& projection,
                                                                     const LedgerId& ledger);
  // Every ledger that the projection has stopped following, in name order.
  absl::StatusOr<std::vector<std::pair<LedgerId, v1::ProjectionQuarantine>>> Quarantines(const std::string& projection);
  // PROJECTION_STOPPED where the projection stopped following the ledger.
  absl::Status RequireFollowed(const std::string& projection, const LedgerId& ledger);

  // SHA-256 over the ledger's rows in key order: for each, key and value, each after its length in 8 bytes, big-endian.
  // The same on every machine for the same entries.
  absl::StatusOr<std::string> Digest(const std::string& projection, const LedgerId& ledger);

 private:
  ReadMoment moment_;
  ReadGenerations found_;  // Looked up.
};

// PROJECTION_STOPPED: what is said to whoever asks for a ledger in quarantine.
absl::Status StoppedError(const std::string& projection, const LedgerId& ledger,
                          const v1::ProjectionQuarantine& quarantine);

// Rows and digest of one ledger in one generation.
struct LedgerDigest {
  uint64_t rows = 0;
  std::string sha256;
};
absl::StatusOr<LedgerDigest> DigestLedger(const KvReader& store, uint64_t generation, std::string_view ledger);

}  // namespace parley
