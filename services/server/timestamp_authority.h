// Asks a time-stamp authority for the time, by HTTP (RFC 3161, section 3.4).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/random.h"

namespace parley {

struct TimestampAuthorityOptions {
  std::string url;  // http:// or https://
  RandomSource* random = nullptr;
  // For everything, from the first packet to the last.
  absl::Duration timeout = absl::Seconds(10);
};

// Thread-safe.
class TimestampAuthority {
 public:
  explicit TimestampAuthority(TimestampAuthorityOptions options);

  // A TimeStampResp (DER) over `text` that answers the request made for it. Whether its signature leads to anybody is for whoever
  // verifies it to say. DEADLINE_EXCEEDED where the authority is too slow, UNAVAILABLE where it cannot be reached or answers with
  // an error of HTTP, INVALID_ARGUMENT where what it answers is no such response. Blocks.
  absl::StatusOr<std::string> Stamp(const std::string& text) const;

 private:
  const TimestampAuthorityOptions options_;
};

}  // namespace parley
