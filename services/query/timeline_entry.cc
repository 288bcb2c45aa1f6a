#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/aggregate/aggregate.h"
#include "services/query/reveal.h"
#include "services/query/timeline.h"

namespace parley {
namespace {

std::string Summary(const v1::TimelineEntry& entry) {
  // What happened and in which relationship stand in every line beside it.
  const size_t root = entry.stream().find('/', entry.stream().find('/') + 1);
  const bool whole = root == std::string::npos;  // Of the relationship itself.
  std::string out = (whole ? entry.stream() : entry.stream().substr(root + 1)) + " by " + entry.actor();
  if (!entry.party().empty()) out += " for " + entry.party();
  if (!entry.role().empty()) out += " as " + entry.role();
  return out;
}

}  // namespace

absl::StatusOr<v1::TimelineEntry> RenderEntry(const Entry& entry, const v1::Membership& reader, const PersonKeys* keys,
                                              const ProvenUpTo& proven) {
  v1::TimelineEntry out;
  out.set_sequence(entry.sequence());
  *out.mutable_recorded_at() = entry.header.recorded_at();
  out.set_owner(entry.header.owner());
  if (!entry.joint() && !ReadsPrivateOf(reader, entry.header.owner())) {
    out.set_withheld(true);
    return out;
  }
  out.set_proof_state(proven.Of(entry.sequence()));
  const v1::Record& record = entry.record;
  out.set_stream(record.stream());
  out.set_event_type(record.event_type());
  out.set_schema_version(record.schema_version());
  *out.mutable_effective_at() = record.effective_at();
  out.set_actor(record.actor());
  out.set_party(record.party());
  out.set_role(record.role());
  out.set_on_behalf_of(record.on_behalf_of());
  out.set_request_id(record.request_id());
  if (record.has_caused_by()) out.set_caused_by(record.caused_by());
  out.set_historical(record.historical());
  PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
  std::shared_ptr<const google::protobuf::Message> shown = event.event;
  if (!event.personal.empty()) {
    const auto copy = std::shared_ptr<google::protobuf::Message>(event.event->New());
    copy->CopyFrom(*event.event);
    PARLEY_RETURN_IF_ERROR(RevealEvent(keys, entry, *copy));
    shown = copy;
  }
  // Canonical bytes, so that the same entry always looks the same.
  out.mutable_event()->set_type_url("type.googleapis.com/" + shown->GetDescriptor()->full_name());
  out.mutable_event()->set_value(Canonical(*shown));
  out.set_summary(Summary(out));
  return out;
}

absl::Status CheckSelection(const v1::TimelineSelection& selection) {
  for (const auto& [has, time, field] : {std::tuple(selection.has_start_time(), selection.start_time(), "start_time"),
                                         std::tuple(selection.has_end_time(), selection.end_time(), "end_time")}) {
    if (has && FromProto(time) == absl::InfinitePast()) {
      return InvalidField("selection." + std::string(field), "not a time");
    }
  }
  return absl::OkStatus();
}

bool Selected(const v1::TimelineSelection& selection, const v1::TimelineEntry& entry) {
  const absl::Time recorded_at = FromProto(entry.recorded_at());
  if (selection.has_start_time() && recorded_at < FromProto(selection.start_time())) return false;
  if (selection.has_end_time() && recorded_at >= FromProto(selection.end_time())) return false;
  const std::string& type = selection.event_type();
  if (!type.empty() && entry.event_type() != type && !(type.ends_with(".") && entry.event_type().starts_with(type))) {
    return false;
  }
  return (selection.stream().empty() || entry.stream() == selection.stream()) &&
         (selection.actor().empty() || entry.actor() == selection.actor()) &&
         (selection.party().empty() || entry.party() == selection.party());
}

}  // namespace parley
