#include "services/verify/explain.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tile.h"
#include "parley/v1/membership.pb.h"
#include "projections/replayed_store.h"
#include "projections/resources.h"
#include "projections/runner.h"
#include "services/aggregate/recheck.h"
#include "services/query/timeline.h"
#include "services/verify/bundle_entries.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"
#include "services/verify/released_keys.h"
#include "services/verify/rights.h"
#include "services/verify/scratch.h"
#include "services/verify/signatures.h"

namespace parley {
namespace {

// Keys of rows part their fields by NUL.
std::string Printable(std::string_view key) {
  std::string out(key);
  std::replace(out.begin(), out.end(), '\0', '/');
  return out;
}

// Full name of the message in a row of resources: their keys begin with the collection.
std::string ResourceTypeOf(std::string_view model, std::string_view key) {
  if (model != ResourcesProjection::kName && model != OwnResourcesProjection::kName) return "";
  const AggregateType* type = AggregateOfCollection(key.substr(0, key.find('\0')));
  return type == nullptr ? "" : type->resource->GetDescriptor()->full_name();
}

// Rows of all read models that are not the same in both views.
absl::StatusOr<std::vector<RowChange>> Compare(ReadView& before, ReadView& after, const LedgerId& ledger) {
  std::vector<RowChange> changes;
  for (const Projection* projection : AllProjections()) {
    const std::string model = projection->name();
    std::vector<RowChange> of_model;
    absl::Status read;
    const auto add = [&](std::string_view key, std::optional<std::string> was, std::optional<std::string> is) {
      of_model.push_back({model, Printable(key), std::move(was), std::move(is), ResourceTypeOf(model, key)});
    };
    PARLEY_RETURN_IF_ERROR(after.Scan(model, ledger, "", "", [&](std::string_view key, std::string_view value) {
      auto was = before.GetBytes(model, ledger, key);
      if (!was.ok()) return read = was.status(), false;
      if (*was != value) add(key, *std::move(was), std::string(value));
      return true;
    }));
    PARLEY_RETURN_IF_ERROR(read);
    PARLEY_RETURN_IF_ERROR(before.Scan(model, ledger, "", "", [&](std::string_view key, std::string_view value) {
      const auto is = after.GetBytes(model, ledger, key);
      if (!is.ok()) return read = is.status(), false;
      if (!*is) add(key, std::string(value), std::nullopt);
      return true;
    }));
    PARLEY_RETURN_IF_ERROR(read);
    std::sort(of_model.begin(), of_model.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    std::move(of_model.begin(), of_model.end(), std::back_inserter(changes));
  }
  return changes;
}

class Explainer {
 public:
  Explainer(const ExplainOptions& options, const BundleDir& bundle, const BundleContents& contents,
            Explanation& explanation)
      : options_(options),
        bundle_(bundle),
        contents_(contents),
        out_(explanation),
        state_(contents.ledger),
        recheck_(contents.ledger) {}

  absl::Status Explain() {
    PARLEY_ASSIGN_OR_RETURN(auto store, NewScratchStore(options_.scratch));
    PARLEY_ASSIGN_OR_RETURN(models_, ReplayedStore::Make(std::move(store), AllProjections()));
    bool judged = false;
    const absl::Status walked =
        ForEachStored(bundle_, 0, [&](uint64_t sequence, const v1::StoredEntry& stored) -> absl::Status {
          PARLEY_RETURN_IF_ERROR(Take(sequence, stored));
          // A command is judged when the next one begins.
          judged = recheck_.state().next_sequence() > options_.sequence;
          return judged ? absl::CancelledError() : absl::OkStatus();
        });
    if (!judged) {
      PARLEY_RETURN_IF_ERROR(walked);
      recheck_.Finish().IgnoreError();
    }
    for (const Breach& breach : recheck_.breaches()) {
      if (breach.sequence == options_.sequence) out_.refusal = breach.message;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Take(uint64_t sequence, const v1::StoredEntry& stored) {
    Entry entry{.position = {.offset = sequence}};
    if (stored.parts().empty()) {
      PARLEY_ASSIGN_OR_RETURN(entry.header, DecodeHeader(stored, entry.position));
      recheck_.Withheld(entry.header).IgnoreError();
      if (sequence == options_.sequence) return Render(entry);
      if (sequence > options_.sequence) return absl::OkStatus();
      state_.Skip(sequence, FromProto(entry.header.recorded_at()));
      return models_->Skip(entry);
    }
    PARLEY_ASSIGN_OR_RETURN(entry, DecodeEntry(stored, entry.position));
    if (const absl::Status added = recheck_.Add(entry); absl::IsDataLoss(added)) return added;
    if (sequence == options_.sequence) return Show(entry);
    if (sequence > options_.sequence) return absl::OkStatus();
    PARLEY_RETURN_IF_ERROR(state_.Apply(entry));
    return models_->Add(entry);
  }

  absl::Status Render(const Entry& entry) {
    v1::Membership reader;
    if (!bundle_.manifest().reader.empty()) reader.add_grants()->set_party_id(bundle_.manifest().reader);
    std::unique_ptr<ReleasedKeys> keys;
    if (options_.keys != nullptr) keys = std::make_unique<ReleasedKeys>(*options_.keys);
    const uint64_t size = contents_.head().checkpoint.size;
    PARLEY_ASSIGN_OR_RETURN(out_.entry, RenderEntry(entry, reader, keys.get(), {.checkpointed = size}));
    return absl::OkStatus();
  }

  absl::Status Show(const Entry& entry) {
    PARLEY_RETURN_IF_ERROR(Render(entry));
    PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
    out_.rights = RightsOf(state_, event);
    PARLEY_ASSIGN_OR_RETURN(const auto before, models_->View());
    PARLEY_RETURN_IF_ERROR(models_->Add(entry));
    PARLEY_ASSIGN_OR_RETURN(const auto after, models_->View());
    PARLEY_ASSIGN_OR_RETURN(out_.changes, Compare(*before, *after, contents_.ledger));
    return absl::OkStatus();
  }

  const ExplainOptions& options_;
  const BundleDir& bundle_;
  const BundleContents& contents_;
  Explanation& out_;
  LedgerState state_;  // Up to the entry.
  Rechecker recheck_;
  std::unique_ptr<ReplayedStore> models_;
};

// Who signed a checkpoint over the entry: under the policy, or without one under the keys that the record names.
CoveringNote Covering(const BundleNote& note, const BundleContents& contents, const Policy* policy) {
  const uint64_t size = note.checkpoint.size;
  CoveringNote out{.size = size, .root = note.checkpoint.root};
  const auto cosigned = [&](const std::string& by, const std::vector<NoteVerifierKey>& keys) {
    const Signed found = SignedBy(note.note, keys);
    if (found.good && !found.wrong) out.cosigned.push_back({size, by, found.time});
  };
  if (policy != nullptr) {
    out.signed_by_log = SignedBy(note.note, LogKeysFor(note, contents, *policy->LogOf(note.checkpoint.origin))).good;
    for (const auto& [name, trusted] : policy->witnesses()) cosigned(name, contents.keys.ValidAt(trusted, size));
    return out;
  }
  out.signed_by_log = SignedBy(note.note, contents.keys.LogKeysAt(size)).good;
  for (const KeyRing::Key& key : contents.keys.keys()) {
    if (!key.party_id.empty() && key.ValidAt(size)) cosigned("party " + key.party_id, {key.key});
  }
  return out;
}

absl::Status Prove(const BundleDir& bundle, const BundleContents& contents, uint64_t sequence, Explanation& out) {
  const uint64_t size = contents.head().checkpoint.size;
  const NodeReader nodes = NodesFromTiles(size, [&](TileId tile) { return bundle.Read(tile.Path()); });
  PARLEY_ASSIGN_OR_RETURN(out.inclusion, InclusionProof(sequence, size, nodes));
  PARLEY_ASSIGN_OR_RETURN(const auto entries, bundle.ReadEntries(sequence / kTileWidth));
  out.leaf_hash = LeafHash(entries[sequence % kTileWidth].header());
  return VerifyInclusion(sequence, size, out.leaf_hash, out.inclusion, out.root);
}

}  // namespace

absl::StatusOr<Explanation> ExplainEntry(const ExplainOptions& options) {
  PARLEY_ASSIGN_OR_RETURN(const BundleDir bundle, BundleDir::Open(options.bundle));
  const uint64_t size = bundle.manifest().size;
  if (options.sequence >= size) {
    return absl::OutOfRangeError(absl::StrCat("the bundle has the entries 0 to ", size - 1));
  }
  const Policy* const policy = options.policy ? &*options.policy : nullptr;
  const NoteVerifierKey* const log_key = policy == nullptr ? nullptr : policy->LogOf(bundle.manifest().origin);
  if (policy != nullptr && log_key == nullptr) {
    return absl::InvalidArgumentError("the policy trusts no log " + bundle.manifest().origin);
  }
  Findings findings;
  VerifyReport report;
  const auto contents = ReadContents(bundle, options.keys, {}, findings, report);
  if (!contents || !contents->readable) {
    const Finding first = findings.List().front();
    return absl::InvalidArgumentError("the bundle is " + std::string(VerdictName(first.verdict)) + ": " + first.what);
  }
  // How old it is, is the verifier's business.
  if (policy != nullptr) {
    CheckSignatures(*policy, *log_key, bundle, *contents, absl::InfinitePast(), findings, report);
  }
  Explanation out;
  out.origin = bundle.manifest().origin;
  out.size = size;
  out.root = report.root;
  PARLEY_RETURN_IF_ERROR(Explainer(options, bundle, *contents, out).Explain());
  if (const absl::Status proven = Prove(bundle, *contents, options.sequence, out); !proven.ok()) {
    findings.Add(Verdict::kAltered, options.sequence, std::string(proven.message()));
  }
  for (const BundleNote& note : contents->notes) {
    const bool head = &note == &contents->head();
    if (note.checkpoint.size <= options.sequence || (!head && !out.notes.empty())) continue;
    out.notes.push_back(Covering(note, *contents, policy));
  }
  for (const Witnessed& timestamp : report.timestamps) {
    if (timestamp.size > options.sequence) out.timestamps.push_back(timestamp);
  }
  out.findings = findings.List();
  return out;
}

}  // namespace parley
