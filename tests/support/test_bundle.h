// A bundle in memory, that a test may change before it is written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "parley/v1/entry.pb.h"

namespace parley::test {

struct TestBundle {
  BundleManifest manifest;
  std::map<std::string, std::string> files;  // By path; without the manifest.

  // What the manifest says of the files follows from them again.
  void RemakeManifest();
  // Writes manifest and files into a new directory.
  void Write(const std::string& directory) const;
  // Puts entries under everything else as it stands: into the tiles that a bundle of its size has, as many as there are.
  void PutEntries(const std::vector<v1::StoredEntry>& entries);
};

// An honest exporter's: `notes` by size, the last one of as many entries as there are. `reader`: party id; empty: an auditor.
TestBundle MakeBundle(const std::vector<v1::StoredEntry>& entries, const std::vector<SignedNote>& notes,
                      const std::string& reader);
// What is in a directory.
TestBundle ReadTestBundle(const std::string& directory);

// The root over the first `size` headers.
std::string RootOf(const std::vector<v1::StoredEntry>& entries, size_t size);

}  // namespace parley::test
