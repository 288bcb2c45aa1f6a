#include "services/query/field_path.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/kv_store.h"
#include "services/aggregate/personal.h"

namespace parley {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kTimestamp = "google.protobuf.Timestamp";
constexpr std::string_view kDuration = "google.protobuf.Duration";

std::string SignedBytes(int64_t value) {
  std::string out;
  AppendOrdered(out, static_cast<uint64_t>(value) ^ (uint64_t{1} << 63));
  return out;
}

std::string UnsignedBytes(uint64_t value) {
  std::string out;
  AppendOrdered(out, value);
  return out;
}

// Seconds and nanos, of Timestamp and Duration alike.
std::string InstantBytes(int64_t seconds, int32_t nanos) { return SignedBytes(seconds) + SignedBytes(nanos); }

bool IsInstant(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         (field->message_type()->full_name() == kTimestamp || field->message_type()->full_name() == kDuration);
}

// "DECISION_STATE_" of DecisionState.
std::string PrefixOf(const google::protobuf::EnumDescriptor* type) {
  std::string out;
  for (const char c : type->name()) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out.push_back('_');
    out.push_back(upper ? c : static_cast<char>(c - 'a' + 'A'));
  }
  return out + "_";
}

// "PROPOSED, DECIDED, …", without the unspecified one.
std::string ValuesOf(const google::protobuf::EnumDescriptor* type) {
  const std::string prefix = PrefixOf(type);
  std::string out;
  for (int i = 0; i < type->value_count(); ++i) {
    const std::string& name = type->value(i)->name();
    if (type->value(i)->number() == 0) continue;
    out += (out.empty() ? "" : ", ") + (absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : name);
  }
  return out;
}

absl::Status Wrong(const std::string& literal, std::string_view expected) {
  return absl::InvalidArgumentError("\"" + literal + "\" is not " + std::string(expected));
}

absl::StatusOr<std::string> ParseInstant(const FieldDescriptor* field, const std::string& literal) {
  if (field->message_type()->full_name() == kTimestamp) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, literal, &time, &error) || literal.find('T') == std::string::npos) {
      return Wrong(literal, "a time such as 2026-03-05T09:30:00Z");
    }
    const auto proto = ToProto(time);
    return InstantBytes(proto.seconds(), proto.nanos());
  }
  int64_t seconds = 0;
  if (!literal.ends_with("s") || !absl::SimpleAtoi(literal.substr(0, literal.size() - 1), &seconds)) {
    return Wrong(literal, "a duration in seconds, such as 90s");
  }
  return InstantBytes(seconds, 0);
}

}  // namespace

absl::StatusOr<FieldPath> FieldPath::Parse(std::string_view text, const google::protobuf::Descriptor* message) {
  FieldPath path;
  std::string_view rest = text;
  while (true) {
    const size_t dot = rest.find('.');
    const std::string name(rest.substr(0, dot));
    const FieldDescriptor* field = message ? message->FindFieldByName(name) : nullptr;
    if (field == nullptr) return absl::InvalidArgumentError("there is no field \"" + std::string(text) + "\"");
    path.fields_.push_back(field);
    if (dot == std::string_view::npos) break;
    message = IsInstant(field) ? nullptr : field->message_type();
    rest.remove_prefix(dot + 1);
  }
  const auto type = path.leaf()->cpp_type();
  if (path.leaf()->type() == FieldDescriptor::TYPE_BYTES || type == FieldDescriptor::CPPTYPE_FLOAT ||
      type == FieldDescriptor::CPPTYPE_DOUBLE) {
    return absl::InvalidArgumentError("\"" + std::string(text) + "\" cannot be compared");
  }
  // Rows hold none, so that there is nothing to compare with; and a filter would be a way to guess.
  if (IsPersonal(path.leaf()))
    return absl::InvalidArgumentError("\"" + std::string(text) + "\" is a text about a person");
  return path;
}

bool FieldPath::repeated() const {
  return std::any_of(fields_.begin(), fields_.end(), [](const auto* field) { return field->is_repeated(); });
}

bool FieldPath::comparable() const {
  return leaf()->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsInstant(leaf());
}

bool FieldPath::has_presence() const { return leaf()->has_presence() || leaf()->is_repeated(); }

absl::StatusOr<std::string> FieldPath::ParseLiteral(const std::string& literal) const {
  switch (leaf()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (!absl::SimpleAtoi(literal, &value)) return Wrong(literal, "an integer");
      return SignedBytes(value);
    }
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (!absl::SimpleAtoi(literal, &value)) return Wrong(literal, "an integer that is not negative");
      return UnsignedBytes(value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (literal != "true" && literal != "false") return Wrong(literal, "true or false");
      return UnsignedBytes(literal == "true");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = leaf()->enum_type();
      // As in the .proto, or as people write it: DECISION_STATE_DECIDED, DECIDED, decided; managed-service.
      std::string name = absl::AsciiStrToUpper(literal);
      std::replace(name.begin(), name.end(), '-', '_');
      const EnumValueDescriptor* value = type->FindValueByName(name);
      if (value == nullptr) value = type->FindValueByName(PrefixOf(type) + name);
      if (value == nullptr) return Wrong(literal, "one of " + ValuesOf(type));
      return SignedBytes(value->number());
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return literal;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsInstant(leaf())) return ParseInstant(leaf(), literal);
      return absl::InvalidArgumentError("\"" + leaf()->name() + "\" has no value to compare with");
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      break;
  }
  return absl::InvalidArgumentError("\"" + leaf()->name() + "\" cannot be compared");
}

std::string FieldPath::ValueOf(const Message& owner, int index) const {
  const auto* reflection = owner.GetReflection();
  const FieldDescriptor* field = leaf();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return SignedBytes(repeated ? reflection->GetRepeatedInt32(owner, field, index)
                                  : reflection->GetInt32(owner, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return SignedBytes(repeated ? reflection->GetRepeatedInt64(owner, field, index)
                                  : reflection->GetInt64(owner, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return UnsignedBytes(repeated ? reflection->GetRepeatedUInt32(owner, field, index)
                                    : reflection->GetUInt32(owner, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return UnsignedBytes(repeated ? reflection->GetRepeatedUInt64(owner, field, index)
                                    : reflection->GetUInt64(owner, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return UnsignedBytes(repeated ? reflection->GetRepeatedBool(owner, field, index)
                                    : reflection->GetBool(owner, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return SignedBytes(repeated ? reflection->GetRepeatedEnumValue(owner, field, index)
                                  : reflection->GetEnumValue(owner, field));
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection->GetRepeatedString(owner, field, index) : reflection->GetString(owner, field);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& value =
          repeated ? reflection->GetRepeatedMessage(owner, field, index) : reflection->GetMessage(owner, field);
      if (!IsInstant(field)) return "";
      const auto* descriptor = value.GetDescriptor();
      return InstantBytes(value.GetReflection()->GetInt64(value, descriptor->FindFieldByNumber(1)),
                          value.GetReflection()->GetInt32(value, descriptor->FindFieldByNumber(2)));
    }
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      break;  // Parse lets none through.
  }
  return "";
}

bool FieldPath::AnyFrom(size_t at, const Message& message,
                        const std::function<bool(const Message& owner, int index)>& visit) const {
  const FieldDescriptor* field = fields_[at];
  const auto* reflection = message.GetReflection();
  const bool last = at + 1 == fields_.size();
  if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      if (last ? visit(message, i) : AnyFrom(at + 1, reflection->GetRepeatedMessage(message, field, i), visit)) {
        return true;
      }
    }
    return false;
  }
  if (field->has_presence() && !reflection->HasField(message, field)) return false;
  return last ? visit(message, 0) : AnyFrom(at + 1, reflection->GetMessage(message, field), visit);
}

bool FieldPath::Any(const Message& message, const std::function<bool(const std::string&)>& visit) const {
  return AnyFrom(0, message, [&](const Message& owner, int index) { return visit(ValueOf(owner, index)); });
}

bool FieldPath::IsSet(const Message& message) const {
  return AnyFrom(0, message, [&](const Message& owner, int) {
    return leaf()->is_repeated() || owner.GetReflection()->HasField(owner, leaf());
  });
}

}  // namespace parley
