#include "services/server/export_stream.h"

#include <utility>

namespace parley {
namespace {

class ExportStream final : public PulledStream<v1::ExportBundleResponse> {
 public:
  ExportStream(grpc::CallbackServerContext* context, const v1::ExportBundleRequest* request, Calls& calls,
               const Bundles& bundles, OpenStreams& exports)
      : PulledStream(context, calls, exports, "ExportBundle"), request_(*request), bundles_(bundles) {}

 private:
  std::shared_ptr<ExportStream> Self() { return std::static_pointer_cast<ExportStream>(shared_from_this()); }

  void Started() override {
    AwaitThen(request_, [this] { ChooseSize(); });
  }
  void Taken() override {
    Schedule([this] { Pull(); });
  }

  void ChooseSize() {
    bundles_.ChooseSize(caller(), request_, [self = Self()](const absl::StatusOr<uint64_t>& size) {
      if (!size.ok()) return self->End(size.status());
      self->Schedule([self = self.get(), size = *size] { self->Open(size); });
    });
  }

  void Open(uint64_t size) {
    auto opened = bundles_.Open(caller(), request_, size);
    if (!opened.ok()) return End(opened.status());
    export_ = *std::move(opened);
    Pull();
  }

  void Pull() {
    auto piece = export_->Next();
    if (!piece.ok()) return End(piece.status());
    *piece ? Write(**std::move(piece)) : End(absl::OkStatus());
  }

  const v1::ExportBundleRequest request_;
  const Bundles& bundles_;
  std::unique_ptr<BundleExport> export_;
};

}  // namespace

grpc::ServerWriteReactor<v1::ExportBundleResponse>* StartExport(grpc::CallbackServerContext* context,
                                                                const v1::ExportBundleRequest* request, Calls& calls,
                                                                const Bundles& bundles, OpenStreams& exports) {
  return std::make_shared<ExportStream>(context, request, calls, bundles, exports)->Begin();
}

}  // namespace parley
