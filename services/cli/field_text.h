// Fields of messages as people write and read them.
//
//   enums       a value's short name: "managed-service"
//   timestamps  RFC 3339, or a date alone for its midnight in UTC: "2026-03-05T09:30:00Z", "2026-03-05"
//   durations   "36h", "30d", "1d12h", "90m", "45s"
//   money       "GBP 1200.50"
//   fractions   "97/100"
//   bytes       hexadecimal
//   messages    JSON, or where all they hold is plain: "option_id=a,description=Stay"
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace parley {

// True for messages that are written as one word or two, like timestamps and money.
bool HasTextForm(const google::protobuf::Descriptor& type);

// What to write for `field`, for a help text: "TIME", "buyer|provider|third-party".
std::string TypeHint(const google::protobuf::FieldDescriptor& field);

// Sets `field`, or adds to it where it is repeated. INVALID_ARGUMENT says what would have been understood.
absl::Status SetFromText(google::protobuf::Message* message, const google::protobuf::FieldDescriptor* field,
                         std::string_view text);

// The value of a field that is not a message, or is one with a text form; `index` where it is repeated. Empty where a
// message is not set.
std::string FieldText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
                      int index = -1);

// Of a message with a text form.
std::string MessageText(const google::protobuf::Message& message);

// "36h", "30d", "1d12h"
absl::StatusOr<absl::Duration> ParseDurationText(std::string_view text);

// A Timestamp to the minute, in UTC: "2026-03-05 09:30".
std::string ShortTime(const google::protobuf::Message& timestamp);

}  // namespace parley
