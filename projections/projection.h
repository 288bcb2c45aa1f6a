// What a read model is: a named, versioned, deterministic fold of ledgers' events into rows.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/base/proto_util.h"
#include "services/aggregate/aggregate.h"

namespace parley {

// The rows of one projection for one ledger, as they are while an event is folded in: reads see earlier writes. Values
// are messages, encoded by Canonical(). Keys are chosen by the projection; their byte order is the order of scans.
class Rows {
 public:
  virtual ~Rows() = default;

  // nullopt where there is no such row, or where reading failed: then status() says so, and whatever the projection
  // makes of it is thrown away.
  template <class M>
  std::optional<M> Get(std::string_view key) {
    std::optional<std::string> bytes = GetBytes(key);
    if (!bytes) return std::nullopt;
    M message;
    if (!message.ParseFromString(*bytes)) {
      Fail(absl::DataLossError("a row of the read store does not parse"));
      return std::nullopt;
    }
    return message;
  }
  // The row, or an empty one.
  template <class M>
  M GetOrDefault(std::string_view key) {
    return Get<M>(key).value_or(M());
  }
  void Put(std::string_view key, const google::protobuf::Message& row) { PutBytes(key, Canonical(row)); }

  virtual std::optional<std::string> GetBytes(std::string_view key) = 0;
  virtual void PutBytes(std::string_view key, std::string value) = 0;
  virtual void Delete(std::string_view key) = 0;
  // Rows whose key starts with `prefix`, in key order, until `visit` returns false. `visit` may write.
  virtual void Scan(std::string_view prefix,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) = 0;

  // Makes this ledger findable under `key` (without NUL bytes), or no longer: ReadView::LedgersUnder. An index is not
  // part of the digest: it must follow from the rows.
  virtual void Index(std::string_view key) = 0;
  virtual void Unindex(std::string_view key) = 0;

  const absl::Status& status() const { return status_; }

 protected:
  // The first failure is kept.
  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  absl::Status status_;
};

// Whose entries a read model folds in.
enum class Sees {
  kJoint,  // The joint ones. The rows are the same whoever folds them, whatever is withheld from whom: they have digests.
  kOwn,    // Each party's own. The rows of several parties stand side by side, and each party reads its own.
};

// Stateless: everything it knows between events is in its rows. Same entries, same bytes, on any machine: no clock, no
// floating point, no hash-map order, no locale.
class Projection {
 public:
  virtual ~Projection() = default;
  // Names the rows on disk: a lower-case slug.
  virtual std::string name() const = 0;
  // Bumped whenever the same events would give other rows: the runner then rebuilds beside the old rows and switches.
  virtual uint32_t version() const = 0;
  virtual Sees sees() const { return Sees::kJoint; }
  // Folds in one event of those that it sees. An error stops this ledger in this projection, with everything before it kept.
  virtual absl::Status Apply(const RecordedEvent& event, Rows& rows) const = 0;
};

// Every read model there is: the one list, in registry.cc.
const std::vector<std::unique_ptr<Projection>>& Projections();

}  // namespace parley
