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

// Whether a row is worth its memory once the batch is written.
enum class Reuse {
  kLikely,    // Later events change it again: it stays in memory, taken apart.
  kUnlikely,  // There are many such rows, and each is soon done with.
};

// The rows of one projection for one ledger, as they are while an event is folded in: reads see earlier writes. Values
// are messages, encoded by Canonical() when the batch is written. Keys are chosen by the projection; their byte order is the order
// of scans.
//
// Where reading fails, status() says so, and whatever the projection makes of it is thrown away. What Find and Mutable give
// stays where it is until the same key is put or deleted, or the event is folded in.
class Rows {
 public:
  virtual ~Rows() = default;

  // nullptr where there is no such row. A key is of one type.
  template <class M>
  const M* Find(std::string_view key, Reuse reuse = Reuse::kLikely) {
    return static_cast<const M*>(FindMessage(key, M::default_instance(), reuse));
  }
  // The row, to be changed in place; an empty one where there is none.
  template <class M>
  M& Mutable(std::string_view key, Reuse reuse = Reuse::kLikely) {
    return static_cast<M&>(MutableMessage(key, M::default_instance(), reuse));
  }
  // The row `key` is the event's resource: with the event folded in, by its area's Evolve, and stamped. Each event is to be folded in
  // from the resource's first on; read models that keep the same resource then share the work and the memory.
  template <class R>
  const R& Fold(std::string_view key, const RecordedEvent& event) {
    return static_cast<const R&>(FoldMessage(key, event));
  }
  // A row that is known not to be there yet: spares the look. It is empty.
  template <class M>
  M& Insert(std::string_view key, Reuse reuse = Reuse::kLikely) {
    return static_cast<M&>(InsertMessage(key, M::default_instance(), reuse));
  }
  // Puts a row that is not looked at again soon.
  void Put(std::string_view key, const google::protobuf::Message& row) { PutBytes(key, Canonical(row)); }

  virtual const google::protobuf::Message* FindMessage(std::string_view key, const google::protobuf::Message& type,
                                                       Reuse reuse) = 0;
  virtual google::protobuf::Message& MutableMessage(std::string_view key, const google::protobuf::Message& type,
                                                    Reuse reuse = Reuse::kLikely) = 0;
  virtual const google::protobuf::Message& FoldMessage(std::string_view key, const RecordedEvent& event) {
    google::protobuf::Message& resource = MutableMessage(key, *event.type->resource);
    event.type->evolve(resource, *event.event, event.info);
    StampResource(resource, event.info);
    return resource;
  }
  virtual google::protobuf::Message& InsertMessage(std::string_view key, const google::protobuf::Message& type,
                                                   Reuse reuse) = 0;
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
