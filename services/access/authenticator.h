// Who is calling.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/command/command.h"

namespace parley {

// What a transport knows of a call: its metadata, by lower-case key.
using CallMetadata = std::multimap<std::string, std::string>;

// Thread-safe. An implementation decides what makes a caller believable; what the caller may do is decided by the ledger.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED where the metadata holds no usable identity.
  virtual absl::StatusOr<Identity> Authenticate(const CallMetadata& metadata) const = 0;
};

// Believes what the caller says: `parley-principal`, and optionally `parley-party` and `parley-on-behalf-of`. For loopback
// servers only.
class DevelopmentAuthenticator : public Authenticator {
 public:
  absl::StatusOr<Identity> Authenticate(const CallMetadata& metadata) const override;
};

}  // namespace parley
