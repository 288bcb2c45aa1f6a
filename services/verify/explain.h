// One entry of a bundle explained: who, when, under which right, what it changed, what proves it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/proof/policy.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/timeline.pb.h"
#include "services/verify/verify.h"

namespace parley {

struct ExplainOptions {
  std::string bundle;  // Directory.
  uint64_t sequence = 0;
  // Whose signatures count. Unset: those by keys that the record itself names, whoever trusts them.
  std::optional<Policy> policy = {};
  // Null: texts about people stay sealed.
  const v1::PersonKeys* keys = nullptr;
  std::string scratch;  // As in VerifyOptions.
};

// A row of a read model.
struct RowChange {
  std::string model;
  std::string key;  // Of the row, printable.
  // The serialised row; unset: there was, there is, none. Of the models "resources" and "own-resources" it is the resource.
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::string resource_type;  // Full name of its message where it is a resource; empty otherwise.
};

// A checkpoint over the entry.
struct CoveringNote {
  uint64_t size = 0;
  std::string root;                 // 32 bytes.
  bool signed_by_log = false;       // Under a key that counts, see ExplainOptions.
  std::vector<Witnessed> cosigned;  // Likewise.
};

struct Explanation {
  std::string origin;
  uint64_t size = 0;  // Of the bundle.
  // Who, when, what: as the timeline has it. `withheld` where it is another party's own: then there is no more than its proof.
  v1::TimelineEntry entry;
  // Under which right: one line for each thing that gave it, as things stood just before the entry.
  std::vector<std::string> rights;
  // The rules, asked again, refuse it: why. Empty: they allow it.
  std::string refusal;
  // Rows that it changed, by read model and key.
  std::vector<RowChange> changes;

  std::string leaf_hash;               // 32 bytes.
  std::vector<std::string> inclusion;  // RFC 6962, section 2.1.1, in the tree of the bundle's size.
  std::string root;  // 32 bytes: of that tree, as the headers give it. The proof was verified against it.
  // The smallest checkpoint over the entry, and the bundle's own; one where they are the same.
  std::vector<CoveringNote> notes;
  // Time-stamps over any checkpoint that covers it, as far as the policy trusts an authority.
  std::vector<Witnessed> timestamps;
  // What does not hold of the bundle as far as it was looked at: its files, its tree, its signatures. Empty: all of that does.
  std::vector<Finding> findings;
};

// OUT_OF_RANGE where the bundle has no such entry; INVALID_ARGUMENT where it is too damaged for anything to be said of it, or the
// policy has not its log; NOT_FOUND, UNAVAILABLE. Folds the history up to the entry: memory as in VerifyBundle.
absl::StatusOr<Explanation> ExplainEntry(const ExplainOptions& options);

}  // namespace parley
