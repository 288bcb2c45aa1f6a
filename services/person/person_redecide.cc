#include "eventstore/base/status.h"
#include "services/aggregate/personal.h"
#include "services/aggregate/recheck.h"
#include "services/person/person.h"

namespace parley {
namespace {

using v1::Person;
using v1::PersonEvent;

absl::StatusOr<Events> Again(const Person& person, const PersonEvent::Registered& event, const Context& context) {
  v1::RegisterPersonRequest request;
  request.set_party_id(event.party_id());
  request.set_principal(event.principal());
  request.set_display_name(event.display_name());
  request.set_email(event.email());
  request.set_phone(event.phone());
  return DecideAgain(person, request, context);
}

absl::StatusOr<Events> Again(const Person& person, const PersonEvent::ProfileChanged& event, const Context& context) {
  v1::ChangePersonProfileRequest request;
  request.set_name(context.target());
  request.set_display_name(event.display_name());
  request.set_email(event.email());
  request.set_phone(event.phone());
  return DecideAgain(person, request, context);
}

absl::StatusOr<Events> Again(const Person& person, const PersonEvent::Commented& event, const Context& context) {
  v1::CommentOnPersonRequest request;
  request.set_name(context.target());
  request.set_text(event.text());
  return DecideAgain(person, request, context);
}

absl::StatusOr<Events> Again(const Person& person, const PersonEvent::Erased& event, const Context& context) {
  v1::ErasePersonRequest request;
  request.set_name(context.target());
  request.set_reason(event.reason());
  return DecideAgain(person, request, context);
}

}  // namespace

absl::StatusOr<Events> Redecide(const Person& person, const RecordedCommand& recorded, const Context& context) {
  const auto filled = WithPlaceholders(recorded.events.front());
  const auto& event = static_cast<const PersonEvent&>(*filled);
  switch (event.kind_case()) {
    case PersonEvent::kRegistered:
      return Again(person, event.registered(), context);
    case PersonEvent::kProfileChanged:
      return Again(person, event.profile_changed(), context);
    case PersonEvent::kCommented:
      return Again(person, event.commented(), context);
    case PersonEvent::kErased:
      return Again(person, event.erased(), context);
    case PersonEvent::KIND_NOT_SET:
      break;
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
