#include "services/aggregate/ledger_state.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {

using google::protobuf::Message;

absl::Status LedgerState::Apply(const Entry& entry) {
  if (entry.sequence() != next_sequence_) {
    return Reject(v1::REASON_LEDGER_QUARANTINED,
                  absl::StrCat("expected entry ", next_sequence_, ", got ", entry.sequence()));
  }
  PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
  Apply(event);
  return absl::OkStatus();
}

void LedgerState::Apply(const RecordedEvent& event) {
  const EventInfo& info = event.info;
  next_sequence_ = info.sequence + 1;
  last_recorded_at_ = info.recorded_at;
  if (event.type->single_event) {
    single_events_.Add(info.stream, info.effective_at);
    return;
  }
  Stream& stream = streams_[info.stream];
  if (stream.state == nullptr) {
    bytes_ += sizeof(Stream) + 2 * info.stream.size();
    stream.type = event.type;
    stream.state.reset(event.type->resource->New());
    stream.began_live = !info.historical;
    stream.first_effective_at = info.effective_at;
    NoteRelationship(stream);
  }
  event.type->evolve(*stream.state, *event.event, info);
  StampResource(*stream.state, info);
  stream.last_sequence = info.sequence;
  stream.last_effective_at = std::max(stream.last_effective_at, info.effective_at);
  // A state holds about what its events say. Measuring the state itself would cost its whole size at every event.
  bytes_ += 2 * event.event->ByteSizeLong();
  RefreshDeadlines(info.stream, stream);
}

void LedgerState::Skip(uint64_t sequence, absl::Time recorded_at) {
  next_sequence_ = sequence + 1;
  last_recorded_at_ = std::max(last_recorded_at_, recorded_at);
}

void LedgerState::RefreshDeadlines(const std::string& name, Stream& stream) {
  if (stream.type->deadlines == nullptr) return;
  std::vector<Deadline> deadlines = stream.type->deadlines(*stream.state);
  for (Deadline& deadline : deadlines) deadline.stream = name;
  if (deadlines == stream.deadlines) return;
  for (const Deadline& deadline : stream.deadlines) deadlines_.erase(deadline);
  deadlines_.insert(deadlines.begin(), deadlines.end());
  stream.deadlines = std::move(deadlines);
}

const Message* LedgerState::Find(std::string_view name) const {
  const auto it = streams_.find(name);
  return it == streams_.end() ? nullptr : it->second.state.get();
}

bool LedgerState::Exists(std::string_view name) const {
  return streams_.contains(name) || single_events_.Find(name).has_value();
}

void LedgerState::ForEachIn(std::string_view collection, const std::function<void(const Message&)>& visit) const {
  const std::string prefix = ParentName{ledger_, ""}.Child(collection, "");
  for (auto it = streams_.lower_bound(prefix); it != streams_.end() && it->first.starts_with(prefix); ++it) {
    visit(*it->second.state);
  }
}

void LedgerState::NoteRelationship(const Stream& stream) {
  if (stream.type->resource != &v1::Relationship::default_instance()) return;
  relationship_ = static_cast<const v1::Relationship*>(stream.state.get());
}

std::vector<std::string> LedgerState::OpenMatters() const {
  std::vector<std::string> open;
  for (const AggregateType& type : Aggregates()) {
    if (type.blocks_exit == nullptr) continue;
    ForEachIn(type.collection, [&](const Message& m) {
      const auto* name = m.GetDescriptor()->FindFieldByNumber(1);
      if (type.blocks_exit(m)) open.push_back(m.GetReflection()->GetString(m, name));
    });
  }
  return open;
}

absl::Time LedgerState::FirstEffectiveAt(std::string_view stream) const {
  if (const auto it = streams_.find(stream); it != streams_.end()) return it->second.first_effective_at;
  return single_events_.Find(stream).value_or(absl::InfinitePast());
}

bool LedgerState::BeganLive(std::string_view stream) const {
  const auto it = streams_.find(stream);
  return it != streams_.end() && it->second.began_live;
}

absl::Time LedgerState::LastEffectiveAt(std::string_view stream) const {
  const auto it = streams_.find(stream);
  return it == streams_.end() ? absl::InfinitePast() : it->second.last_effective_at;
}

std::optional<uint64_t> LedgerState::LastSequence(std::string_view stream) const {
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return std::nullopt;
  return it->second.last_sequence;
}

std::optional<Deadline> LedgerState::NextDeadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return *deadlines_.begin();
}

v1::LedgerSnapshot LedgerState::ToSnapshot() const {
  v1::LedgerSnapshot snapshot;
  snapshot.set_ledger(ledger_.str());
  snapshot.set_next_sequence(next_sequence_);
  if (next_sequence_ > 0) *snapshot.mutable_last_recorded_at() = ToProto(last_recorded_at_);
  for (const auto& [name, stream] : streams_) {
    auto* out = snapshot.add_streams();
    out->set_name(name);
    out->set_last_sequence(stream.last_sequence);
    *out->mutable_last_effective_at() = ToProto(stream.last_effective_at);
    out->set_state(Canonical(*stream.state));
    *out->mutable_first_effective_at() = ToProto(stream.first_effective_at);
    out->set_began_live(stream.began_live);
  }
  snapshot.set_single_event_streams(single_events_.Pack());
  return snapshot;
}

absl::StatusOr<LedgerState> LedgerState::FromSnapshot(const v1::LedgerSnapshot& snapshot) {
  LedgerState state{LedgerId(snapshot.ledger())};
  state.next_sequence_ = snapshot.next_sequence();
  if (snapshot.has_last_recorded_at()) state.last_recorded_at_ = FromProto(snapshot.last_recorded_at());
  for (const auto& in : snapshot.streams()) {
    const auto name = ResourceName::Parse(in.name());
    const AggregateType* type = name ? AggregateOfCollection(name->collection) : nullptr;
    if (type == nullptr) return absl::DataLossError("snapshot names an unknown kind of resource: " + in.name());
    Stream& stream = state.streams_[in.name()];
    stream.type = type;
    stream.state.reset(type->resource->New());
    if (!stream.state->ParseFromString(in.state())) return absl::DataLossError("snapshot does not parse: " + in.name());
    stream.began_live = in.began_live();
    stream.first_effective_at = FromProto(in.first_effective_at());
    stream.last_sequence = in.last_sequence();
    stream.last_effective_at = FromProto(in.last_effective_at());
    state.bytes_ += sizeof(Stream) + 2 * in.name().size() + 2 * in.state().size();
    state.RefreshDeadlines(in.name(), stream);
    state.NoteRelationship(stream);
  }
  PARLEY_ASSIGN_OR_RETURN(state.single_events_, SingleEvents::Unpack(snapshot.single_event_streams()));
  return state;
}

}  // namespace parley
