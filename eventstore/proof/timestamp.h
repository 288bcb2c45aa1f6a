// RFC 3161 time-stamps, by OpenSSL: an authority outside says when a text was there at the latest.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/random.h"

namespace parley {

// A TimeStampReq (DER) for the SHA-256 of `text`, with a nonce of 16 bytes, asking for the authority's certificate.
absl::StatusOr<std::string> MakeTimestampRequest(std::string_view text, RandomSource& random);

// Whether a TimeStampResp (DER) answers that request: granted, the same imprint, the same nonce. Says nothing of who signed it:
// INVALID_ARGUMENT with the reason, the authority's own where it refused.
absl::Status CheckTimestampResponse(std::string_view request, std::string_view response);

// The time at which, by a TimeStampResp (DER), `text` was there: in whole seconds, rounded down, so that what it speaks of may
// have been written up to a second later. The signature must lead to one of the self-signed certificates in `ca_pem` through
// certificates that were valid at that time, of sound strength, the signer's for time-stamping only. So a time-stamp outlives the
// certificates. Revocation is not looked up. INVALID_ARGUMENT with the reason.
absl::StatusOr<absl::Time> VerifyTimestamp(std::string_view response, std::string_view text, std::string_view ca_pem);

}  // namespace parley
