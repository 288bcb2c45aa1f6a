#include "services/verify/history.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "projections/replayed_store.h"
#include "projections/runner.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/recheck.h"
#include "services/query/past.h"
#include "services/verify/bundle_entries.h"
#include "services/verify/digest_check.h"
#include "services/verify/scratch.h"

namespace parley {
namespace {

absl::StatusOr<std::unique_ptr<ReplayedStore>> NewModels(const std::string& path) {
  PARLEY_ASSIGN_OR_RETURN(auto store, NewScratchStore(path));
  return ReplayedStore::Make(std::move(store), AllProjections());
}

class History {
 public:
  History(const BundleDir& bundle, const BundleContents& contents, const HistoryOptions& options, Findings& findings,
          VerifyReport& report)
      : bundle_(bundle),
        contents_(contents),
        options_(options),
        findings_(findings),
        report_(report),
        recheck_(contents.ledger) {
    // An entry must not be later than any time over a tree that it is in: the earliest of this and all larger sizes.
    bounds_ = options.seen_by;
    std::stable_sort(bounds_.begin(), bounds_.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
    for (size_t i = bounds_.size(); i-- > 1;) {
      if (bounds_[i].time < bounds_[i - 1].time) {
        bounds_[i - 1].time = bounds_[i].time;
        bounds_[i - 1].by = bounds_[i].by;
      }
    }
  }

  absl::Status Replay() {
    PARLEY_ASSIGN_OR_RETURN(models_, NewModels(options_.scratch + "/now"));
    digests_.emplace(*models_, contents_, findings_, report_);
    PARLEY_RETURN_IF_ERROR(BeginThen());
    const absl::Status replayed =
        ForEachStored(bundle_, 0, [&](uint64_t sequence, const v1::StoredEntry& stored) -> absl::Status {
          PARLEY_RETURN_IF_ERROR(digests_->Before(sequence));
          PARLEY_RETURN_IF_ERROR(Next(stored, sequence));
          return stopped_ ? absl::CancelledError() : absl::OkStatus();
        });
    if (stopped_) return absl::OkStatus();
    PARLEY_RETURN_IF_ERROR(replayed);
    digests_->Finish();
    recheck_.Finish().IgnoreError();
    CheckReader();
    for (const Breach& breach : recheck_.breaches()) {
      findings_.Add(Verdict::kUnauthorised, breach.sequence, breach.message);
    }
    PARLEY_ASSIGN_OR_RETURN(report_.digests, models_->Digests(contents_.ledger));
    if (then_) {
      PARLEY_ASSIGN_OR_RETURN(report_.as_of_digests, then_->store().Digests(contents_.ledger));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Next(const v1::StoredEntry& stored, uint64_t sequence) {
    const Position position{.offset = sequence};
    if (stored.parts().empty()) {
      Entry withheld{.position = position};
      PARLEY_ASSIGN_OR_RETURN(withheld.header, DecodeHeader(stored, position));
      CheckRecordedAt(withheld.header);
      recheck_.Withheld(withheld.header).IgnoreError();  // A breach is kept there.
      PARLEY_RETURN_IF_ERROR(TakeThen(withheld));
      return models_->Skip(withheld);
    }
    PARLEY_ASSIGN_OR_RETURN(const Entry entry, DecodeEntry(stored, position));
    CheckRecordedAt(entry.header);
    CheckEffectiveAt(entry);
    if (const absl::Status checked = recheck_.Add(entry); absl::IsDataLoss(checked)) return Stop(entry, checked);
    Remember(entry);
    PARLEY_RETURN_IF_ERROR(digests_->Add(entry));
    const absl::Status folded = models_->Add(entry);
    if (absl::IsDataLoss(folded)) return Stop(entry, folded);
    PARLEY_RETURN_IF_ERROR(folded);
    return TakeThen(entry);
  }

  // The read models as of the past, where they are asked for.
  absl::Status BeginThen() {
    const v1::AsOf& as_of = options_.as_of;
    if (!as_of.has_known_time() && !as_of.has_known_size() && !as_of.has_true_time()) return absl::OkStatus();
    PARLEY_ASSIGN_OR_RETURN(const Horizon horizon,
                            Horizon::Make(as_of, contents_.head().checkpoint.size, absl::InfiniteFuture()));
    v1::Membership reader;
    if (!report_.reader.empty()) reader.add_grants()->set_party_id(report_.reader);
    PARLEY_ASSIGN_OR_RETURN(auto store, NewScratchStore(options_.scratch + "/then"));
    PARLEY_ASSIGN_OR_RETURN(then_, Past::Make(horizon, reader, AllProjections(), std::move(store)));
    return absl::OkStatus();
  }
  absl::Status TakeThen(const Entry& entry) {
    return !then_ || then_->complete() ? absl::OkStatus() : then_->Take(entry);
  }

  // As somebody who is nobody there one is kept everything that anybody has for themselves.
  void CheckReader() {
    const auto& parties = recheck_.state().relationship().parties();
    const auto is_reader = [&](const v1::Party& party) { return party.party_id() == report_.reader; };
    if (report_.reader.empty() || std::any_of(parties.begin(), parties.end(), is_reader)) return;
    findings_.Add(Verdict::kDamaged, std::nullopt, "the manifest's reader is no party of it: " + report_.reader);
  }

  // Nothing can be said of what follows an entry that is of no known kind, or that the read models cannot take in.
  absl::Status Stop(const Entry& entry, const absl::Status& why) {
    findings_.Add(Verdict::kDamaged, entry.sequence(),
                  absl::StrCat("entry ", entry.sequence(), ": ", std::string(why.message())));
    stopped_ = true;
    return absl::OkStatus();
  }

  void Backdated(uint64_t sequence, std::string what) {
    findings_.Add(Verdict::kBackdated, sequence, absl::StrCat("entry ", sequence, ": ", std::move(what)));
  }

  void CheckRecordedAt(const v1::EntryHeader& header) {
    const absl::Time recorded_at = FromProto(header.recorded_at());
    if (recorded_at < last_recorded_at_) {
      Backdated(header.sequence(), "recorded at " + Rfc3339(recorded_at) + ", before the entry before it");
    }
    last_recorded_at_ = std::max(last_recorded_at_, recorded_at);
    while (bound_ < bounds_.size() && bounds_[bound_].size <= header.sequence()) ++bound_;
    // Who saw it says so in whole seconds.
    if (bound_ == bounds_.size() || absl::FromUnixSeconds(absl::ToUnixSeconds(recorded_at)) <= bounds_[bound_].time)
      return;
    Backdated(header.sequence(), absl::StrCat("recorded at ", Rfc3339(recorded_at), ", but ", bounds_[bound_].by,
                                              " saw it at ", Rfc3339(bounds_[bound_].time)));
  }

  void CheckEffectiveAt(const Entry& entry) {
    const absl::Time effective_at = FromProto(entry.record.effective_at());
    if (effective_at == absl::InfinitePast()) return Backdated(entry.sequence(), "says no time when it became true");
    if (effective_at > FromProto(entry.header.recorded_at())) {
      Backdated(entry.sequence(), "effective later than it was recorded: " + Rfc3339(effective_at));
    }
    const std::string& stream = entry.record.stream();
    const auto recent = recent_.find(stream);
    const absl::Time last = recent == recent_.end() ? recheck_.state().LastEffectiveAt(stream) : recent->second;
    if (effective_at < last) {
      Backdated(entry.sequence(),
                "effective at " + Rfc3339(effective_at) + ", before the latest event of the same resource");
    }
  }

  // What the recheck has not judged yet is not in its state either.
  void Remember(const Entry& entry) {
    if (recheck_.state().next_sequence() == entry.sequence()) recent_.clear();
    recent_[entry.record.stream()] = FromProto(entry.record.effective_at());
  }

  const BundleDir& bundle_;
  const BundleContents& contents_;
  const HistoryOptions& options_;
  Findings& findings_;
  VerifyReport& report_;

  Rechecker recheck_;
  std::unique_ptr<ReplayedStore> models_;
  std::optional<DigestCheck> digests_;
  std::optional<Past> then_;
  std::vector<Witnessed> bounds_;  // By size, times not going back.
  size_t bound_ = 0;               // The first over a tree that the entry at hand is in.
  absl::Time last_recorded_at_ = absl::InfinitePast();
  std::map<std::string, absl::Time> recent_;  // effective_at by stream, of what the recheck has not judged.
  bool stopped_ = false;
};

}  // namespace

absl::Status ReplayHistory(const BundleDir& bundle, const BundleContents& contents, const HistoryOptions& options,
                           Findings& findings, VerifyReport& report) {
  return History(bundle, contents, options, findings, report).Replay();
}

}  // namespace parley
