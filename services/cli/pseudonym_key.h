// The key under which people's names become handles.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace parley {

// Where the key is kept unless another file is named: parley/pseudonym.key in the user's configuration folder. It stays on
// the importing machine: whoever has it can test whose handle is whose.
std::string DefaultPseudonymKeyFile();

// The key in `file`, which is made, readable by its owner only, where it is not there.
absl::StatusOr<std::string> LoadPseudonymKey(const std::string& file);

}  // namespace parley
