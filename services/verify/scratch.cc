#include "services/verify/scratch.h"

#include <stdlib.h>

#include <filesystem>
#include <system_error>

#include "eventstore/kv_rocks.h"

namespace parley {

absl::StatusOr<std::unique_ptr<KvStore>> NewScratchStore(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  std::filesystem::create_directories(path, error);
  if (error) return absl::UnavailableError("cannot use " + path + ": " + error.message());
  return OpenRocksKvStore(path);
}

absl::StatusOr<std::unique_ptr<ScratchDir>> ScratchDir::Make() {
  std::error_code error;
  std::string path = (std::filesystem::temp_directory_path(error) / "parley-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr) return absl::UnavailableError("cannot make a temporary directory");
  return std::unique_ptr<ScratchDir>(new ScratchDir(std::move(path)));
}

ScratchDir::~ScratchDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace parley
