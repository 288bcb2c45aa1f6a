#include "services/aggregate/recheck.h"
#include "services/key/key.h"

namespace parley {

absl::StatusOr<Events> Redecide(const v1::Key& key, const RecordedCommand& recorded, const Context& context) {
  const v1::KeyEvent& event = *recorded.First<v1::KeyEvent>();
  switch (event.kind_case()) {
    case v1::KeyEvent::kRegistered: {
      v1::RegisterKeyRequest request;
      request.set_party_id(event.registered().party_id());
      request.set_vkey(event.registered().vkey());
      request.set_statement(event.registered().statement());
      return DecideAgain(key, request, context);
    }
    case v1::KeyEvent::kRevoked: {
      v1::RevokeKeyRequest request;
      request.set_reason(event.revoked().reason());
      return DecideAgain(key, request, context);
    }
    case v1::KeyEvent::kReplaced:
    case v1::KeyEvent::KIND_NOT_SET:
      break;  // Replaced, by registering another.
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
