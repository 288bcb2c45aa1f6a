#include "services/server/watch.h"

#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "services/query/timeline.h"

namespace parley {
namespace {

// How many entries are read ahead of the client at most.
constexpr size_t kBatch = 64;

}  // namespace

// Pulls entries on the query pool's threads, one batch at a time, and writes them as the client takes them: a slow client
// costs one batch of memory. It owns itself until gRPC says that the stream is over and the last callback has returned.
class Watch final : public grpc::ServerWriteReactor<v1::WatchTimelineResponse>,
                    public std::enable_shared_from_this<Watch> {
 public:
  Watch(grpc::CallbackServerContext* context, const v1::WatchTimelineRequest* request, Calls& calls, Watches& watches)
      : context_(context), request_(*request), calls_(calls), watches_(watches), start_(Monotonic()) {}

  // Starts, or ends at once where it is refused.
  void Begin(const absl::Status& refused) {
    self_ = shared_from_this();
    if (!refused.ok()) return End(refused);
    const auto identity = calls_.Authenticate(*context_);
    if (!identity.ok()) return End(identity.status());
    caller_.principal = identity->principal;
    calls_.queries()->Await(
        caller_, request_, TimeLeft(*context_),
        [self = shared_from_this()](const absl::Status& seen) { seen.ok() ? self->SchedulePull() : self->End(seen); });
  }

  // Finishes the stream, once; after a write under way.
  void End(const absl::Status& status) {
    std::lock_guard lock(mu_);
    if (finished_) return;
    if (writing_) {
      if (end_.ok()) end_ = status;
      return;
    }
    finished_ = true;
    calls_.metrics()->CallFinished("WatchTimeline", static_cast<int>(status.code()), Monotonic() - start_);
    Finish(ToGrpc(status));
  }

 private:
  void SchedulePull() {
    if (!calls_.pool()->Run([self = shared_from_this()] { self->Pull(); })) {
      End(Reject(v1::REASON_OVERLOADED, "too many queries are waiting: watch again later"));
    }
  }

  void Pull() {
    if (watch_ == nullptr) {
      const QueriesOptions& o = calls_.queries()->options();
      auto opened = TimelineWatch::Open(*o.log, o.person_keys, *o.store, *o.runner, caller_, request_, o.proven);
      if (!opened.ok()) return End(opened.status());
      std::lock_guard lock(mu_);
      watch_ = *std::move(opened);
      if (done_) watch_->Stop();
    }
    auto entries = watch_->Next(kBatch);
    if (!entries.ok()) return End(entries.status());
    if (!entries->empty()) {
      batch_ = *std::move(entries);
      next_ = 0;
      return WriteNext();
    }
    if (!watch_->caught_up()) return SchedulePull();  // Nothing in this stretch was selected.
    watch_->NotifyWhenMore(
        [self = shared_from_this()](const absl::Status& more) { more.ok() ? self->SchedulePull() : self->End(more); });
  }

  void WriteNext() {
    std::lock_guard lock(mu_);
    if (finished_) return;
    writing_ = true;
    *response_.mutable_timeline_entry() = std::move(batch_[next_++]);
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    absl::Status end;
    {
      std::lock_guard lock(mu_);
      writing_ = false;
      end = ok ? end_ : absl::CancelledError("the client has gone");
    }
    if (!end.ok()) return End(end);
    next_ < batch_.size() ? WriteNext() : SchedulePull();
  }

  void OnCancel() override { End(absl::CancelledError("the client stopped watching")); }

  void OnDone() override {
    watches_.Forget(this);
    {
      // Otherwise a watch of a quiet relationship would stay until something happens there.
      std::lock_guard lock(mu_);
      done_ = true;
      if (watch_ != nullptr) watch_->Stop();
    }
    self_.reset();
  }

  grpc::CallbackServerContext* const context_;
  const v1::WatchTimelineRequest request_;
  Calls& calls_;
  Watches& watches_;
  const absl::Duration start_;
  Caller caller_;
  std::shared_ptr<Watch> self_;
  // One pull or one write is under way at a time, so these need no lock; but watch_ is set and stopped under mu_.
  std::unique_ptr<TimelineWatch> watch_;
  std::vector<v1::TimelineEntry> batch_;
  size_t next_ = 0;
  v1::WatchTimelineResponse response_;

  std::mutex mu_;
  bool writing_ = false;
  bool finished_ = false;
  bool done_ = false;
  absl::Status end_;  // How to end after the write under way.
};

grpc::ServerWriteReactor<v1::WatchTimelineResponse>* Watches::Start(grpc::CallbackServerContext* context,
                                                                    const v1::WatchTimelineRequest* request,
                                                                    Calls& calls) {
  auto watch = std::make_shared<Watch>(context, request, calls, *this);
  absl::Status refused;
  {
    std::lock_guard lock(mu_);
    refused = ended_;
    if (refused.ok() && open_.size() >= max_) {
      refused = Reject(v1::REASON_OVERLOADED, "too many timelines are being watched: try again later");
    }
    if (refused.ok()) open_[watch.get()] = watch;
  }
  watch->Begin(refused);
  return watch.get();
}

void Watches::EndAll(const absl::Status& status) {
  std::vector<std::shared_ptr<Watch>> open;
  {
    std::lock_guard lock(mu_);
    ended_ = status;
    for (const auto& [raw, weak] : open_) {
      if (auto watch = weak.lock()) open.push_back(std::move(watch));
    }
  }
  for (const auto& watch : open) watch->End(status);
}

size_t Watches::count() const {
  std::lock_guard lock(mu_);
  return open_.size();
}

void Watches::Forget(const Watch* watch) {
  std::lock_guard lock(mu_);
  open_.erase(watch);
}

}  // namespace parley
