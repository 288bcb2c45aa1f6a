#include "services/command/record.h"

#include <google/protobuf/io/coded_stream.h>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "parley/v1/person.pb.h"
#include "services/aggregate/personal.h"

namespace parley {
namespace {

// What the entry at `sequence` will say about `event`.
EventInfo InfoFor(const NewEvent& event, const std::string& role, const Context& context, uint64_t sequence) {
  return {.stream = event.stream,
          .sequence = sequence,
          .recorded_at = context.now(),
          .effective_at = event.effective_at.value_or(context.effective_at()),
          .actor = context.actor().principal,
          .party = context.actor().party,
          .role = role,
          .historical = context.historical()};
}

// Has the texts sealed with the entry, and says in the event which they were.
absl::Status Seal(const LedgerState& state, std::vector<NewPersonalPart> parts, PersonKeys& keys, NewEntry& entry,
                  RecordedEvent& recorded) {
  for (NewPersonalPart& part : parts) {
    const auto name = ResourceName::Parse(part.person);
    if (!name || name->collection != "persons" || name->ledger != state.ledger()) {
      return absl::InternalError("an event has a text about somebody who is no person of its ledger: " + part.person);
    }
    // Asked here, where the key would be made anew, besides in each area's rules: no way around it.
    const auto* person = state.Find<v1::Person>(part.person);
    if (person != nullptr && person->state() == v1::PERSON_STATE_ERASED) {
      return Reject(v1::REASON_PERSON_ERASED, "the person was erased").With("person", part.person);
    }
    // A person has one key for life. Where it is gone although nobody was erased, the log was put back to before that, or the keys were
    // lost: under a second one, what the first one sealed would look damaged.
    auto key = person == nullptr ? keys.KeyFor(part.person) : keys.Find(part.person);
    if (absl::IsNotFound(key.status())) {
      return Reject(v1::REASON_PERSON_ERASED,
                    "the person's key is gone: erase the person, so that the record says so, too")
          .With("person", part.person);
    }
    PARLEY_ASSIGN_OR_RETURN(part.key, std::move(key));
    v1::PersonalPart& sealed = recorded.personal.emplace_back();
    sealed.set_person(part.person);
    sealed.set_field(part.field);
    entry.personal.push_back(std::move(part));
  }
  return absl::OkStatus();
}

class NobodysKeys final : public PersonKeys {
 public:
  absl::StatusOr<std::string> KeyFor(const std::string&) override { return std::string(32, '\0'); }
  absl::StatusOr<std::string> Find(const std::string&) const override { return std::string(32, '\0'); }
  absl::Status Destroy(const std::vector<std::string>&) override { return absl::OkStatus(); }
};

}  // namespace

PersonKeys& ThrowawayKeys() {
  static NobodysKeys keys;
  return keys;
}

absl::StatusOr<BuiltCommit> BuildCommit(const LedgerState& state, const Events& events, const Context& context,
                                        const std::string& request_id, const std::string& fingerprint, PersonKeys& keys,
                                        RandomSource& random) {
  BuiltCommit built;
  built.commit.ledger = state.ledger();
  uint64_t sequence = state.next_sequence();
  size_t bytes = 0;
  for (const NewEvent& event : events.list()) {
    const auto name = ResourceName::Parse(event.stream);
    const AggregateType* type = name ? AggregateOfCollection(name->collection) : nullptr;
    if (type == nullptr || event.event->GetDescriptor() != type->event->GetDescriptor()) {
      return absl::InternalError("an event does not fit its stream: " + event.stream);
    }
    SplitEvent split = SplitPersonal(event.event, event.stream);
    RecordedEvent recorded{type, std::move(split.event), EventKind(*event.event), name->owner,
                           InfoFor(event, events.role(), context, sequence)};
    NewEntry entry{.ledger = state.ledger(), .sequence = sequence, .recorded_at = context.now(), .owner = name->owner};
    v1::Record& record = entry.record;
    record.set_stream(event.stream);
    record.set_event_type(absl::StrCat(std::string(type->prefix), ".", recorded.kind));
    record.set_schema_version(type->SchemaVersion(recorded.kind));
    *record.mutable_effective_at() = ToProto(recorded.info.effective_at);
    record.set_actor(context.actor().principal);
    record.set_party(context.actor().party);
    record.set_role(events.role());
    record.set_on_behalf_of(context.actor().on_behalf_of);
    record.set_request_id(request_id);
    record.set_request_fingerprint(fingerprint);
    if (event.caused_by) record.set_caused_by(*event.caused_by);
    record.set_historical(context.historical());
    record.set_event(Canonical(*recorded.event));
    PARLEY_RETURN_IF_ERROR(Seal(state, std::move(split.parts), keys, entry, recorded));
    v1::StoredEntry stored = EncodeEntry(std::move(entry), random);
    // As it will stand in its commit: what passes here passes in the log, where a refusal would hit others too.
    const size_t size = stored.ByteSizeLong();
    bytes += 1 + google::protobuf::io::CodedOutputStream::VarintSize64(size) + size;
    built.commit.entries.push_back(std::move(stored));
    built.events.push_back(std::move(recorded));
    ++sequence;
  }
  if (built.events.size() > kMaxCommitEntries || bytes > kMaxCommitBytes) {
    return Reject(v1::REASON_COMMIT_TOO_LARGE, absl::StrCat("the command would record ", built.events.size(),
                                                            " entries and ", bytes, " bytes at once"));
  }
  return built;
}

}  // namespace parley
