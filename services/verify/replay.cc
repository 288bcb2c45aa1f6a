#include "services/verify/replay.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/tile.h"
#include "projections/runner.h"
#include "services/verify/findings.h"
#include "services/verify/released_keys.h"
#include "services/verify/scratch.h"

namespace parley {
namespace {

using google::protobuf::Message;

// Pages of a bundle are nobody's secret: their tokens only need to fit their own query.
constexpr char kPageTokenKey[] = "pages of a bundle are public";

// An entry of the bundle: the header alone where its parts are withheld from this reader.
absl::StatusOr<Entry> EntryOf(v1::StoredEntry stored, uint64_t sequence) {
  const Position position{.offset = sequence};
  if (!stored.parts().empty()) return DecodeEntry(std::move(stored), position);
  Entry withheld{.position = position};
  PARLEY_ASSIGN_OR_RETURN(withheld.header, DecodeHeader(stored, position));
  return withheld;
}

absl::Status NotWhole(const Finding& finding) {
  return absl::InvalidArgumentError("the bundle is " + std::string(VerdictName(finding.verdict)) + ": " + finding.what);
}

}  // namespace

absl::StatusOr<v1::Membership> BundleReplay::ReaderAccess::Member(const LedgerId& ledger) const {
  if (ledger != ledger_) return NoSuchResource("relationships/" + ledger.str());
  v1::Membership membership;
  if (!reader_.empty()) membership.add_grants()->set_party_id(reader_);
  return membership;
}

BundleReplay::BundleReplay(BundleDir bundle, BundleContents contents, Past past, const v1::PersonKeys* keys)
    : bundle_(std::move(bundle)),
      contents_(std::move(contents)),
      past_(std::move(past)),
      access_(contents_.ledger, bundle_.manifest().reader),
      keys_(keys == nullptr ? nullptr : std::make_unique<ReleasedKeys>(*keys)),
      page_tokens_(kPageTokenKey) {}

absl::StatusOr<std::unique_ptr<BundleReplay>> BundleReplay::Open(const ReplayOptions& options) {
  PARLEY_ASSIGN_OR_RETURN(BundleDir bundle, BundleDir::Open(options.bundle));
  Findings findings;
  VerifyReport report;
  auto contents = ReadContents(bundle, options.keys, {}, findings, report);
  if (const auto found = findings.List(); !found.empty()) return NotWhole(found.front());
  if (!contents) return absl::InternalError("a bundle without contents and without findings");

  // There is no clock here that could say what lies in the future.
  PARLEY_ASSIGN_OR_RETURN(const Horizon horizon,
                          Horizon::Make(options.as_of, bundle.manifest().size, absl::InfiniteFuture()));
  PARLEY_ASSIGN_OR_RETURN(auto store, NewScratchStore(options.scratch));
  const ReaderAccess access(contents->ledger, bundle.manifest().reader);
  PARLEY_ASSIGN_OR_RETURN(const v1::Membership reader, access.Member(contents->ledger));
  PARLEY_ASSIGN_OR_RETURN(Past past, Past::Make(horizon, reader, AllProjections(), std::move(store)));
  std::unique_ptr<BundleReplay> replay(
      new BundleReplay(std::move(bundle), *std::move(contents), std::move(past), options.keys));
  PARLEY_RETURN_IF_ERROR(replay->TakeEntries());
  const absl::Time asked_for =
      std::max(horizon.known_time.value_or(absl::InfinitePast()), horizon.true_time.value_or(absl::InfinitePast()));
  replay->beyond_ = asked_for > report.last_recorded_at;
  PARLEY_ASSIGN_OR_RETURN(replay->view_, replay->past_.View());
  return replay;
}

absl::Status BundleReplay::TakeEntries() {
  for (uint64_t tile = 0; !past_.complete(); ++tile) {
    PARLEY_ASSIGN_OR_RETURN(std::vector<v1::StoredEntry> stored, bundle_.ReadEntries(tile));
    for (size_t i = 0; i < stored.size() && !past_.complete(); ++i) {
      PARLEY_ASSIGN_OR_RETURN(const Entry entry, EntryOf(std::move(stored[i]), tile * kTileWidth + i));
      PARLEY_RETURN_IF_ERROR(past_.Take(entry));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Entry> BundleReplay::ReadOne(const LedgerId& ledger, uint64_t sequence) const {
  if (ledger != contents_.ledger || sequence >= bundle_.manifest().size) {
    return absl::NotFoundError("the bundle has no such entry");
  }
  PARLEY_ASSIGN_OR_RETURN(std::vector<v1::StoredEntry> stored, bundle_.ReadEntries(sequence / kTileWidth));
  return EntryOf(std::move(stored[sequence % kTileWidth]), sequence);
}

absl::Status BundleReplay::Answer(const Message& request, Message& response) const {
  if (request.GetDescriptor()->FindFieldByName("as_of") == nullptr || AsOfIn(request) != nullptr) {
    return absl::InvalidArgumentError(request.GetDescriptor()->name() + " is not asked of a moment settled before");
  }
  const QueryContext context{
      .view = *view_,
      .access = access_,
      .read_entry = [this](const LedgerId& ledger, uint64_t sequence) { return ReadOne(ledger, sequence); },
      .person_keys = keys_.get(),
      .caller = caller_,
      .page_tokens = page_tokens_,
      .read_time = past_.read_time()};
  const QueryHandler& handler = handlers_.Of(request);
  PARLEY_RETURN_IF_ERROR(handler.answer(context, request, response));
  v1::Basis basis = past_.BasisOf(handler.models);
  for (const BundleNote& note : contents_.notes) {
    if (note.checkpoint.size < basis.size()) continue;
    basis.set_checkpoint(note.note.ToString());
    break;
  }
  SetBasis(std::move(basis), response);
  return absl::OkStatus();
}

}  // namespace parley
