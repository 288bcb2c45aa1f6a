#include "tests/support/world.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/aggregate/admission.h"
#include "services/aggregate/deadlines.h"
#include "services/command/record.h"
#include "services/command/request.h"
#include "tests/support/recheck.h"

namespace parley::test {

using google::protobuf::Message;

absl::Time Epoch() { return absl::FromUnixSeconds(1767225600); }

World::World(std::string_view ledger) : state_(LedgerId(ledger)) {}

World::~World() {
  if (!by_the_rules_) return;
  absl::Status again = Recheck(entries_);
  EXPECT_TRUE(again.ok()) << "what was recorded is not what is decided: " << again;
  // Without request ids commands next to each other run into one another.
  for (Entry& entry : entries_) {
    if (entry.record.actor() != kSystemActor) entry.record.clear_request_id();
  }
  again = Recheck(entries_);
  EXPECT_TRUE(again.ok()) << "without request ids: " << again;
}

void World::Act(std::string_view principal, std::string_view party) {
  principal_ = principal;
  party_ = party;
}

Actor World::ActorNow() const {
  std::set<std::string> parties;
  for (const auto& grant : state_.relationship().grants()) {
    if (grant.principal() == principal_) parties.insert(grant.party_id());
  }
  Actor actor{.principal = principal_, .party = party_};
  if (party_.empty() && parties.size() == 1) actor.party = *parties.begin();
  return actor;
}

absl::StatusOr<std::vector<RecordedEvent>> World::Run(const Command& command) {
  PARLEY_RETURN_IF_ERROR(Settle().status());
  PARLEY_RETURN_IF_ERROR(CheckFields(*command.request));
  PARLEY_ASSIGN_OR_RETURN(const CommonFields common, ReadCommonFields(*command.request));
  PARLEY_ASSIGN_OR_RETURN(Target target, TargetOf(*command.request, *command.type));
  if (target.stream.empty()) return InvalidField("id", "a test names what it creates");
  if (target.creates == state_.Exists(target.stream)) {
    return Reject(target.creates ? v1::REASON_ALREADY_EXISTS : v1::REASON_NOT_FOUND, target.stream);
  }
  const absl::Time effective_at = common.effective_at.value_or(now_);
  const Context context(state_, ActorNow(), target.stream, now_, effective_at, common.historical);
  PARLEY_RETURN_IF_ERROR(CheckNotInFuture(context));
  const Message* state = state_.Find(target.stream);
  PARLEY_ASSIGN_OR_RETURN(const Events events, command.decide(state ? *state : *command.type->resource, context));
  PARLEY_RETURN_IF_ERROR(CheckStreamOrder(events, context));
  return Append(events, context, NextRequestId());
}

absl::StatusOr<std::vector<RecordedEvent>> World::Settle() {
  std::vector<RecordedEvent> settled;
  while (const auto deadline = state_.NextDeadline()) {
    if (deadline->due > now_) break;
    PARLEY_ASSIGN_OR_RETURN(const Expiry expiry, ExpireDeadline(state_, *deadline, now_));
    PARLEY_ASSIGN_OR_RETURN(const auto recorded, Append(expiry.events, expiry.context, DeadlineRequestId(*deadline)));
    settled.insert(settled.end(), recorded.begin(), recorded.end());
    const auto next = state_.NextDeadline();
    if (next && !(*next < *deadline) && !(*deadline < *next)) {
      return absl::InternalError("a deadline stands after it was recorded: " + deadline->stream + " " + deadline->kind);
    }
  }
  return settled;
}

absl::StatusOr<std::vector<RecordedEvent>> World::Record(const std::string& stream, const Message& event) {
  auto copy = std::shared_ptr<Message>(event.New());
  copy->CopyFrom(event);
  by_the_rules_ = false;
  Events events;
  events.Add({.stream = stream, .event = std::move(copy)});
  return Append(events, Context(state_, ActorNow(), stream, now_, now_, false), NextRequestId());
}

absl::StatusOr<std::vector<RecordedEvent>> World::Append(const Events& events, const Context& context,
                                                         const std::string& request_id) {
  PARLEY_ASSIGN_OR_RETURN(BuiltCommit built,
                          BuildCommit(state_, events, context, request_id, "fingerprint", *keys_, random_));
  std::vector<RecordedEvent> recorded;
  for (v1::StoredEntry& stored : built.commit.entries) {
    PARLEY_ASSIGN_OR_RETURN(Entry entry, DecodeEntry(std::move(stored), Position{.offset = entries_.size()}));
    PARLEY_RETURN_IF_ERROR(VerifyCommitments(entry));
    PARLEY_RETURN_IF_ERROR(state_.Apply(entry));
    PARLEY_ASSIGN_OR_RETURN(RecordedEvent event, DecodeEvent(entry));
    recorded.push_back(std::move(event));
    entries_.push_back(std::move(entry));
  }
  return recorded;
}

void ParseTextInto(std::string_view text, Message& message) {
  if (!google::protobuf::TextFormat::MergeFromString(std::string(text), &message)) {
    ADD_FAILURE() << "no " << message.GetTypeName() << ": " << text;
  }
}

std::string Describe(const std::vector<RecordedEvent>& events) {
  std::string out;
  for (const RecordedEvent& event : events) {
    out += "  " + event.info.stream + ": " + event.event->ShortDebugString() + "\n";
  }
  return out.empty() ? "  nothing\n" : out;
}

}  // namespace parley::test
