#include "services/cli/cosign_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "services/cli/policy_file.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxFileBytes = 1 << 20;
constexpr unsigned kMode = 0644;

// "00000000000000001234", as bundles have it.
std::string NameOf(uint64_t size) { return fs::path(CheckpointPath(size)).filename(); }

}  // namespace

absl::StatusOr<CosignState> CosignState::Open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path + "/cosigned", error);
  if (error) return absl::UnavailableError("cannot make " + path + ": " + error.message());
  const int fd = open((path + "/lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode);
  if (fd < 0) return absl::UnavailableError("cannot open " + path + "/lock: " + std::strerror(errno));
  const std::shared_ptr<const int> lock(new int(fd), [](const int* held) {
    close(*held);
    delete held;
  });
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return absl::UnavailableError("another agent is at work in " + path);
  return CosignState(path, lock);
}

absl::StatusOr<CosignState::Last> CosignState::LastCosigned() const {
  Last last;
  std::error_code error;
  for (fs::directory_iterator it(path_ + "/cosigned", error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const auto size = SizeOfCheckpointPath("checkpoints/" + it->path().filename().string());
    if (size) last.size = std::max(last.size, *size);
  }
  if (error) return absl::UnavailableError("cannot list " + path_ + "/cosigned: " + error.message());
  if (last.size == 0) return last;
  const std::string file = path_ + "/cosigned/" + NameOf(last.size);
  PARLEY_ASSIGN_OR_RETURN(last.note, ReadFile(file, kMaxFileBytes));
  const auto note = SignedNote::Parse(last.note);
  const auto checkpoint = note.ok() ? Checkpoint::Parse(note->text()) : note.status();
  if (!checkpoint.ok() || checkpoint->size != last.size) {
    return absl::DataLossError(file + " is not the note that was cosigned");
  }
  return last;
}

absl::Status CosignState::KeepCosigned(uint64_t size, const std::string& note) const {
  return WriteFileDurably(path_ + "/cosigned/" + NameOf(size), note, kMode);
}

absl::StatusOr<Policy> CosignState::PinnedPolicy() const {
  std::error_code ignored;
  if (!fs::exists(path_ + "/policy", ignored)) return absl::NotFoundError("no log is pinned yet");
  return LoadPolicy(path_ + "/policy");
}

absl::Status CosignState::PinLog(const std::string& policy) const {
  return WriteFileDurably(path_ + "/policy", policy, kMode);
}

std::string CosignState::PolicyOf(const std::string& vkey) { return "log " + vkey + "\nquorum none\n"; }

}  // namespace parley
