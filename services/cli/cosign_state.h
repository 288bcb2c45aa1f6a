// What a cosigning agent keeps, and what its party can still prove when the relationship, or the server, is gone:
//   bundle/            the relationship's history up to what was cosigned last, as this party reads it (bundle_slot.h; what was
//                      refused is in bundle.refused/)
//   cosigned/<size>    every note that was cosigned, with that cosignature; size with 20 digits
//   policy             the log's key, as it was when the agent first saw it, where no other policy is given (C2SP tlog-policy)
//   lock               held by the agent at work
//   scratch/           read models while they are verified
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/policy.h"

namespace parley {

// One agent at a time for a directory: two could cosign two stories. That is held as long as this lives.
class CosignState {
 public:
  // Makes the directory where there is none. UNAVAILABLE where it cannot be, or another agent is at work there.
  static absl::StatusOr<CosignState> Open(const std::string& path);

  std::string bundle() const { return path_ + "/bundle"; }
  std::string scratch() const { return path_ + "/scratch"; }

  // The newest note that was cosigned. DATA_LOSS where it does not parse.
  struct Last {
    uint64_t size = 0;  // 0: none yet.
    std::string note;
  };
  absl::StatusOr<Last> LastCosigned() const;
  // On the disk when this returns.
  absl::Status KeepCosigned(uint64_t size, const std::string& note) const;

  // The policy that was pinned; NOT_FOUND where none is.
  absl::StatusOr<Policy> PinnedPolicy() const;
  absl::Status PinLog(const std::string& policy) const;
  // The policy that trusts the log of this key.
  static std::string PolicyOf(const std::string& vkey);

 private:
  CosignState(std::string path, std::shared_ptr<const int> lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  std::shared_ptr<const int> lock_;  // Closed with the last copy.
};

}  // namespace parley
