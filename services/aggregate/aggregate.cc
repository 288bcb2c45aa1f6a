#include "services/aggregate/aggregate.h"

#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Poison(const Entry& entry, std::string_view why) {
  return Reject(v1::REASON_LEDGER_QUARANTINED,
                absl::StrCat("entry ", entry.sequence(), " of ledger ", entry.header.ledger(),
                             " cannot be read: ", std::string(why)))
      .With("ledger", entry.header.ledger())
      .With("sequence", std::to_string(entry.sequence()))
      .With("event_type", entry.record.event_type());
}

// Every event message has one oneof, `kind`.
const FieldDescriptor* KindField(const Message& event) {
  return event.GetReflection()->GetOneofFieldDescriptor(event, event.GetDescriptor()->oneof_decl(0));
}

// Whether `stream` names a resource of that type in the entry's ledger, of the entry's owner.
bool IsIn(std::string_view stream, const AggregateType& type, const v1::EntryHeader& header) {
  const auto take = [&](std::string_view part) {
    const bool there = stream.starts_with(part);
    if (there) stream.remove_prefix(part.size());
    return there;
  };
  if (!take("relationships/") || !take(header.ledger())) return false;
  if (!header.owner().empty() && !(take("/parties/") && take(header.owner()))) return false;
  if (type.collection == "relationships") return stream.empty() && header.owner().empty();
  return take("/") && take(type.collection) && take("/") && IsResourceId(stream);
}

}  // namespace

uint32_t AggregateType::SchemaVersion(std::string_view kind) const {
  for (const EventSchema& schema : schemas) {
    if (schema.kind == kind) return schema.version;
  }
  return 1;
}

const AggregateType* AggregateOfCollection(std::string_view collection) {
  for (const AggregateType& type : Aggregates()) {
    if (type.collection == collection) return &type;
  }
  return nullptr;
}

const AggregateType* AggregateOfResource(const google::protobuf::Descriptor* resource) {
  for (const AggregateType& type : Aggregates()) {
    if (type.resource->GetDescriptor() == resource) return &type;
  }
  return nullptr;
}

std::string EventKind(const Message& event) {
  const FieldDescriptor* kind = KindField(event);
  return kind ? kind->name() : "";
}

absl::StatusOr<RecordedEvent> DecodeEvent(const Entry& entry) {
  const v1::Record& record = entry.record;
  const std::string_view full = record.event_type();
  const size_t dot = full.find('.');
  if (dot == std::string_view::npos) return Poison(entry, "its event type has no dot");

  RecordedEvent out;
  for (const AggregateType& type : Aggregates()) {
    if (type.prefix == full.substr(0, dot)) out.type = &type;
  }
  if (out.type == nullptr) return Poison(entry, "its aggregate is unknown");
  out.kind = full.substr(dot + 1);

  // What is folded into a state must be of its kind.
  if (!IsIn(record.stream(), *out.type, entry.header)) {
    return Poison(entry, "its stream is none that such an event could be in");
  }

  auto event = std::shared_ptr<Message>(out.type->event->New());
  if (!event->ParseFromString(record.event())) return Poison(entry, "its event does not parse");
  const FieldDescriptor* kind = KindField(*event);
  if (kind == nullptr || kind->name() != out.kind)
    return Poison(entry, "its event is not of the type it says, or of an unknown one");
  const uint32_t current = out.type->SchemaVersion(out.kind);
  if (record.schema_version() < 1 || record.schema_version() > current) {
    return Poison(entry, absl::StrCat("its schema version is ", record.schema_version(), ", known are 1 to ", current));
  }
  if (record.schema_version() < current) {
    if (out.type->upcast == nullptr) return Poison(entry, "its schema version cannot be upcast");
    out.type->upcast(*event, record.schema_version());
  }
  out.event = std::move(event);
  out.owner = entry.header.owner();
  out.info = {.stream = record.stream(),
              .sequence = entry.sequence(),
              .recorded_at = FromProto(entry.header.recorded_at()),
              .effective_at = FromProto(record.effective_at()),
              .actor = record.actor(),
              .party = record.party(),
              .role = record.role(),
              .historical = record.historical()};
  out.personal.assign(record.personal_parts().begin(), record.personal_parts().end());
  return out;
}

void StampResource(Message& resource, const EventInfo& info) {
  const auto* descriptor = resource.GetDescriptor();
  const auto* reflection = resource.GetReflection();
  // Looked up by number: 1 to 4 in every resource message, which a test holds.
  const auto* name = descriptor->FindFieldByNumber(1);
  std::string scratch;
  if (reflection->GetStringReference(resource, name, &scratch).empty()) {
    reflection->SetString(&resource, name, info.stream);
    static_cast<google::protobuf::Timestamp&>(
        *reflection->MutableMessage(&resource, descriptor->FindFieldByNumber(3))) = ToProto(info.recorded_at);
  }
  reflection->SetString(&resource, descriptor->FindFieldByNumber(2), std::to_string(info.sequence));
  static_cast<google::protobuf::Timestamp&>(*reflection->MutableMessage(&resource, descriptor->FindFieldByNumber(4))) =
      ToProto(info.recorded_at);
}

}  // namespace parley
