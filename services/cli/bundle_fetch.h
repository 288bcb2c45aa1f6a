// Fetches a bundle into a directory: a new one, the rest of one that was begun, or what came since one that is there.
#pragma once

#include <cstdint>
#include <string>

#include "services/cli/session.h"

namespace parley {

struct BundleFetch {
  std::string relationship;  // Resource name.
  std::string reader;        // Party id; empty: an auditor.
  std::string directory;
  uint64_t size = 0;   // 0: what was begun, or else the newest.
  bool quiet = false;  // Says nothing of how far it is.
};

struct FetchedBundle {
  uint64_t size = 0;
  uint64_t had = 0;    // Entries that were there before.
  uint64_t files = 0;  // That were transferred.
  uint64_t bytes = 0;
  std::string note;  // Its checkpoint.
};

// True where the bundle is whole. Prints how far it is, and otherwise what went wrong and that it goes on from there; sets `exit_code`.
// Drops nothing that was erased since (DropErasedParts does), and verifies nothing.
bool FetchBundle(Session& session, const BundleFetch& wanted, FetchedBundle* fetched, int* exit_code);

}  // namespace parley
