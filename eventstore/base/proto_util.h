// Small conversions between protocol buffers and the rest.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "absl/time/time.h"

namespace parley {

// Exact to the nanosecond. An unset or invalid Timestamp is absl::InfinitePast().
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);
absl::Duration FromProto(const google::protobuf::Duration& duration);
google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);

// The canonical encoder: the same message gives the same bytes on every machine (fields in ascending order of number,
// defaults left out). Everything that is stored, compared or hashed is encoded by it. `message` has no maps.
std::string Canonical(const google::protobuf::Message& message);

// Whether a parser passed over something, in the message or in one in it: that is kept, and written and hashed again, and could say
// one thing to some and another to others.
bool HasUnknownFields(const google::protobuf::Message& message);

// RFC 3339 in UTC, with as many fractional digits as it takes: "2026-01-31T09:30:00Z".
std::string Rfc3339(absl::Time time);

}  // namespace parley
