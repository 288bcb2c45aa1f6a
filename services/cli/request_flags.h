// Flags for the fields of a request.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/api.h"

namespace parley {

// One flag per field, in the order of the .proto: --field, --field.sub for what is inside a message (but as as_of.h names them for
// as_of), repeated for repeated fields. The resource's name or parent is the positional argument. --json and --json-file give a whole
// request, in which flags then overwrite fields. Must outlive the command it was added to.
class RequestFlags {
 public:
  // `positional`: false for requests whose parent says nothing.
  RequestFlags(const Api& api, const google::protobuf::Descriptor* request) : api_(api), request_(request) {}

  void AddTo(CLI::App* command, bool positional = true);
  // What was given; `in` is read for --json-file -. INVALID_ARGUMENT names the flag.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Build(std::istream& in) const;

 private:
  struct Flag {
    std::string name;                                            // "--definition.display-name"
    std::vector<const google::protobuf::FieldDescriptor*> path;  // From the request down.
    std::vector<std::string> values;
  };
  void AddFields(CLI::App* command, const google::protobuf::Descriptor* type, const Flag& above, bool positional);
  void AddFlag(CLI::App* command, Flag flag, bool positional);

  const Api& api_;
  const google::protobuf::Descriptor* request_;
  std::deque<Flag> flags_;  // Addresses stay.
  std::string json_;
  std::string json_file_;
};

// A resource name in full: "acme/decisions/d1" and "relationships/acme/decisions/d1" are the same.
std::string FullResourceName(std::string_view name);

}  // namespace parley
