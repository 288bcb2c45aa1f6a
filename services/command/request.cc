#include "services/command/request.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/aggregate/admission.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Text(const Message& message, const FieldDescriptor* field) {
  return field ? message.GetReflection()->GetString(message, field) : "";
}

bool IsRequestId(std::string_view id) {
  return id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

absl::StatusOr<CommonFields> ReadCommonFields(const Message& request) {
  const auto* descriptor = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  CommonFields fields;
  fields.request_id = Text(request, descriptor->FindFieldByNumber(11));
  fields.etag = Text(request, descriptor->FindFieldByNumber(12));
  const auto* effective_at = descriptor->FindFieldByNumber(13);
  if (reflection->HasField(request, effective_at)) {
    fields.effective_at =
        FromProto(static_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(request, effective_at)));
  }
  fields.validate_only = reflection->GetBool(request, descriptor->FindFieldByNumber(14));
  fields.historical = reflection->GetBool(request, descriptor->FindFieldByNumber(15));
  if (!IsRequestId(fields.request_id)) {
    return InvalidField("request_id", "must be at most 64 printable ASCII characters, best a UUID");
  }
  return fields;
}

absl::StatusOr<Target> TargetOf(const Message& request, const AggregateType& type) {
  const auto* descriptor = request.GetDescriptor();
  Target target;
  if (const auto* name_field = descriptor->FindFieldByName("name")) {
    const auto name = ResourceName::Parse(Text(request, name_field));
    if (!name || name->collection != type.collection) {
      return InvalidField("name", absl::StrCat("must be the name of one of ", std::string(type.collection)));
    }
    target.ledger = name->ledger;
    target.owner = name->owner;
    target.stream = name->str();
    return target;
  }
  const auto* id_field = descriptor->FindFieldByNumber(descriptor->FindFieldByName("parent") ? 2 : 1);
  const bool creates = CreatesTarget(*descriptor);
  const std::string id = creates ? Text(request, id_field) : "";
  if (creates && !id.empty() && !(type.collection == "relationships" ? IsSlug(id) : IsResourceId(id))) {
    return InvalidField(id_field->name(),
                        "must be 1 to 63 of [a-z0-9-] for a relationship, of [A-Za-z0-9._~-] otherwise");
  }
  if (descriptor->FindFieldByName("parent") == nullptr) {
    target.creates = true;
    target.ledger = LedgerId(id);
    if (!id.empty()) target.stream = "relationships/" + id;
    return target;
  }
  const auto parent = ParentName::Parse(Text(request, descriptor->FindFieldByName("parent")));
  if (!parent || (!parent->owner.empty() && !type.may_be_private)) {
    return InvalidField("parent",
                        "must be the name of a relationship, or of a party in one where resources may be private");
  }
  target.ledger = parent->ledger;
  target.owner = parent->owner;
  if (!creates) {
    target.stream = "relationships/" + parent->ledger.str();
    return target;
  }
  target.creates = true;
  target.parent = Text(request, descriptor->FindFieldByName("parent"));
  if (!id.empty()) target.stream = parent->Child(type.collection, id);
  return target;
}

}  // namespace parley
