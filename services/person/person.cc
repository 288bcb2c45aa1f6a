#include "services/person/person.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

using v1::Person;
using v1::PersonEvent;

// Whose own the person's stream is; empty: joint.
std::string OwnerOf(const Context& context) {
  const auto name = ResourceName::Parse(context.target());
  return name ? name->owner : "";
}

// The person acts for themselves: that right comes from no role.
bool IsSelf(const Person& person, const Context& context) {
  return !person.principal().empty() && person.principal() == context.actor().principal;
}

absl::Status RequireNotErased(const Person& person) {
  if (person.state() != v1::PERSON_STATE_ERASED) return absl::OkStatus();
  return Reject(v1::REASON_PERSON_ERASED, "the person was erased").With("person", person.name());
}

}  // namespace

absl::StatusOr<Events> Decide(const Person&, const v1::RegisterPersonRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.RequireFor(request.party_id(), v1::PERMISSION_CONTRIBUTE));
  const std::string owner = OwnerOf(context);
  if (!owner.empty()) PARLEY_RETURN_IF_ERROR(context.RequireFor(owner, v1::PERMISSION_CONTRIBUTE).status());
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  const auto name = ResourceName::Parse(context.target());
  if (!name || !IsSlug(name->id)) return InvalidField("person_id", "must be a lower-case slug");
  if (!request.principal().empty() && (!IsHandle(request.principal()) || request.principal() == kSystemActor)) {
    return InvalidField("principal", "must be a handle");
  }
  if (request.display_name().empty()) return InvalidField("display_name", "must be given");
  PersonEvent event;
  auto& registered = *event.mutable_registered();
  registered.set_party_id(request.party_id());
  registered.set_principal(request.principal());
  registered.set_display_name(request.display_name());
  registered.set_email(request.email());
  registered.set_phone(request.phone());
  return Events(role).Emit(context.target(), std::move(event));
}

// Allowed after the relationship's end, too: what is wrong about a person is put right for as long as it is kept.
absl::StatusOr<Events> Decide(const Person& person, const v1::ChangePersonProfileRequest& request,
                              const Context& context) {
  std::string role;
  if (!IsSelf(person, context)) {
    auto administrator = context.RequireFor(person.party_id(), v1::PERMISSION_ADMINISTER);
    if (administrator.ok()) {
      role = *std::move(administrator);
    } else {
      PARLEY_ASSIGN_OR_RETURN(role, context.RequireFor(person.party_id(), v1::PERMISSION_CONTRIBUTE));
    }
  }
  PARLEY_RETURN_IF_ERROR(RequireNotErased(person));
  if (request.display_name().empty()) return InvalidField("display_name", "must be given");
  PersonEvent event;
  auto& changed = *event.mutable_profile_changed();
  changed.set_display_name(request.display_name());
  changed.set_email(request.email());
  changed.set_phone(request.phone());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Person& person, const v1::CommentOnPersonRequest& request, const Context& context) {
  const std::string owner = OwnerOf(context);
  PARLEY_ASSIGN_OR_RETURN(const std::string role, owner.empty() ? context.Require(v1::PERMISSION_CONTRIBUTE)
                                                                : context.RequireFor(owner, v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  PARLEY_RETURN_IF_ERROR(RequireNotErased(person));
  if (request.text().empty()) return InvalidField("text", "must be given");
  PersonEvent event;
  event.mutable_commented()->set_text(request.text());
  return Events(role).Emit(context.target(), std::move(event));
}

// Never too late: allowed after the relationship's end, too.
absl::StatusOr<Events> Decide(const Person& person, const v1::ErasePersonRequest& request, const Context& context) {
  std::string role;
  if (!IsSelf(person, context)) {
    PARLEY_ASSIGN_OR_RETURN(role, context.RequireFor(person.party_id(), v1::PERMISSION_ADMINISTER));
  }
  PARLEY_RETURN_IF_ERROR(RequireNotErased(person));
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  PersonEvent event;
  event.mutable_erased()->set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

void Evolve(Person& person, const PersonEvent& event, const EventInfo& info) {
  switch (event.kind_case()) {
    case PersonEvent::kRegistered:
      person.set_state(v1::PERSON_STATE_REGISTERED);
      person.set_party_id(event.registered().party_id());
      person.set_principal(event.registered().principal());
      person.set_sealed_in(info.sequence);
      return;
    case PersonEvent::kProfileChanged:
      person.set_sealed_in(info.sequence);
      return;
    case PersonEvent::kCommented: {
      auto* comment = person.add_comments();
      comment->set_sealed_in(info.sequence);
      comment->set_principal(info.actor);
      comment->set_party_id(info.party);
      *comment->mutable_time() = ToProto(info.effective_at);
      return;
    }
    case PersonEvent::kErased:
      person.set_state(v1::PERSON_STATE_ERASED);
      // Nobody need look for what is gone.
      person.clear_sealed_in();
      for (auto& comment : *person.mutable_comments()) comment.clear_sealed_in();
      *person.mutable_erase_time() = ToProto(info.effective_at);
      person.set_erased_by(info.actor);
      person.set_erase_reason(event.erased().reason());
      return;
    case PersonEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
