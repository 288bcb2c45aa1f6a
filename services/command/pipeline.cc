#include "services/command/pipeline.h"

#include <future>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/aggregate/admission.h"
#include "services/aggregate/personal.h"
#include "services/command/scheduler.h"
#include "services/command/worker.h"

namespace parley {
namespace {

// As long as no more wait, the thread that brings a command has the time to run it. Where many do, threads that poll connections are
// better left to that, and the worker takes what has gathered at one go.
constexpr size_t kFewWaiting = 8;

// What a request's fingerprint is made of. Texts about people are left out: a fingerprint stays in the record for ever, and whoever
// has its key could try names on it after they were erased. So a repeat with another name gets the first one's answer.
std::string FingerprintText(const google::protobuf::Message& request) {
  if (!HasPersonal(request.GetDescriptor())) return Canonical(request);
  const std::unique_ptr<google::protobuf::Message> bare(request.New());
  bare->CopyFrom(request);
  ClearPersonal(*bare);
  return Canonical(*bare);
}

}  // namespace

CommandPipeline::CommandPipeline(PipelineOptions options)
    : options_(std::move(options)),
      snapshots_(options_.snapshots),
      env_{.log = options_.log,
           .snapshots = &snapshots_,
           .clock = options_.clock,
           .random = options_.random,
           .person_keys = options_.person_keys} {
  scheduler_ = std::make_unique<DeadlineScheduler>(
      options_.clock, options_.log, [this](const LedgerId& ledger, std::function<void(absl::Status)> done) {
        const auto settle = [this, ledger, done = std::move(done)](absl::StatusOr<LedgerCell*> cell) {
          if (!cell.ok()) return done(cell.status());
          if (const absl::Status settled = (*cell)->SettleDeadlines((*cell)->Now()); !settled.ok())
            return done(settled);
          // Its next one is known before whoever asked goes on, and may ask again.
          if (const absl::Time due = (*cell)->state().NextDue(); due < absl::InfiniteFuture()) {
            scheduler_->Expect(ledger, due);
          }
          (*cell)->WhenDurable(done);
        };
        WorkerOf(ledger).Enqueue(ledger, settle, PipelineWorker::Where::kWorker);
      });
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(
        std::make_unique<PipelineWorker>(env_, scheduler_.get(), options_.cache_bytes / options_.workers));
  }
  scheduler_->Start();
}

CommandPipeline::~CommandPipeline() { Drain(); }

PipelineWorker& CommandPipeline::WorkerOf(const LedgerId& ledger) {
  return *workers_[std::hash<std::string>()(ledger.str()) % workers_.size()];
}

void CommandPipeline::Submit(Identity identity, Command command, std::function<bool()> cancelled, Done done) {
  if (identity.principal == kSystemActor) {
    return done(Reject(v1::REASON_UNAUTHENTICATED, "nobody but the server itself is the system"));
  }
  Enqueue(std::move(identity), nullptr, std::move(command), std::move(cancelled), std::move(done));
}

void CommandPipeline::SubmitSystem(const LedgerId& ledger, Command command, Done done) {
  Enqueue({.principal = std::string(kSystemActor)}, &ledger, std::move(command), nullptr, std::move(done));
}

void CommandPipeline::Enqueue(Identity identity, const LedgerId* only, Command command, std::function<bool()> cancelled,
                              Done done) {
  auto task = std::make_shared<CommandTask>();
  const auto prepare = [&]() -> absl::Status {
    PARLEY_RETURN_IF_ERROR(CheckFields(*command.request));
    PARLEY_ASSIGN_OR_RETURN(task->common, ReadCommonFields(*command.request));
    PARLEY_ASSIGN_OR_RETURN(task->target, TargetOf(*command.request, *command.type));
    if (only != nullptr && (task->target.ledger != *only || task->target.establishes())) {
      return InvalidField("parent", "must be the relationship that the command is about, which exists");
    }
    return absl::OkStatus();
  };
  if (const absl::Status status = prepare(); !status.ok()) return done(status);

  if (task->target.ledger.empty()) {  // A relationship whose id the server picks.
    // A repeat must find the first: the id follows from the caller and the request id, where there is one.
    task->target.ledger = LedgerId(
        task->common.request_id.empty()
            ? RandomId(*options_.random)
            : IdFromDigest(HmacSha256(options_.fingerprint_key, identity.principal + "\n" + task->common.request_id)));
  }
  if (!task->common.request_id.empty()) {
    task->fingerprint =
        HmacSha256(options_.fingerprint_key, command.method + "\n" + identity.principal + "\n" + identity.party + "\n" +
                                                 identity.on_behalf_of + "\n" + FingerprintText(*command.request));
  }
  task->identity = std::move(identity);
  task->command = std::move(command);
  task->cancelled = std::move(cancelled);
  const size_t bytes = task->command.request->SpaceUsedLong();  // A small message may unfold into a large one.
  const absl::StatusOr<size_t> waiting = Begin(bytes);
  if (!waiting.ok()) return done(waiting.status());
  task->done = [this, bytes, done = std::move(done)](absl::StatusOr<Answer> answer) {
    Finish(bytes, done, std::move(answer));
  };
  const auto urgency = only != nullptr ? PipelineWorker::Urgency::kDuringHold : PipelineWorker::Urgency::kOrdinary;
  const auto enqueue = [this, urgency](std::shared_ptr<CommandTask> task, PipelineWorker::Where where) {
    const auto run = [task](absl::StatusOr<LedgerCell*> cell) {
      if (!cell.ok()) return task->done(cell.status());
      (*cell)->Execute(task);
    };
    WorkerOf(task->target.ledger).Enqueue(task->target.ledger, run, where, urgency);
  };
  task->retry = [enqueue](std::shared_ptr<CommandTask> again) {
    enqueue(std::move(again), PipelineWorker::Where::kWorker);
  };
  enqueue(std::move(task),
          *waiting <= kFewWaiting ? PipelineWorker::Where::kHereIfIdle : PipelineWorker::Where::kWorker);
}

std::shared_ptr<void> CommandPipeline::Hold(const LedgerId& ledger) {
  PipelineWorker& worker = WorkerOf(ledger);
  std::promise<void> held;
  worker.Hold(ledger, [&held] { held.set_value(); });
  held.get_future().wait();
  return std::shared_ptr<void>(&worker, [&worker, ledger](void*) { worker.Release(ledger); });
}

absl::StatusOr<size_t> CommandPipeline::Begin(size_t bytes) {
  std::lock_guard lock(mu_);
  if (draining_) return Reject(v1::REASON_DRAINING, "the server is shutting down");
  if (queued_ >= options_.max_queued || queued_bytes_ + bytes > options_.max_queued_bytes) {
    return Reject(v1::REASON_OVERLOADED, "too many commands are waiting: try again later");
  }
  ++queued_;
  queued_bytes_ += bytes;
  ++unanswered_;
  return queued_;
}

size_t CommandPipeline::queued() const {
  std::lock_guard lock(mu_);
  return queued_;
}

void CommandPipeline::Finish(size_t bytes, const Done& done, absl::StatusOr<Answer> answer) {
  {
    std::lock_guard lock(mu_);
    --queued_;
    queued_bytes_ -= bytes;
  }
  done(std::move(answer));
  std::lock_guard lock(mu_);
  if (--unanswered_ == 0) answered_.notify_all();
}

void CommandPipeline::SettleAllDeadlines(std::function<void(absl::Status)> done) {
  scheduler_->WakeDue(std::move(done));
}

void CommandPipeline::Drain() {
  {
    std::lock_guard lock(mu_);
    draining_ = true;
  }
  scheduler_->Stop();
  std::unique_lock lock(mu_);
  answered_.wait(lock, [this] { return unanswered_ == 0; });
  lock.unlock();
  workers_.clear();
}

}  // namespace parley
