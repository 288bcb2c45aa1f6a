#include "services/server/store.h"

#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "eventstore/base/key_file.h"
#include "eventstore/base/status.h"
#include "eventstore/kv_rocks.h"
#include "eventstore/log_store.h"
#include "eventstore/rocks_engine.h"

namespace parley {

absl::StatusOr<Store> OpenStore(const std::string& data_dir, RandomSource& random) {
  std::error_code error;
  for (const char* part : {"log", "derived", "views", "checkpoints", "secrets", "keyring"}) {
    std::filesystem::create_directories(data_dir + "/" + part, error);
    if (error) return absl::UnavailableError("cannot make " + data_dir + "/" + part + ": " + error.message());
  }
  ::chmod((data_dir + "/secrets").c_str(), 0700);
  Store store;
  // What `parley admin restore` leaves: what came after the backup is gone, so this is another log than the one that was backed up.
  const std::string restored = data_dir + "/restored";
  auto engine = OpenRocksEngine(
      {.path = data_dir + "/log", .random = &random, .new_incarnation = std::filesystem::exists(restored)});
  if (!engine.ok() && absl::StrContains(engine.status().message(), "LOCK")) {
    return absl::UnavailableError(data_dir + " is in use: a server runs on it (" +
                                  std::string(engine.status().message()) + ")");
  }
  PARLEY_ASSIGN_OR_RETURN(store.engine, std::move(engine));
  std::filesystem::remove(restored, error);
  PARLEY_ASSIGN_OR_RETURN(store.derived, OpenRocksKvStore(data_dir + "/derived", nullptr, KvUse::kWriting));
  PARLEY_ASSIGN_OR_RETURN(store.views, OpenRocksKvStore(data_dir + "/views"));
  PARLEY_ASSIGN_OR_RETURN(store.checkpoints, OpenRocksKvStore(data_dir + "/checkpoints", nullptr, KvUse::kKeeping));
  // Records keep fingerprints under this key: another one would call every repeat a different request.
  const std::string fingerprint_key = data_dir + "/secrets/fingerprint.key";
  PARLEY_ASSIGN_OR_RETURN(const uint64_t end, store.engine->End(ShardId{0}));
  if (end > 0 && !std::filesystem::exists(fingerprint_key)) {
    return absl::FailedPreconditionError(fingerprint_key +
                                         " is missing, and the log has been written under it: restore it");
  }
  PARLEY_ASSIGN_OR_RETURN(store.fingerprint_key, LoadOrMakeKey(fingerprint_key, random));
  PARLEY_ASSIGN_OR_RETURN(store.page_token_key, LoadOrMakeKey(data_dir + "/secrets/page-token.key", random));
  PARLEY_ASSIGN_OR_RETURN(store.person_keys, OpenPersonKeys(data_dir + "/keyring", data_dir + "/secrets", random));
  PARLEY_ASSIGN_OR_RETURN(store.log, OpenLogStore({.engine = store.engine.get(), .index = store.derived.get()}));
  return store;
}

}  // namespace parley
