// parley import xes: an event log becomes a relationship's activities and, with a mapping, its metrics' reports.
#pragma once

#include <string>

#include "services/cli/session.h"

namespace parley {

struct XesImportOptions {
  std::string file;
  std::string relationship;  // Empty: named after the file.
  std::string mapping_file;  // Empty: the mapping for incident logs, and no metrics.
  std::string source;        // Empty: the mapping's.
  std::string key_file;
  int batch = 500;
  int in_flight = 8;
};

// Reads the file twice, first without doing anything with it, to tell what parsing alone takes. Returns the exit code.
int ImportXes(Session& session, const XesImportOptions& options);

}  // namespace parley
