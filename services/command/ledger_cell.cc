#include "services/command/ledger_cell.h"

#include <algorithm>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/aggregate/actor.h"
#include "services/aggregate/admission.h"
#include "services/aggregate/deadlines.h"
#include "services/command/record.h"

namespace parley {
namespace {

using google::protobuf::Message;

// How often a command is decided again after losing a race before its caller is told.
constexpr int kMaxAttempts = 100;
// While a ledger stays in memory, a snapshot is worth its bytes after this many entries, and after the ledger grew by a quarter.
constexpr uint64_t kSnapshotEvery = 1000;
// When it leaves: what the entries since the last snapshot cost whoever loads it adds up with their square, one visit after the other;
// what a snapshot costs goes with its bytes: for so many, by estimate, as much as to read an entry. So both cost alike in the long run.
constexpr uint64_t kSnapshotBytesPerEntry = 1024;

void Show(const Message& resource, AnswerWith with, Answer& answer) {
  switch (with) {
    case AnswerWith::kMessage:
      answer.resource = std::shared_ptr<Message>(resource.New());
      answer.resource->CopyFrom(resource);
      return;
    case AnswerWith::kBytes:
      answer.encoded = resource.SerializeAsString();
      return;
    case AnswerWith::kNothing:
      return;
  }
}

std::string RequestKey(const CommandTask& task) { return task.identity.principal + "\n" + task.common.request_id; }

}  // namespace

LedgerCell::LedgerCell(const CellEnvironment& env, LoadedState loaded)
    : env_(env),
      state_(std::move(loaded.state)),
      progress_(std::make_shared<Progress>(state_.next_sequence())),
      generation_(env.log->generation()),
      snapshot_at_(loaded.from_snapshot) {}

absl::StatusOr<std::unique_ptr<LedgerCell>> LedgerCell::Load(const CellEnvironment& env, const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(LoadedState loaded, env.snapshots->Load(*env.log, ledger));
  return std::unique_ptr<LedgerCell>(new LedgerCell(env, std::move(loaded)));
}

absl::Status LedgerCell::CatchUp() {
  // Read before `usable`: see EventLog::generation.
  const uint64_t generation = env_.log->generation();
  if (!usable()) return absl::OkStatus();
  generation_ = generation;
  PARLEY_ASSIGN_OR_RETURN(const uint64_t end, env_.log->NextSequence(state_.ledger()));
  if (!idle() || end <= state_.next_sequence()) return absl::OkStatus();
  PARLEY_RETURN_IF_ERROR(FoldTail(*env_.log, state_));
  progress_->Settle(state_.next_sequence(), absl::OkStatus());
  return absl::OkStatus();
}

absl::Time LedgerCell::Now() const { return std::max(env_.clock->Now(), state_.last_recorded_at()); }

void LedgerCell::Execute(std::shared_ptr<CommandTask> task) {
  if (task->cancelled && task->cancelled()) {
    task->done(absl::CancelledError("the caller stopped waiting before the command was decided"));
    return;
  }
  const absl::StatusOr<bool> repeated = HandleRepeat(task);
  if (!repeated.ok()) return Answered(task, repeated.status());
  if (*repeated) return;
  absl::StatusOr<Answer> outcome = Run(*task);
  if (outcome.ok() && outcome->entries > 0 && !task->common.validate_only && !task->common.request_id.empty()) {
    std::string key = RequestKey(*task);
    inflight_[key] = state_.next_sequence();
    inflight_order_.emplace_back(state_.next_sequence(), std::move(key));
  }
  Answered(task, std::move(outcome));
}

void LedgerCell::Answered(const std::shared_ptr<CommandTask>& task, absl::StatusOr<Answer> outcome) {
  const bool wrote = outcome.ok() && outcome->entries > 0 && !task->common.validate_only;
  progress_->WhenDurable(state_.next_sequence(),
                         [task, wrote, outcome = std::move(outcome)](const absl::Status& durable) mutable {
                           if (durable.ok()) return task->done(std::move(outcome));
                           if (ReasonOf(durable) == v1::REASON_CONFLICT) {
                             // Another writer was first. Decide again on what it wrote, unless the client named the revision it meant.
                             if (task->common.etag.empty() && ++task->attempts < kMaxAttempts) return task->retry(task);
                             return task->done(durable);
                           }
                           if (wrote || ReasonOf(durable) == v1::REASON_LOG_UNAVAILABLE) return task->done(durable);
                           // This request wrote nothing, but what its answer rests on may be lost.
                           task->done(Reject(v1::REASON_LOG_UNAVAILABLE,
                                             "the log is recovering; nothing of this request was written, try again"));
                         });
}

absl::StatusOr<bool> LedgerCell::HandleRepeat(const std::shared_ptr<CommandTask>& task) {
  while (!inflight_order_.empty() && inflight_order_.front().first <= progress_->durable()) {
    inflight_.erase(inflight_order_.front().second);
    inflight_order_.pop_front();
  }
  if (task->common.request_id.empty()) return false;
  if (const auto it = inflight_.find(RequestKey(*task)); it != inflight_.end()) {
    // The original is on its way to the disk: look again when it is there, or lost.
    progress_->WhenDurable(it->second, [task](const absl::Status&) { task->retry(task); });
    return true;
  }
  PARLEY_ASSIGN_OR_RETURN(const auto original,
                          env_.log->FindRequest(state_.ledger(), task->identity.principal, task->common.request_id));
  if (!original) return false;
  if (!ConstantTimeEqual(original->fingerprint, task->fingerprint)) {
    return Reject(v1::REASON_REQUEST_ID_REUSED, "this request id was used for a different request")
        .With("request_id", task->common.request_id)
        .Field("request_id", "was used for a different request");
  }
  Answered(task, AnswerRepeat(*task, *original));
  return true;
}

absl::StatusOr<Answer> LedgerCell::AnswerRepeat(const CommandTask& task, const RequestRecord& original) const {
  Answer answer;
  answer.ledger = state_.ledger();
  answer.entries = original.entries;
  answer.sequence = original.first_sequence + original.entries - 1;
  std::string stream = task.target.stream;
  if (stream.empty()) {  // The server chose the id: it is in the first entry.
    PARLEY_ASSIGN_OR_RETURN(const auto first, env_.log->Read(state_.ledger(), original.first_sequence, {.entries = 1}));
    if (first.empty()) return absl::InternalError("a request's entries are gone");
    stream = first[0].record.stream();
  }
  // The resource as of that revision, by folding its stream.
  auto resource = std::shared_ptr<Message>(task.command.type->resource->New());
  for (uint64_t from = 0; from <= *answer.sequence;) {
    PARLEY_ASSIGN_OR_RETURN(const auto entries, env_.log->ReadStream(state_.ledger(), stream, from, {}));
    if (entries.empty()) break;
    for (const Entry& entry : entries) {
      if (entry.sequence() > *answer.sequence) break;
      PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
      event.type->evolve(*resource, *event.event, event.info);
      StampResource(*resource, event.info);
    }
    from = entries.back().sequence() + 1;
  }
  answer.resource = std::move(resource);
  return answer;
}

absl::StatusOr<Actor> LedgerCell::ActorOf(const CommandTask& task) const {
  Actor claimed{
      .principal = task.identity.principal, .party = task.identity.party, .on_behalf_of = task.identity.on_behalf_of};
  if (task.target.establishes()) return Actor{.principal = claimed.principal};
  if (state_.next_sequence() == 0) return NoSuchRelationship();
  // From CommandPipeline::SubmitSystem only: of no party, without a role.
  if (claimed.principal == kSystemActor) return Actor{.principal = claimed.principal};
  return ResolveActor(state_.relationship(), std::move(claimed));
}

std::string LedgerCell::StreamOf(const CommandTask& task) const {
  if (!task.target.stream.empty()) return task.target.stream;
  if (task.target.establishes()) return "relationships/" + state_.ledger().str();
  return ParentName::Parse(task.target.parent)->Child(task.command.type->collection, RandomId(*env_.random));
}

absl::StatusOr<Answer> LedgerCell::Run(const CommandTask& task) {
  const absl::Time now = Now();
  PARLEY_RETURN_IF_ERROR(SettleDeadlines(now));

  PARLEY_ASSIGN_OR_RETURN(Actor actor, ActorOf(task));
  const std::string stream = StreamOf(task);
  const Context context(state_, std::move(actor), stream, now, task.common.effective_at.value_or(now),
                        task.common.historical);
  PARLEY_RETURN_IF_ERROR(CheckTarget(task.target.creates, context));
  if (!task.common.etag.empty()) {
    const auto sequence = state_.LastSequence(stream);
    if (!sequence || std::to_string(*sequence) != task.common.etag) {
      return Reject(v1::REASON_ETAG_MISMATCH, "the resource changed since the etag was read")
          .With("etag", sequence ? std::to_string(*sequence) : "");
    }
  }
  PARLEY_RETURN_IF_ERROR(CheckNotInFuture(context));
  const Message* state = state_.Find(stream);
  PARLEY_ASSIGN_OR_RETURN(const Events events,
                          task.command.decide(state ? *state : *task.command.type->resource, context));
  PARLEY_RETURN_IF_ERROR(CheckStreamOrder(events, context));

  Answer answer;
  answer.ledger = state_.ledger();
  answer.entries = events.list().size();
  if (task.common.validate_only) {
    PARLEY_ASSIGN_OR_RETURN(answer.resource, Preview(task, events, context));
  } else {
    PARLEY_RETURN_IF_ERROR(Append(events, context, task.common.request_id, task.fingerprint));
    if (const Message* after = state_.Find(stream)) Show(*after, task.command.with, answer);
  }
  if (state_.next_sequence() > 0) answer.sequence = state_.next_sequence() - 1;
  return answer;
}

absl::StatusOr<std::shared_ptr<Message>> LedgerCell::Preview(const CommandTask& task, const Events& events,
                                                             const Context& context) const {
  auto resource = std::shared_ptr<Message>(task.command.type->resource->New());
  if (const Message* state = state_.Find(context.target())) resource->CopyFrom(*state);
  PARLEY_ASSIGN_OR_RETURN(const BuiltCommit built, BuildCommit(state_, events, context, task.common.request_id,
                                                               task.fingerprint, ThrowawayKeys(), *env_.random));
  for (const RecordedEvent& event : built.events) {
    if (event.info.stream != context.target() || task.command.type->single_event) continue;
    task.command.type->evolve(*resource, *event.event, event.info);
    StampResource(*resource, event.info);
  }
  return resource;
}

absl::Status LedgerCell::Append(const Events& events, const Context& context, const std::string& request_id,
                                const std::string& fingerprint) {
  if (events.empty()) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(BuiltCommit built, BuildCommit(state_, events, context, request_id, fingerprint,
                                                         *env_.person_keys, *env_.random));
  built.commit.generation = generation_;
  for (const RecordedEvent& event : built.events) state_.Apply(event);
  env_.log->Append(std::move(built.commit),
                   [progress = progress_, until = state_.next_sequence()](const absl::StatusOr<Appended>& appended) {
                     progress->Settle(until, appended.status());
                   });
  return absl::OkStatus();
}

absl::Status LedgerCell::SettleDeadlines(absl::Time now) {
  while (state_.NextDue() <= now) {
    const Deadline deadline = *state_.NextDeadline();
    PARLEY_ASSIGN_OR_RETURN(const Expiry expiry, ExpireDeadline(state_, deadline, now));
    PARLEY_RETURN_IF_ERROR(Append(expiry.events, expiry.context, DeadlineRequestId(deadline), ""));
    const auto after = state_.NextDeadline();
    if (after == deadline) {
      return absl::InternalError("a deadline stands after it was recorded: " + deadline.stream + " " + deadline.kind);
    }
  }
  return absl::OkStatus();
}

void LedgerCell::WhenDurable(std::function<void(absl::Status)> done) {
  progress_->WhenDurable(state_.next_sequence(), std::move(done));
}

void LedgerCell::MaybeSnapshot(bool leaving) {
  const uint64_t grown = state_.next_sequence() - snapshot_at_;
  if (grown == 0 || !usable() || !idle()) return;
  const uint64_t enough =
      leaving ? state_.bytes() / kSnapshotBytesPerEntry / grown : std::max(kSnapshotEvery, snapshot_at_ / 4);
  if (grown < enough) return;
  // A snapshot that cannot be written costs time at the next load, nothing else.
  if (env_.snapshots->Save(*env_.log, state_).ok()) snapshot_at_ = state_.next_sequence();
}

}  // namespace parley
