// Everything a ledger's deciders may know, in memory: the state of each of its aggregates and its open deadlines.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "parley/v1/relationship.pb.h"
#include "parley/v1/snapshot.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/single_events.h"

namespace parley {

// A deterministic fold of one ledger's entries. Not thread-safe.
class LedgerState {
 public:
  explicit LedgerState(LedgerId ledger) : ledger_(std::move(ledger)) {}
  LedgerState(LedgerState&&) = default;
  LedgerState& operator=(LedgerState&&) = default;

  const LedgerId& ledger() const { return ledger_; }
  uint64_t next_sequence() const { return next_sequence_; }
  absl::Time last_recorded_at() const { return last_recorded_at_; }

  // Folds the next entry in. DATA_LOSS where it is not the next or cannot be read; the state is then unchanged.
  absl::Status Apply(const Entry& entry);
  // The same for an event whose entry is known to be well-formed.
  void Apply(const RecordedEvent& event);
  // Passes over the next entry, which is not folded in.
  void Skip(uint64_t sequence, absl::Time recorded_at);

  // A resource by name, of whatever kind; null where there is none (or it is of a single-event kind).
  const google::protobuf::Message* Find(std::string_view name) const;
  template <class R>
  const R* Find(std::string_view name) const {
    const auto* found = Find(name);
    return found && found->GetDescriptor() == R::descriptor() ? static_cast<const R*>(found) : nullptr;
  }
  // Whether the stream has an entry, of whatever kind.
  bool Exists(std::string_view name) const;

  // Every joint resource of a kind, in name order.
  template <class R>
  void ForEach(const std::function<void(const R&)>& visit) const {
    ForEachIn(AggregateOfResource(R::descriptor())->collection,
              [&](const google::protobuf::Message& m) { visit(static_cast<const R&>(m)); });
  }

  // The ledger's root; a default instance before it is established.
  const v1::Relationship& relationship() const { return *relationship_; }

  // Names of the joint resources that stand in the way of ending the relationship, in name order.
  std::vector<std::string> OpenMatters() const;

  // effective_at of a stream's first entry, that is of what its resource came with; InfinitePast for a new stream.
  absl::Time FirstEffectiveAt(std::string_view stream) const;
  // Whether the stream exists and was not imported: its first entry is not historical. False for a single-event one.
  bool BeganLive(std::string_view stream) const;
  // effective_at of a stream's latest entry; InfinitePast for a new stream.
  absl::Time LastEffectiveAt(std::string_view stream) const;
  // Sequence of a stream's latest entry; nullopt for a new stream or a single-event one.
  std::optional<uint64_t> LastSequence(std::string_view stream) const;

  // The earliest deadline; nullopt where none is open. And when it is due: InfiniteFuture where none is.
  std::optional<Deadline> NextDeadline() const;
  absl::Time NextDue() const { return deadlines_.empty() ? absl::InfiniteFuture() : deadlines_.begin()->due; }

  // Rough size in memory, for the cache's budget.
  size_t bytes() const { return bytes_ + single_events_.bytes(); }

  v1::LedgerSnapshot ToSnapshot() const;
  static absl::StatusOr<LedgerState> FromSnapshot(const v1::LedgerSnapshot& snapshot);

 private:
  struct Stream {
    const AggregateType* type = nullptr;
    std::unique_ptr<google::protobuf::Message> state;
    bool began_live = false;
    absl::Time first_effective_at = absl::InfinitePast();
    uint64_t last_sequence = 0;
    absl::Time last_effective_at = absl::InfinitePast();
    std::vector<Deadline> deadlines;
  };
  void ForEachIn(std::string_view collection, const std::function<void(const google::protobuf::Message&)>& visit) const;
  void RefreshDeadlines(const std::string& name, Stream& stream);
  void NoteRelationship(const Stream& stream);

  LedgerId ledger_;
  uint64_t next_sequence_ = 0;
  absl::Time last_recorded_at_ = absl::InfinitePast();
  std::map<std::string, Stream, std::less<>> streams_;
  SingleEvents single_events_;
  std::set<Deadline> deadlines_;
  const v1::Relationship* relationship_ = &v1::Relationship::default_instance();  // In streams_.
  size_t bytes_ = sizeof(*this);                                                  // Without single_events_.
};

}  // namespace parley
