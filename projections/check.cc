#include "projections/check.h"

#include "eventstore/base/status.h"
#include "parley/v1/read_store.pb.h"
#include "projections/fold.h"
#include "projections/generation.h"
#include "projections/read_view.h"
#include "projections/store_keys.h"
#include "services/aggregate/aggregate.h"

namespace parley {
namespace {

constexpr size_t kLedgersAtATime = 1000;
constexpr size_t kKeepBytes = 32 << 20;

// The ledger's first `count` entries, folded from nothing. Leaves `scratch` as empty as it was.
absl::StatusOr<LedgerDigest> FoldAfresh(const EventLog& log, KvStore& scratch, const LedgerId& ledger, uint64_t count,
                                        Generation& generation) {
  const auto read = [&log](const LedgerId& of, uint64_t first) { return log.Read(of, first, {.entries = 1000}); };
  Fold fold(scratch, read, Fold::Mode::kFollow, kKeepBytes);
  for (uint64_t next = 0; next < count;) {
    PARLEY_ASSIGN_OR_RETURN(const auto entries, read(ledger, next));
    if (entries.empty()) break;
    for (const Entry& entry : entries) {
      if (entry.sequence() < count) PARLEY_RETURN_IF_ERROR(fold.Add(entry, {&generation}));
    }
    next = entries.back().sequence() + 1;
    KvBatch batch;
    PARLEY_RETURN_IF_ERROR(fold.MoveInto(batch));
    PARLEY_RETURN_IF_ERROR(scratch.Write(batch));
  }
  PARLEY_ASSIGN_OR_RETURN(LedgerDigest digest, DigestLedger(scratch, generation.number, ledger.str()));
  PARLEY_RETURN_IF_ERROR(scratch.DeleteRange("", ""));
  return digest;
}

class Checker {
 public:
  Checker(const EventLog& log, const KvStore& store, KvStore& scratch, const Projection& projection,
          uint64_t generation)
      : log_(log), store_(store), scratch_(scratch), generation_(projection, generation, 1, 1) {}

  absl::Status Check(const LedgerId& ledger, std::vector<std::string>& findings) {
    const std::string what = generation_.projection->name() + " of " + ledger.str();
    PARLEY_ASSIGN_OR_RETURN(const auto applied, store_.Get(store_keys::Applied(generation_.number, ledger.str())));
    const uint64_t count = applied ? ParseOrdered(*applied) : 0;
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, log_.NextSequence(ledger));
    if (count > end) {
      findings.push_back(what + " claims entries that the log does not have");
      return absl::OkStatus();
    }
    PARLEY_ASSIGN_OR_RETURN(const LedgerDigest found, DigestLedger(store_, generation_.number, ledger.str()));
    const auto expected = FoldAfresh(log_, scratch_, ledger, count, generation_);
    if (absl::IsDataLoss(expected.status()))
      return absl::OkStatus();  // The log's own check tells of what is damaged there.
    if (!expected.ok()) return expected.status();
    if (found.sha256 != expected->sha256) {
      findings.push_back(absl::StrCat(what, " is not what its first ", count, " entries give: ", found.rows,
                                      " rows for ", expected->rows));
    }
    return absl::OkStatus();
  }

 private:
  const EventLog& log_;
  const KvStore& store_;
  KvStore& scratch_;
  Generation generation_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckReadStore(const EventLog& log, const KvStore& store, KvStore& scratch,
                                                        const std::vector<const Projection*>& projections) {
  std::vector<std::string> findings;
  // Of a log that was replaced: the next start empties it.
  PARLEY_ASSIGN_OR_RETURN(const auto incarnation, store.Get(store_keys::Meta("incarnation")));
  if (incarnation != log.incarnation()) return findings;
  for (const Projection* projection : projections) {
    PARLEY_ASSIGN_OR_RETURN(const auto bytes, store.Get(store_keys::Catalog(projection->name())));
    v1::ProjectionCatalog catalog;
    if (bytes && !catalog.ParseFromString(*bytes))
      findings.push_back("the catalog of " + projection->name() + " is damaged");
    for (const v1::ProjectionGeneration& generation : catalog.generations()) {
      if (generation.number() != catalog.live() || generation.version() != projection->version() ||
          generation.fold_version() != kFoldVersion) {
        continue;
      }
      Checker checker(log, store, scratch, *projection, generation.number());
      for (LedgerId last;;) {
        PARLEY_ASSIGN_OR_RETURN(const auto ledgers, log.Ledgers(last, kLedgersAtATime));
        for (const LedgerId& ledger : ledgers) PARLEY_RETURN_IF_ERROR(checker.Check(ledger, findings));
        if (ledgers.size() < kLedgersAtATime) break;
        last = ledgers.back();
      }
    }
  }
  return findings;
}

}  // namespace parley
