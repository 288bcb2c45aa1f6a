#include "services/server/watch.h"

#include <vector>

#include "services/query/timeline.h"

namespace parley {
namespace {

// How many entries are read ahead of the client at most.
constexpr size_t kBatch = 64;

class Watch final : public PulledStream<v1::WatchTimelineResponse> {
 public:
  Watch(grpc::CallbackServerContext* context, const v1::WatchTimelineRequest* request, Calls& calls,
        OpenStreams& watches)
      : PulledStream(context, calls, watches, "WatchTimeline"), request_(*request) {}

 private:
  std::shared_ptr<Watch> Self() { return std::static_pointer_cast<Watch>(shared_from_this()); }

  void Started() override {
    AwaitThen(request_, [this] { Pull(); });
  }
  void Taken() override { next_ < batch_.size() ? WriteNext() : SchedulePull(); }

  // Otherwise a watch of a quiet relationship would stay until something happens there.
  void Over() override {
    std::lock_guard lock(mu_);
    over_ = true;
    if (watch_ != nullptr) watch_->Stop();
  }

  void SchedulePull() {
    Schedule([this] { Pull(); });
  }

  void Pull() {
    if (watch_ == nullptr) {
      const QueriesOptions& o = calls().queries()->options();
      auto opened = TimelineWatch::Open(*o.log, o.person_keys, *o.store, *o.runner, caller(), request_, o.proven);
      if (!opened.ok()) return End(opened.status());
      std::lock_guard lock(mu_);
      watch_ = *std::move(opened);
      if (over_) watch_->Stop();
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
        [self = Self()](const absl::Status& more) { more.ok() ? self->SchedulePull() : self->End(more); });
  }

  void WriteNext() {
    v1::WatchTimelineResponse response;
    *response.mutable_timeline_entry() = std::move(batch_[next_++]);
    Write(std::move(response));
  }

  const v1::WatchTimelineRequest request_;
  std::mutex mu_;  // watch_ is set and stopped under it.
  bool over_ = false;
  std::unique_ptr<TimelineWatch> watch_;
  std::vector<v1::TimelineEntry> batch_;
  size_t next_ = 0;
};

}  // namespace

grpc::ServerWriteReactor<v1::WatchTimelineResponse>* StartWatch(grpc::CallbackServerContext* context,
                                                                const v1::WatchTimelineRequest* request, Calls& calls,
                                                                OpenStreams& watches) {
  return std::make_shared<Watch>(context, request, calls, watches)->Begin();
}

}  // namespace parley
