// A place for a bundle that is kept: it is replaced by a later one only once that was looked at. Whoever serves something else can
// then not take away what one has.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parley {

// One at a time for a directory. UNAVAILABLE wherever files cannot be read or written. Beside `<path>`:
//   <path>.incoming   the later one, while it is fetched and looked at; its files are shared with the bundle as far as they are the same
//   <path>.refused    the latest that was refused: evidence
class BundleSlot {
 public:
  // Puts right what was cut off in Accept.
  static absl::StatusOr<BundleSlot> Open(const std::string& path);

  // Entries of the bundle that is there, whole; 0: there is none.
  uint64_t size() const { return size_; }
  // The directory to fetch a bundle for `reader` (a party id; empty: an auditor) into: `path` itself where there is no whole
  // bundle. INVALID_ARGUMENT where there is one for somebody else.
  absl::StatusOr<std::string> Stage(const std::string& reader);
  // What was staged is the bundle now.
  absl::Status Accept();
  // What was staged is put aside; the bundle is what it was. Says where it is.
  absl::StatusOr<std::string> Refuse();

 private:
  explicit BundleSlot(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::string staged_;
  std::string reader_;  // Of the bundle that is there.
  uint64_t size_ = 0;
};

}  // namespace parley
