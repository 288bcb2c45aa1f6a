#include "services/server/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "eventstore/base/status.h"
#include "eventstore/kv_rocks.h"
#include "eventstore/log_store.h"
#include "eventstore/rocks_engine.h"

namespace parley {
namespace {

constexpr size_t kKeyBytes = 32;

// Reads a key, or makes one that only this user can read. A key that has been made is on the disk when this returns:
// records written under it must not outlive it.
absl::StatusOr<std::string> LoadOrMakeKey(const std::string& path, RandomSource& random) {
  if (std::ifstream in(path, std::ios::binary); in) {
    std::string key{std::istreambuf_iterator<char>(in), {}};
    if (key.size() != kKeyBytes) return absl::DataLossError(path + " is not a key of 32 bytes");
    return key;
  }
  const std::string key = random.Bytes(kKeyBytes);
  const std::string draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return absl::UnavailableError("cannot write " + draft);
  const bool written = ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(draft.c_str(), path.c_str()) != 0) return absl::UnavailableError("cannot write " + path);
  const int dir = ::open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY);
  const bool synced = dir >= 0 && ::fsync(dir) == 0;
  if (dir >= 0) ::close(dir);
  if (!synced) return absl::UnavailableError("cannot sync the directory of " + path);
  return key;
}

}  // namespace

absl::StatusOr<Store> OpenStore(const std::string& data_dir, RandomSource& random) {
  std::error_code error;
  for (const char* part : {"log", "derived", "views", "secrets"}) {
    std::filesystem::create_directories(data_dir + "/" + part, error);
    if (error) return absl::UnavailableError("cannot make " + data_dir + "/" + part + ": " + error.message());
  }
  ::chmod((data_dir + "/secrets").c_str(), 0700);
  Store store;
  auto engine = OpenRocksEngine({.path = data_dir + "/log", .random = &random});
  if (!engine.ok() && absl::StrContains(engine.status().message(), "LOCK")) {
    return absl::UnavailableError(data_dir + " is in use: a server runs on it (" +
                                  std::string(engine.status().message()) + ")");
  }
  PARLEY_ASSIGN_OR_RETURN(store.engine, std::move(engine));
  PARLEY_ASSIGN_OR_RETURN(store.derived, OpenRocksKvStore(data_dir + "/derived"));
  PARLEY_ASSIGN_OR_RETURN(store.views, OpenRocksKvStore(data_dir + "/views"));
  // Records keep fingerprints under this key: another one would call every repeat a different request.
  const std::string fingerprint_key = data_dir + "/secrets/fingerprint.key";
  PARLEY_ASSIGN_OR_RETURN(const uint64_t end, store.engine->End(ShardId{0}));
  if (end > 0 && !std::filesystem::exists(fingerprint_key)) {
    return absl::FailedPreconditionError(fingerprint_key +
                                         " is missing, and the log has been written under it: restore it");
  }
  PARLEY_ASSIGN_OR_RETURN(store.fingerprint_key, LoadOrMakeKey(fingerprint_key, random));
  PARLEY_ASSIGN_OR_RETURN(store.page_token_key, LoadOrMakeKey(data_dir + "/secrets/page-token.key", random));
  PARLEY_ASSIGN_OR_RETURN(store.log, OpenLogStore({.engine = store.engine.get(), .index = store.derived.get()}));
  return store;
}

}  // namespace parley
