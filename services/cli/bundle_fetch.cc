#include "services/cli/bundle_fetch.h"

#include <algorithm>
#include <memory>
#include <set>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/bundle_writer.h"
#include "parley/v1/audit.pb.h"
#include "services/cli/progress_bar.h"
#include "services/cli/table.h"

namespace parley {
namespace {

class Fetch {
 public:
  Fetch(Session& session, const BundleFetch& wanted, FetchedBundle* fetched)
      : session_(session), wanted_(wanted), fetched_(fetched) {}

  bool Run(int* exit_code) {
    auto writer = BundleWriter::Open(wanted_.directory, wanted_.reader);
    if (!writer.ok()) {
      *exit_code = session_.FailHere(writer.status());
      return false;
    }
    writer_ = std::make_unique<BundleWriter>(*std::move(writer));
    fetched_->had = writer_->whole() ? writer_->whole()->size : 0;
    const bool goes_on = writer_->begun() && (wanted_.size == 0 || wanted_.size == writer_->begun()->size);
    grpc::Status called = Transfer(goes_on);
    if (goes_on && wanted_.size == 0 && Gone(called)) called = Transfer(false);
    if (local_.ok() && called.ok()) local_ = writer_->Finish();
    if (local_.ok() && called.ok()) {
      fetched_->size = writer_->whole()->size;
      return true;
    }
    *exit_code = local_.ok() ? session_.Fail(called) : session_.FailHere(local_);
    if (fetched_->files > 0) {
      session_.streams.err << session_.err_screen.Paint(Tone::kDim,
                                                        "what came is kept: the same command goes on from there")
                           << "\n";
    }
    return false;
  }

 private:
  // A size that was begun cannot be had any more, since something was erased meanwhile.
  static bool Gone(const grpc::Status& called) { return called.error_code() == grpc::StatusCode::FAILED_PRECONDITION; }

  grpc::Status Transfer(bool goes_on) {
    v1::ExportBundleRequest request;
    request.set_name(wanted_.relationship);
    request.set_reader(wanted_.reader);
    request.set_have_size(writer_->have_size());
    request.set_size(wanted_.size);
    if (goes_on) {
      request.set_size(writer_->begun()->size);
      request.set_after_path(writer_->after_path());
    }
    ProgressBar bar(session_.streams.err, session_.err_screen, session_.streams.err_is_terminal, "exporting");
    v1::ExportBundleResponse response;
    const auto& method = *session_.api.FindMethod("parley.v1.AuditService.ExportBundle");
    return session_.client().Stream(method, request, &response, [&] {
      local_ = Take(request, response);
      if (local_.ok() && response.file_end() && !wanted_.quiet) {
        bar.Update(done_, expected_.size(), Grouped(static_cast<int64_t>(fetched_->bytes)) + " bytes", Monotonic());
      }
      return local_.ok();
    });
  }

  absl::Status Take(const v1::ExportBundleRequest& request, const v1::ExportBundleResponse& response) {
    if (response.size() > kMaxBundleEntries) return absl::InvalidArgumentError("no bundle has so many entries");
    if (response.size() > 0) Expect(request, response.size());
    PARLEY_RETURN_IF_ERROR(writer_->Append(response.path(), response.data()));
    if (response.path() == kCheckpointPath) note_ += response.data();
    fetched_->bytes += response.data().size();
    if (!response.file_end()) return absl::OkStatus();
    PARLEY_RETURN_IF_ERROR(writer_->EndFile());
    if (response.path() == kCheckpointPath) fetched_->note = note_;
    ++fetched_->files;
    if (expected_.contains(response.path())) ++done_;
    return absl::OkStatus();
  }

  // The tiles that are to come.
  void Expect(const v1::ExportBundleRequest& request, uint64_t size) {
    done_ = 0;
    note_.clear();
    expected_.clear();
    for (const TileId& tile : TilesOfBundle(size)) {
      const std::string path = tile.Path();
      const uint64_t had = request.have_size() >> (kTileHeight * tile.level);
      const bool there = tile.width == kTileWidth && (tile.index + 1) * kTileWidth <= had;
      if (!there && path > request.after_path()) expected_.insert(path);
    }
  }

  Session& session_;
  const BundleFetch& wanted_;
  FetchedBundle* const fetched_;
  std::unique_ptr<BundleWriter> writer_;
  std::set<std::string> expected_;
  std::string note_;
  uint64_t done_ = 0;
  absl::Status local_;
};

}  // namespace

bool FetchBundle(Session& session, const BundleFetch& wanted, FetchedBundle* fetched, int* exit_code) {
  return Fetch(session, wanted, fetched).Run(exit_code);
}

}  // namespace parley
