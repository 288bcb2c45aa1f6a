#include "services/query/query.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {

std::string StringField(const google::protobuf::Message& message, const char* field) {
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
  if (descriptor == nullptr || descriptor->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) return "";
  return message.GetReflection()->GetString(message, descriptor);
}

LedgerId LedgerOf(const google::protobuf::Message& request) {
  const std::string about = StringField(request, "name") + StringField(request, "parent");  // It has one at most.
  if (const auto resource = ResourceName::Parse(about)) return resource->ledger;
  const auto parent = ParentName::Parse(about);
  return parent ? parent->ledger : LedgerId();
}

absl::StatusOr<LedgerId> ReadableLedger(const QueryContext& context, std::string_view name, std::string_view field) {
  PARLEY_ASSIGN_OR_RETURN(LedgerId ledger, RelationshipNamed(name, field));
  PARLEY_RETURN_IF_ERROR(context.access.Member(ledger).status());
  return ledger;
}

absl::StatusOr<absl::Time> ReadTime(const QueryContext& context, bool has,
                                    const google::protobuf::Timestamp& requested) {
  if (!has) return context.read_time;
  const absl::Time time = FromProto(requested);
  if (time == absl::InfinitePast()) return InvalidField("read_time", "not a time");
  return time;
}

google::protobuf::Duration AgeAt(absl::Time read_time, const google::protobuf::Timestamp& since) {
  return ToProto(std::max(absl::ZeroDuration(), read_time - FromProto(since)));
}

}  // namespace parley
