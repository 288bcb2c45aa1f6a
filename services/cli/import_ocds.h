// parley import ocds: contracting processes become relationships.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"

namespace parley {

struct OcdsImportOptions {
  std::vector<std::string> files;
  bool brief = false;  // Count what is left out, without naming it.
};

// All files are read and merged before anything is sent. Returns the exit code.
int ImportOcds(Session& session, const OcdsImportOptions& options);

}  // namespace parley
