// What all mutating requests have in common (fields 11 to 15), and which resource a request is about.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "services/command/command.h"

namespace parley {

struct CommonFields {
  std::string request_id;
  std::string etag;
  std::optional<absl::Time> effective_at;
  bool validate_only = false;
  bool historical = false;
};

// Reads fields 11 to 15.
absl::StatusOr<CommonFields> ReadCommonFields(const google::protobuf::Message& request);

struct Target {
  LedgerId ledger;
  std::string owner;   // Party id of a private resource; empty: joint.
  std::string stream;  // Empty: to be created under an id of the server's choosing.
  std::string parent;  // Of a resource to be created.
  bool creates = false;

  // The relationship itself is what is created.
  bool establishes() const { return creates && parent.empty(); }
};

// A request has either `name` (of an existing resource, or of the relationship), or `parent` and `<singular>_id` (of a
// resource to create), or `relationship_id` (of a relationship to establish), or `parent` alone (about the relationship).
absl::StatusOr<Target> TargetOf(const google::protobuf::Message& request, const AggregateType& type);

}  // namespace parley
