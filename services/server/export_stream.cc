#include "services/server/export_stream.h"

#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"

namespace parley {

// Reads on the query pool's threads, one piece at a time, and only once the client took the one before: a slow client costs one tile of
// memory and no thread. It owns itself until gRPC says that the stream is over and the last callback has returned.
class ExportStream final : public grpc::ServerWriteReactor<v1::ExportBundleResponse>,
                           public std::enable_shared_from_this<ExportStream> {
 public:
  ExportStream(grpc::CallbackServerContext* context, const v1::ExportBundleRequest* request, Calls& calls,
               const Bundles& bundles, ExportStreams& streams)
      : context_(context),
        request_(*request),
        calls_(calls),
        bundles_(bundles),
        streams_(streams),
        start_(Monotonic()) {}

  // Starts, or ends at once where it is refused.
  void Begin(const absl::Status& refused) {
    self_ = shared_from_this();
    if (!refused.ok()) return End(refused);
    const auto identity = calls_.Authenticate(*context_);
    if (!identity.ok()) return End(identity.status());
    caller_.principal = identity->principal;
    Schedule([this] { ChooseSize(); });
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
    calls_.metrics()->CallFinished("ExportBundle", static_cast<int>(status.code()), Monotonic() - start_);
    Finish(ToGrpc(status));
  }

 private:
  void Schedule(std::function<void()> step) {
    const bool queued = calls_.pool()->Run([self = shared_from_this(), step = std::move(step)] {
      if (!self->finished()) step();
    });
    if (!queued) End(Reject(v1::REASON_OVERLOADED, "too many queries are waiting: export again later, it goes on"));
  }

  void ChooseSize() {
    bundles_.ChooseSize(caller_, request_, [self = shared_from_this()](const absl::StatusOr<uint64_t>& size) {
      if (!size.ok()) return self->End(size.status());
      self->Schedule([self = self.get(), size = *size] { self->Open(size); });
    });
  }

  void Open(uint64_t size) {
    auto opened = bundles_.Open(caller_, request_, size);
    if (!opened.ok()) return End(opened.status());
    export_ = *std::move(opened);
    Pull();
  }

  void Pull() {
    auto piece = export_->Next();
    if (!piece.ok()) return End(piece.status());
    if (!*piece) return End(absl::OkStatus());
    std::lock_guard lock(mu_);
    if (finished_) return;
    writing_ = true;
    response_ = **std::move(piece);
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
    Schedule([this] { Pull(); });
  }

  void OnCancel() override { End(absl::CancelledError("the client stopped the export")); }

  void OnDone() override {
    streams_.Forget(this);
    self_.reset();
  }

  bool finished() {
    std::lock_guard lock(mu_);
    return finished_;
  }

  grpc::CallbackServerContext* const context_;
  const v1::ExportBundleRequest request_;
  Calls& calls_;
  const Bundles& bundles_;
  ExportStreams& streams_;
  const absl::Duration start_;
  Caller caller_;
  std::shared_ptr<ExportStream> self_;
  // One step or one write is under way at a time, so these need no lock.
  std::unique_ptr<BundleExport> export_;
  v1::ExportBundleResponse response_;

  std::mutex mu_;
  bool writing_ = false;
  bool finished_ = false;
  absl::Status end_;  // How to end after the write under way.
};

grpc::ServerWriteReactor<v1::ExportBundleResponse>* ExportStreams::Start(grpc::CallbackServerContext* context,
                                                                         const v1::ExportBundleRequest* request,
                                                                         Calls& calls, const Bundles& bundles) {
  auto stream = std::make_shared<ExportStream>(context, request, calls, bundles, *this);
  absl::Status refused;
  {
    std::lock_guard lock(mu_);
    refused = ended_;
    if (refused.ok() && open_.size() >= max_) {
      refused = Reject(v1::REASON_OVERLOADED, "too many bundles are being exported: try again later");
    }
    if (refused.ok()) open_[stream.get()] = stream;
  }
  stream->Begin(refused);
  return stream.get();
}

void ExportStreams::EndAll(const absl::Status& status) {
  std::vector<std::shared_ptr<ExportStream>> open;
  {
    std::lock_guard lock(mu_);
    ended_ = status;
    for (const auto& [raw, weak] : open_) {
      if (auto stream = weak.lock()) open.push_back(std::move(stream));
    }
  }
  for (const auto& stream : open) stream->End(status);
}

size_t ExportStreams::count() const {
  std::lock_guard lock(mu_);
  return open_.size();
}

void ExportStreams::Forget(const ExportStream* stream) {
  std::lock_guard lock(mu_);
  open_.erase(stream);
}

}  // namespace parley
