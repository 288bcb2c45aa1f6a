// Takes an OCDS versioned release apart.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/import/json_tree.h"

namespace parley {

// A process as it stood right after one of its releases. Leaves point to where they came from (JsonNode::origin).
struct OcdsSnapshot {
  std::string release_id;
  absl::Time date;
  std::vector<std::string> tags;
  std::unique_ptr<JsonNode> tree;
};

// In a versioned release every field is the list of its values, each with the release that set it. One snapshot for
// each of these releases, by date and id; none where they would take more than a few million nodes. Versions with a
// date that cannot be read are left where they are.
std::vector<OcdsSnapshot> SnapshotsOf(JsonNode& versioned);

}  // namespace parley
