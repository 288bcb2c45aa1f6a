// Where read models are written while they are folded.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "eventstore/kv_store.h"

namespace parley {

// An empty store in the directory `path`, which is made, or emptied where it is there. On disk, so that memory does not grow with a
// relationship's history. UNAVAILABLE where the directory cannot be used.
absl::StatusOr<std::unique_ptr<KvStore>> NewScratchStore(const std::string& path);

// A directory of the machine's for temporary files, removed with everything in it when this ends.
class ScratchDir {
 public:
  // UNAVAILABLE where none can be made.
  static absl::StatusOr<std::unique_ptr<ScratchDir>> Make();
  ~ScratchDir();
  ScratchDir(const ScratchDir&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit ScratchDir(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

}  // namespace parley
