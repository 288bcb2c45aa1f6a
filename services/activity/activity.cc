#include "services/activity/activity.h"

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

constexpr size_t kMaxSourceIdBytes = 256;

absl::Status CheckActivity(const v1::Activity& activity, const std::string& field, const Context& context) {
  if (!IsSlug(activity.source())) return InvalidField(field + ".source", "must be a lower-case slug");
  if (activity.source_id().empty() || activity.source_id().size() > kMaxSourceIdBytes) {
    return InvalidField(field + ".source_id", "must be 1 to 256 bytes long");
  }
  if (activity.case_id().empty()) return InvalidField(field + ".case_id", "must be given");
  if (activity.activity().empty()) return InvalidField(field + ".activity", "must be given");
  if (!activity.person().empty() && !IsHandle(activity.person())) {
    return InvalidField(field + ".person", "must be a handle, never a name");
  }
  const auto& parties = context.relationship().parties();
  if (!activity.party_id().empty() && std::none_of(parties.begin(), parties.end(), [&](const v1::Party& party) {
        return party.party_id() == activity.party_id();
      })) {
    return InvalidField(field + ".party_id", "names no party of the relationship");
  }
  if (!activity.has_time()) return InvalidField(field + ".time", "must be given");
  if (FromProto(activity.time()) > context.now()) {
    return Reject(v1::REASON_EFFECTIVE_AT_INVALID, "an activity lies in the future").With("field", field + ".time");
  }
  return absl::OkStatus();
}

v1::ActivityEvent RecordedFrom(const v1::Activity& activity) {
  v1::ActivityEvent event;
  auto& recorded = *event.mutable_recorded();
  recorded.set_source(activity.source());
  recorded.set_source_id(activity.source_id());
  recorded.set_case_id(activity.case_id());
  recorded.set_activity(activity.activity());
  recorded.set_status(activity.status());
  recorded.set_waiting(activity.waiting());
  recorded.set_party_id(activity.party_id());
  recorded.set_team(activity.team());
  recorded.set_site(activity.site());
  recorded.set_person(activity.person());
  recorded.set_ordinal(activity.ordinal());
  return event;
}

}  // namespace

std::string ActivityId(const std::string& source, const std::string& source_id) {
  const std::string plain = source + "~" + source_id;
  if (IsResourceId(plain) && source_id.front() != '~') return plain;
  return source + "~~" + absl::BytesToHexString(Sha256(source_id).substr(0, 16));
}

absl::StatusOr<Events> Decide(const v1::Relationship& relationship, const v1::RecordActivitiesRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  if (request.activities().empty() || request.activities_size() > kMaxActivitiesInBatch) {
    return InvalidField("activities", "must be 1 to 1,000");
  }
  const ParentName parent{context.ledger().ledger(), ""};
  std::set<std::string> in_batch;
  Events events(role);
  for (int i = 0; i < request.activities_size(); ++i) {
    const v1::Activity& activity = request.activities(i);
    PARLEY_RETURN_IF_ERROR(CheckActivity(activity, absl::StrCat("activities[", i, "]"), context));
    std::string stream = parent.Child("activities", ActivityId(activity.source(), activity.source_id()));
    if (context.ledger().Exists(stream) || !in_batch.insert(stream).second) continue;
    events.Add({.stream = std::move(stream),
                .event = std::make_shared<const v1::ActivityEvent>(RecordedFrom(activity)),
                .effective_at = FromProto(activity.time())});
  }
  return events;
}

void Evolve(v1::Activity& activity, const v1::ActivityEvent& event, const EventInfo& info) {
  switch (event.kind_case()) {
    case v1::ActivityEvent::kRecorded: {
      const auto& e = event.recorded();
      activity.set_source(e.source());
      activity.set_source_id(e.source_id());
      activity.set_case_id(e.case_id());
      activity.set_activity(e.activity());
      activity.set_status(e.status());
      activity.set_waiting(e.waiting());
      activity.set_party_id(e.party_id());
      activity.set_team(e.team());
      activity.set_site(e.site());
      activity.set_person(e.person());
      activity.set_ordinal(e.ordinal());
      *activity.mutable_time() = ToProto(info.effective_at);
      return;
    }
    case v1::ActivityEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
