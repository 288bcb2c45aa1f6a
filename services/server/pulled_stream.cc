#include "services/server/pulled_stream.h"

#include <vector>

namespace parley {

absl::Status OpenStreams::Admit(const std::shared_ptr<OpenStream>& stream) {
  std::lock_guard lock(mu_);
  if (!ended_.ok()) return ended_;
  if (open_.size() >= max_) return Reject(v1::REASON_OVERLOADED, too_many_);
  open_[stream.get()] = stream;
  return absl::OkStatus();
}

void OpenStreams::Forget(const OpenStream* stream) {
  std::lock_guard lock(mu_);
  open_.erase(stream);
}

void OpenStreams::EndAll(const absl::Status& status) {
  std::vector<std::shared_ptr<OpenStream>> open;
  {
    std::lock_guard lock(mu_);
    ended_ = status;
    for (const auto& [raw, weak] : open_) {
      if (auto stream = weak.lock()) open.push_back(std::move(stream));
    }
  }
  for (const auto& stream : open) stream->End(status);
}

size_t OpenStreams::count() const {
  std::lock_guard lock(mu_);
  return open_.size();
}

}  // namespace parley
