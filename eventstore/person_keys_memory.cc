#include "eventstore/base/aead.h"
#include "eventstore/base/status.h"
#include "eventstore/person_keys.h"

namespace parley {
namespace {

class MemoryPersonKeys : public PersonKeys {
 public:
  explicit MemoryPersonKeys(RandomSource& random) : random_(random) {}

  absl::StatusOr<std::string> KeyFor(const std::string& person) override {
    std::lock_guard lock(mu_);
    std::string& key = keys_[person];
    if (key.empty()) key = random_.Bytes(kAeadKeyBytes);
    return key;
  }
  absl::StatusOr<std::string> Find(const std::string& person) const override {
    std::lock_guard lock(mu_);
    const auto key = keys_.find(person);
    if (key == keys_.end()) return Reject(v1::REASON_NOT_FOUND, "the person has no key");
    return key->second;
  }
  absl::Status Destroy(const std::vector<std::string>& persons) override {
    std::lock_guard lock(mu_);
    for (const std::string& person : persons) keys_.erase(person);
    return absl::OkStatus();
  }

 private:
  RandomSource& random_;
  mutable std::mutex mu_;
  std::map<std::string, std::string> keys_;  // By person.
};

}  // namespace

std::unique_ptr<PersonKeys> NewMemoryPersonKeys(RandomSource& random) {
  return std::make_unique<MemoryPersonKeys>(random);
}

}  // namespace parley
