// The past on the command line: which flags say as of when, and the line that says what an answer rests on.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "parley/v1/as_of.pb.h"

namespace parley {

// Where these flags stand in a command's help.
inline constexpr char kAsOfGroup[] = "As of the past";

// The flag of a field of AsOf: "--as-of", "--as-of-size", "--effective". Empty for any other field.
std::string_view AsOfFlag(const google::protobuf::FieldDescriptor& field);

// The flags by themselves, for a command that builds no request from flags. Must outlive the command it was added to.
class AsOfFlags {
 public:
  void AddTo(CLI::App* command);
  // What was given. INVALID_ARGUMENT names the flag.
  absl::Status FillIn(v1::AsOf* as_of) const;

 private:
  std::string known_time_, known_size_, true_time_;
};

// "As known on 2024-03-31 00:00, as true on 2024-01-01 00:00: entries 0–1233, under the checkpoint of size 1300." of the answer's basis;
// empty where it has none.
std::string BasisLine(const google::protobuf::Message& answer);

}  // namespace parley
