#include "services/access/authenticator.h"

#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {

absl::StatusOr<Identity> DevelopmentAuthenticator::Authenticate(const CallMetadata& metadata) const {
  const auto one = [&](const char* key) -> std::string {
    const auto it = metadata.find(key);
    return it == metadata.end() ? "" : it->second;
  };
  for (const char* key : {"parley-principal", "parley-party", "parley-on-behalf-of"}) {
    if (metadata.count(key) > 1) {
      return Reject(v1::REASON_UNAUTHENTICATED, "the metadata names an identity twice").With("key", key);
    }
  }
  Identity identity{one("parley-principal"), one("parley-party"), one("parley-on-behalf-of")};
  if (!IsHandle(identity.principal) || identity.principal == kSystemActor) {
    return Reject(v1::REASON_UNAUTHENTICATED, "metadata parley-principal must hold the caller's handle")
        .With("key", "parley-principal");
  }
  if (!identity.party.empty() && !IsSlug(identity.party)) {
    return Reject(v1::REASON_UNAUTHENTICATED, "metadata parley-party must hold a party's id")
        .With("key", "parley-party");
  }
  if (!identity.on_behalf_of.empty() && !IsHandle(identity.on_behalf_of)) {
    return Reject(v1::REASON_UNAUTHENTICATED, "metadata parley-on-behalf-of must hold a handle")
        .With("key", "parley-on-behalf-of");
  }
  return identity;
}

}  // namespace parley
