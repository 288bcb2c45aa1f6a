#include "services/verify/scratch.h"

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

}  // namespace parley
