#include "projections/replayed_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/read_store.pb.h"
#include "projections/store_keys.h"
#include "services/aggregate/aggregate.h"

namespace parley {
namespace {

// Entries whose rows are kept in memory until they are written.
constexpr size_t kBatch = 500;
// What stays in memory from batch to batch.
constexpr size_t kKeepBytes = 32 << 20;

v1::ReadModelDigest Described(const Projection& projection, std::string sha256) {
  v1::ReadModelDigest out;
  out.set_model(projection.name());
  out.set_version(projection.version());
  out.set_fold_version(kFoldVersion);
  out.set_sha256(std::move(sha256));
  return out;
}

void SortByModel(std::vector<v1::ReadModelDigest>& digests) {
  std::sort(digests.begin(), digests.end(), [](const auto& a, const auto& b) { return a.model() < b.model(); });
}

}  // namespace

ReplayedStore::ReplayedStore(std::unique_ptr<KvStore> store, const std::vector<const Projection*>& projections)
    : store_(std::move(store)), fold_(*store_, /*read_again=*/nullptr, Fold::Mode::kFollow, kKeepBytes) {
  for (const Projection* projection : projections) {
    generations_.push_back(std::make_unique<Generation>(*projection, generations_.size() + 1, 1, 1));
    all_.push_back(generations_.back().get());
  }
}

absl::StatusOr<std::unique_ptr<ReplayedStore>> ReplayedStore::Make(std::unique_ptr<KvStore> store,
                                                                   const std::vector<const Projection*>& projections) {
  std::unique_ptr<ReplayedStore> out(new ReplayedStore(std::move(store), projections));
  KvBatch batch;
  for (const Generation* generation : out->all_) {
    v1::ProjectionCatalog catalog;
    auto* row = catalog.add_generations();
    row->set_number(generation->number);
    row->set_version(generation->projection->version());
    row->set_fold_version(kFoldVersion);
    catalog.set_live(generation->number);
    batch.Put(store_keys::Catalog(generation->projection->name()), Canonical(catalog));
  }
  PARLEY_RETURN_IF_ERROR(out->store_->Write(batch));
  return out;
}

absl::Status ReplayedStore::Add(const Entry& entry) {
  PARLEY_RETURN_IF_ERROR(fold_.Add(entry, all_));
  PARLEY_RETURN_IF_ERROR(Added());
  ++folded_;
  return absl::OkStatus();
}

absl::Status ReplayedStore::Skip(const Entry& entry) {
  PARLEY_RETURN_IF_ERROR(fold_.Skip(entry, all_));
  return Added();
}

absl::Status ReplayedStore::Added() {
  if (const auto& stopped = fold_.first_stopped()) {
    return StoppedError(stopped->projection, LedgerId(stopped->ledger), stopped->quarantine);
  }
  ++size_;
  return ++pending_ < kBatch ? absl::OkStatus() : Write();
}

absl::Status ReplayedStore::Write() {
  KvBatch batch;
  PARLEY_RETURN_IF_ERROR(fold_.MoveInto(batch));
  PARLEY_RETURN_IF_ERROR(store_->Write(batch));
  pending_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ReadView>> ReplayedStore::View() {
  PARLEY_RETURN_IF_ERROR(Write());
  return std::make_unique<ReadView>(*store_);
}

absl::StatusOr<std::vector<v1::ReadModelDigest>> ReplayedStore::Digests(const LedgerId& ledger) {
  PARLEY_RETURN_IF_ERROR(Write());
  std::vector<v1::ReadModelDigest> out;
  for (const Generation* generation : all_) {
    if (generation->projection->sees() != Sees::kJoint) continue;
    PARLEY_ASSIGN_OR_RETURN(LedgerDigest digest, DigestLedger(*store_, generation->number, ledger.str()));
    out.push_back(Described(*generation->projection, std::move(digest.sha256)));
  }
  SortByModel(out);
  return out;
}

absl::StatusOr<std::vector<v1::ReadModelDigest>> LiveDigests(ReadView& view, const LedgerId& ledger, uint64_t* size) {
  std::vector<v1::ReadModelDigest> out;
  std::optional<uint64_t> reached;
  for (const auto& projection : Projections()) {
    if (projection->sees() != Sees::kJoint) continue;
    const std::string name = projection->name();
    PARLEY_RETURN_IF_ERROR(view.RequireFollowed(name, ledger));
    PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, view.Live(name));
    if (live->row.version() != projection->version() || live->row.fold_version() != kFoldVersion) {
      return absl::UnavailableError("the read model " + name + " is being rebuilt");
    }
    PARLEY_ASSIGN_OR_RETURN(const uint64_t next, view.NextSequence(name, ledger));
    if (reached.value_or(next) != next) return absl::UnavailableError("the read models are not equally far");
    reached = next;
    PARLEY_ASSIGN_OR_RETURN(std::string digest, view.Digest(name, ledger));
    out.push_back(Described(*projection, std::move(digest)));
  }
  SortByModel(out);
  *size = reached.value_or(0);
  return out;
}

}  // namespace parley
