// Fields of a resource by path, as filter and order_by name them, and their values as bytes that compare as the values
// do.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace parley {

// "create_time", "amount.units", "parties.party_id". The last field is a scalar (no float, no bytes, no text about a person), an enum, a
// Timestamp, a Duration, or, where only its presence matters, any message.
class FieldPath {
 public:
  // The reason why not, as plain text, where `text` is no such path in `message`.
  static absl::StatusOr<FieldPath> Parse(std::string_view text, const google::protobuf::Descriptor* message);

  // Whether a field on the path is repeated, so that there may be several values or none.
  bool repeated() const;
  // Whether there are values to compare: false where it ends at some other message.
  bool comparable() const;
  // Has presence of its own, or is repeated: being unset differs from being zero.
  bool has_presence() const;
  const google::protobuf::FieldDescriptor* leaf() const { return fields_.back(); }

  // A literal as the bytes of a value of this field. Enums by the value's name, with or without the enum's prefix;
  // timestamps as in RFC 3339; durations as "90s".
  absl::StatusOr<std::string> ParseLiteral(const std::string& literal) const;

  // Calls `visit` with the bytes of each value that is set (for fields without presence: of each value), until it
  // returns true. What it returned last.
  bool Any(const google::protobuf::Message& message, const std::function<bool(const std::string&)>& visit) const;
  // Whether it is set: a value that is not the default, or a message that is there, or a repeated field with an
  // element.
  bool IsSet(const google::protobuf::Message& message) const;

 private:
  bool AnyFrom(size_t at, const google::protobuf::Message& message,
               const std::function<bool(const google::protobuf::Message& owner, int index)>& visit) const;
  std::string ValueOf(const google::protobuf::Message& owner, int index) const;

  std::vector<const google::protobuf::FieldDescriptor*> fields_;
};

}  // namespace parley
