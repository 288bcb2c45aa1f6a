#include "services/aggregate/admission.h"

#include <google/protobuf/unknown_field_set.h>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxBytes = 64 << 10;

// Where a field stands; made into a text only for an error.
struct Path {
  const Path* above;  // Null at the top.
  const FieldDescriptor* field;
  int index;  // -1: not repeated.

  std::string str() const {
    std::string text = above != nullptr ? above->str() + "." : "";
    text += field->name();
    return index < 0 ? text : absl::StrCat(text, "[", index, "]");
  }
};

absl::Status CheckMessage(const Message& message, const Path* above, const std::string& prefix);

absl::Status CheckField(const Message& message, const Path& path, const std::string& prefix) {
  const Reflection* reflection = message.GetReflection();
  const FieldDescriptor* field = path.field;
  const int index = path.index;
  const bool repeated = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text = repeated ? reflection->GetRepeatedStringReference(message, field, index, &scratch)
                                         : reflection->GetStringReference(message, field, &scratch);
      const size_t limit = field->type() == FieldDescriptor::TYPE_BYTES ? kMaxBytes : kMaxTextBytes;
      if (text.size() > limit) {
        return InvalidField(prefix + path.str(),
                            absl::StrCat("is ", text.size(), " bytes long, at most ", limit, " are allowed"));
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value =
          repeated ? reflection->GetRepeatedEnumValue(message, field, index) : reflection->GetEnumValue(message, field);
      if (field->enum_type()->FindValueByNumber(value) == nullptr) {
        return InvalidField(prefix + path.str(), "is an unknown value");
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& child =
          repeated ? reflection->GetRepeatedMessage(message, field, index) : reflection->GetMessage(message, field);
      if (const auto* timestamp = dynamic_cast<const google::protobuf::Timestamp*>(&child)) {
        if (FromProto(*timestamp) == absl::InfinitePast()) {
          return InvalidField(prefix + path.str(), "is no valid time");
        }
        return absl::OkStatus();
      }
      return CheckMessage(child, &path, prefix);
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckMessage(const Message& message, const Path* above, const std::string& prefix) {
  const Reflection* reflection = message.GetReflection();
  if (const auto& unknown = reflection->GetUnknownFields(message); !unknown.empty()) {
    const std::string where = above != nullptr ? above->str() + "." : "";
    return InvalidField(absl::StrCat(prefix, where, unknown.field(0).number()),
                        "is the number of a field unknown here");
  }
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated()) {
      PARLEY_RETURN_IF_ERROR(CheckField(message, {above, field, -1}, prefix));
      continue;
    }
    const int size = reflection->FieldSize(message, field);
    for (int i = 0; i < size; ++i) PARLEY_RETURN_IF_ERROR(CheckField(message, {above, field, i}, prefix));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFields(const Message& message, const std::string& prefix) {
  return CheckMessage(message, nullptr, prefix);
}

bool CreatesTarget(const google::protobuf::Descriptor& request) {
  if (request.FindFieldByName("name") != nullptr) return false;
  const auto* id = request.FindFieldByNumber(request.FindFieldByName("parent") ? 2 : 1);
  return id != nullptr && id->name().ends_with("_id") && !id->is_repeated();
}

absl::Status CheckTarget(bool creates, const Context& context) {
  const auto name = ResourceName::Parse(context.target());
  const bool hidden = name && !name->owner.empty() && name->owner != context.actor().party;
  const bool exists = context.ledger().Exists(context.target());
  if (hidden || (!creates && !exists)) {
    return Reject(v1::REASON_NOT_FOUND, "no such resource, or none that the caller may see")
        .With("resource", context.target());
  }
  if (creates && exists)
    return Reject(v1::REASON_ALREADY_EXISTS, "the name is taken").With("resource", context.target());
  return absl::OkStatus();
}

absl::Status CheckNotInFuture(const Context& context) {
  if (context.effective_at() <= context.now()) return absl::OkStatus();
  return Reject(v1::REASON_EFFECTIVE_AT_INVALID, "effective_at lies in the future");
}

absl::Status CheckStreamOrder(const Events& events, const Context& context) {
  for (const NewEvent& event : events.list()) {
    const absl::Time last = context.ledger().LastEffectiveAt(event.stream);
    if (event.effective_at.value_or(context.effective_at()) < last) {
      return Reject(v1::REASON_EFFECTIVE_AT_INVALID, "effective_at precedes the latest event of the same resource")
          .With("resource", event.stream)
          .With("latest", Rfc3339(last));
    }
  }
  return absl::OkStatus();
}

}  // namespace parley
