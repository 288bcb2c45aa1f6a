#include "services/aggregate/recheck.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "parley/v1/person.pb.h"
#include "services/aggregate/actor.h"
#include "services/aggregate/personal.h"

namespace parley {
namespace {

// As many entries as one command may record: with so many at hand, the first command's are all there.
constexpr size_t kMaxCommandEntries = 1000;
// Of a breach: whoever forges entries may make them large, and a lot of them.
constexpr size_t kMaxMessageBytes = 1000;

std::string TypeOf(const RecordedEvent& event) {
  return absl::StrCat(std::string(event.type->prefix), ".", event.kind);
}

// Whether both are of the same command, as far as their events tell.
bool SameOrigin(const RecordedEvent& a, const RecordedEvent& b) {
  return a.owner == b.owner && a.info.recorded_at == b.info.recorded_at && a.info.actor == b.info.actor &&
         a.info.party == b.info.party && a.info.role == b.info.role && a.info.historical == b.info.historical;
}

bool SameParts(const std::vector<v1::PersonalPart>& recorded, const std::vector<NewPersonalPart>& decided) {
  return std::equal(recorded.begin(), recorded.end(), decided.begin(), decided.end(),
                    [](const v1::PersonalPart& a, const NewPersonalPart& b) {
                      return a.person() == b.person && a.field() == b.field;
                    });
}

}  // namespace

absl::Status NoCommandBeginsWith(const RecordedCommand& recorded) {
  return Reject(v1::REASON_WRONG_STATE, "no command records " + TypeOf(recorded.events.front()) + " by itself");
}

absl::Status Rechecker::CheckNext(const v1::EntryHeader& header) const {
  const uint64_t next = state_.next_sequence() + pending_.size();
  if (header.ledger() == state_.ledger().str() && header.sequence() == next) return absl::OkStatus();
  return Reject(v1::REASON_LEDGER_QUARANTINED,
                absl::StrCat("expected entry ", next, " of ", state_.ledger().str(), ", got entry ", header.sequence(),
                             " of ", header.ledger()));
}

absl::Status Rechecker::Add(const Entry& entry) {
  PARLEY_RETURN_IF_ERROR(CheckNext(entry.header));
  PARLEY_ASSIGN_OR_RETURN(RecordedEvent event, DecodeEvent(entry));
  Origin origin{entry.record.request_id(), entry.record.on_behalf_of()};
  absl::Status judged;
  if (!pending_.empty() && !(origin == origin_ && SameOrigin(pending_.front(), event))) judged = Judge(0);
  origin_ = std::move(origin);
  pending_.push_back(std::move(event));
  caused_by_.push_back(entry.record.has_caused_by() ? std::optional(entry.record.caused_by()) : std::nullopt);
  if (judged.ok() && pending_.size() >= 2 * kMaxCommandEntries) judged = Judge(kMaxCommandEntries);
  return judged;
}

absl::Status Rechecker::Withheld(const v1::EntryHeader& header) {
  PARLEY_RETURN_IF_ERROR(CheckNext(header));
  const size_t before = breaches_.size();
  const absl::Time recorded_at = FromProto(header.recorded_at());
  Judge(0).IgnoreError();
  // What belongs to nobody there is would be kept from everybody.
  const auto& parties = state_.relationship().parties();
  const auto is_owner = [&](const v1::Party& party) { return party.party_id() == header.owner(); };
  if (std::none_of(parties.begin(), parties.end(), is_owner)) {
    Refuse(header.sequence(), v1::REASON_UNSPECIFIED,
           absl::StrCat("entry ", header.sequence(), ": no party \"", header.owner(), "\" could have such an entry"))
        .IgnoreError();
  }
  if (JudgeTime(header.sequence(), recorded_at).ok()) NoteMissedDeadlines(header.sequence(), recorded_at);
  state_.Skip(header.sequence(), recorded_at);
  return BreachesSince(before);
}

absl::Status Rechecker::Finish() { return Judge(0); }

std::optional<uint64_t> Rechecker::offence() const {
  if (breaches_.empty()) return std::nullopt;
  return breaches_.front().sequence;
}

absl::Status Rechecker::Judge(size_t keep) {
  const size_t before = breaches_.size();
  size_t done = 0;
  while (pending_.size() - done > keep) {
    const Pending events = Pending(pending_).subspan(done);
    const auto judged = JudgeFirst(events);
    // Where it is refused, where it would have ended is not known: everything of that origin is left out.
    const size_t count = judged.ok() ? *judged : events.size();
    for (const RecordedEvent& event : events.first(count)) {
      if (judged.ok()) {
        state_.Apply(event);
      } else {
        state_.Skip(event.info.sequence, event.info.recorded_at);
      }
    }
    done += count;
  }
  pending_.erase(pending_.begin(), pending_.begin() + done);
  caused_by_.erase(caused_by_.begin(), caused_by_.begin() + done);
  return BreachesSince(before);
}

absl::Status Rechecker::BreachesSince(size_t before) const {
  return breaches_.size() == before ? absl::OkStatus() : absl::PermissionDeniedError(breaches_[before].message);
}

absl::StatusOr<size_t> Rechecker::JudgeFirst(Pending events) {
  const RecordedEvent& first = events.front();
  PARLEY_RETURN_IF_ERROR(JudgeTime(first.info.sequence, first.info.recorded_at));
  const bool expiry = first.info.actor == kSystemActor && origin_.request_id.starts_with(kDeadlineRequestPrefix);
  if (expiry) {
    const auto next = state_.NextDeadline();
    const bool due = next && next->due <= first.info.recorded_at;
    if (due && origin_.request_id == DeadlineRequestId(*next)) return JudgeExpiry(events, *next);
    return Refuse(first, "no such deadline was due then, or another one was due before it");
  }
  NoteMissedDeadlines(first.info.sequence, first.info.recorded_at);
  return JudgeCommand(events);
}

absl::Status Rechecker::JudgeTime(uint64_t sequence, absl::Time recorded_at) {
  if (recorded_at >= state_.last_recorded_at() && recorded_at > absl::InfinitePast()) return absl::OkStatus();
  return Refuse(sequence, v1::REASON_UNSPECIFIED,
                absl::StrCat("entry ", sequence, ": recorded_at goes back behind the entry before it"));
}

void Rechecker::NoteMissedDeadlines(uint64_t sequence, absl::Time recorded_at) {
  for (auto next = state_.NextDeadline(); next && next->due <= recorded_at; next = state_.NextDeadline()) {
    Refuse(sequence, v1::REASON_UNSPECIFIED,
           absl::StrCat("entry ", sequence, ": before it, at ", Rfc3339(next->due), ", a deadline of ", next->stream,
                        " (", next->kind, " ", next->occurrence, ") was due, which is not recorded"))
        .IgnoreError();
    if (!Assume(*next, recorded_at)) return;
  }
}

bool Rechecker::Assume(const Deadline& deadline, absl::Time recorded_at) {
  const auto expiry = ExpireDeadline(state_, deadline, recorded_at);
  if (!expiry.ok()) return false;
  for (const NewEvent& event : expiry->events.list()) {
    const auto name = ResourceName::Parse(event.stream);
    state_.Apply(RecordedEvent{.type = AggregateOfCollection(name->collection),
                               .event = event.event,
                               .kind = EventKind(*event.event),
                               .owner = name->owner,
                               // It never had an entry of its own.
                               .info = {.stream = event.stream,
                                        .sequence = state_.next_sequence() - 1,
                                        .recorded_at = std::max(recorded_at, state_.last_recorded_at()),
                                        .effective_at = event.effective_at.value_or(expiry->context.effective_at()),
                                        .actor = std::string(kSystemActor)}});
  }
  const auto next = state_.NextDeadline();
  return !next || deadline < *next || *next < deadline;
}

absl::StatusOr<size_t> Rechecker::JudgeExpiry(Pending events, const Deadline& deadline) {
  const RecordedEvent& first = events.front();
  const auto expiry = ExpireDeadline(state_, deadline, first.info.recorded_at);
  if (!expiry.ok()) return Refuse(first, expiry.status());
  absl::StatusOr<size_t> judged = Compare(events, expiry->events, expiry->context);
  if (!judged.ok()) Assume(deadline, first.info.recorded_at);
  return judged;
}

absl::StatusOr<Actor> Rechecker::ActorOf(const RecordedEvent& first) const {
  const std::string root = "relationships/" + state_.ledger().str();
  if (!state_.Exists(root)) {
    // Whoever opens the ledger acts for nobody yet.
    if (first.info.stream != root || first.info.actor == kSystemActor || !IsHandle(first.info.actor)) {
      return NoSuchRelationship();
    }
    return Actor{.principal = first.info.actor};
  }
  if (first.info.actor == kSystemActor) return Actor{.principal = first.info.actor};
  return ResolveActor(state_.relationship(),
                      {.principal = first.info.actor, .party = first.info.party, .on_behalf_of = origin_.on_behalf_of});
}

absl::StatusOr<size_t> Rechecker::JudgeCommand(Pending events) {
  const RecordedEvent& first = events.front();
  const AggregateType& type = *first.type;
  if (!first.owner.empty() && !type.may_be_private)
    return Refuse(first, "no party may have such a resource of its own");
  auto actor = ActorOf(first);
  if (!actor.ok()) return Refuse(first, actor.status());
  const Context context(state_, *std::move(actor), first.info.stream, first.info.recorded_at, first.info.effective_at,
                        first.info.historical);
  if (const absl::Status time = CheckNotInFuture(context); !time.ok()) return Refuse(first, time);
  const auto* state = state_.Find(first.info.stream);
  const auto decided = type.redecide(state ? *state : *type.resource, RecordedCommand{events}, context);
  if (!decided.ok()) return Refuse(first, decided.status());
  if (const absl::Status order = CheckStreamOrder(*decided, context); !order.ok()) return Refuse(first, order);
  return Compare(events, *decided, context);
}

absl::StatusOr<size_t> Rechecker::Compare(Pending events, const Events& decided, const Context& context) {
  const RecordedEvent& first = events.front();
  const size_t count = decided.list().size();
  if (count == 0) return Refuse(first, "the command changes nothing, so that nothing of it is recorded");
  if (first.info.party != context.actor().party || origin_.on_behalf_of != context.actor().on_behalf_of) {
    return Refuse(first, absl::StrCat("it acts for party \"", context.actor().party, "\", not as is recorded"));
  }
  if (first.info.historical != context.historical()) return Refuse(first, "it is not historical");
  for (size_t i = 0; i < std::min(count, events.size()); ++i) {
    const std::string difference = Difference(events[i], decided.list()[i], decided.role(), context);
    if (!difference.empty()) return Refuse(events[i], difference);
  }
  if (count > events.size()) {
    return Refuse(events.back(), absl::StrCat("the command records ", count, " events, here are ", events.size()));
  }
  if (count < events.size() && !origin_.request_id.empty()) {
    return Refuse(events[count], "a request id stands for one command, which ends before this");
  }
  return count;
}

std::string Rechecker::Difference(const RecordedEvent& recorded, const NewEvent& decided, const std::string& role,
                                  const Context& context) const {
  if (recorded.info.stream != decided.stream) return "it would be an event of " + decided.stream;
  if (recorded.info.role != role) return "it would be by the right of role \"" + role + "\"";
  if (recorded.info.effective_at != decided.effective_at.value_or(context.effective_at())) {
    return "it would be effective at another time";
  }
  if (caused_by_[&recorded - pending_.data()] != decided.caused_by) return "it would follow from another entry";
  const SplitEvent split = SplitPersonal(decided.event, decided.stream);
  if (recorded.event->GetDescriptor() != split.event->GetDescriptor() ||
      Canonical(*recorded.event) != Canonical(*split.event)) {
    return "the rules make it " + split.event->ShortDebugString() + ", recorded is " +
           recorded.event->ShortDebugString();
  }
  if (!SameParts(recorded.personal, split.parts)) return "it would speak of other people";
  for (const v1::PersonalPart& part : recorded.personal) {
    const auto* person = state_.Find<v1::Person>(part.person());
    if (person != nullptr && person->state() == v1::PERSON_STATE_ERASED) return "it speaks of a person who was erased";
  }
  return "";
}

absl::Status Rechecker::Refuse(uint64_t sequence, v1::Reason reason, std::string message) {
  if (message.size() > kMaxMessageBytes) message.resize(kMaxMessageBytes);
  breaches_.push_back({sequence, reason, std::move(message)});
  return absl::PermissionDeniedError(breaches_.back().message);
}

absl::Status Rechecker::Refuse(const RecordedEvent& event, std::string_view why) {
  return Refuse(event.info.sequence, v1::REASON_UNSPECIFIED,
                absl::StrCat("entry ", event.info.sequence, " (", TypeOf(event), " by ", event.info.actor,
                             "): ", std::string(why)));
}

absl::Status Rechecker::Refuse(const RecordedEvent& event, const absl::Status& refusal) {
  return Refuse(
      event.info.sequence, ReasonOf(refusal),
      absl::StrCat("entry ", event.info.sequence, " (", TypeOf(event), " by ", event.info.actor,
                   ") is refused: ", v1::Reason_Name(ReasonOf(refusal)), ": ", std::string(refusal.message())));
}

}  // namespace parley
