#include "tests/crash/inspect.h"

#include <future>

#include "absl/strings/str_cat.h"
#include "eventstore/base/status.h"
#include "eventstore/fsck.h"
#include "eventstore/kv_memory.h"
#include "projections/read_view.h"
#include "projections/runner.h"
#include "services/command/snapshots.h"
#include "services/server/store.h"

namespace parley::test {
namespace {

// Folds everything in the log into the read models in `store`.
absl::Status BringUpToDate(EventLog& log, KvStore& store, const std::vector<LedgerId>& ledgers) {
  PARLEY_ASSIGN_OR_RETURN(const auto runner,
                          Runner::Start({.log = &log, .store = &store, .projections = AllProjections()}));
  for (const Projection* projection : AllProjections()) {
    for (const LedgerId& ledger : ledgers) {
      PARLEY_ASSIGN_OR_RETURN(const uint64_t next, log.NextSequence(ledger));
      std::promise<absl::Status> applied;
      runner->NotifyWhenApplied(projection->name(), ledger, next - 1,
                                [&](const absl::Status& status) { applied.set_value(status); });
      PARLEY_RETURN_IF_ERROR(applied.get_future().get());
    }
  }
  return absl::OkStatus();
}

absl::Status CheckReadModels(Store& store, const std::vector<LedgerId>& ledgers, std::vector<std::string>& wrong) {
  {
    ReadView left(*store.views);
    for (const Projection* projection : AllProjections()) {
      for (const LedgerId& ledger : ledgers) {
        const auto applied = left.NextSequence(projection->name(), ledger);
        if (absl::IsNotFound(applied.status())) continue;  // Killed before the read models were set up.
        PARLEY_RETURN_IF_ERROR(applied.status());
        PARLEY_ASSIGN_OR_RETURN(const uint64_t end, store.log->NextSequence(ledger));
        if (*applied > end) wrong.push_back(absl::StrCat(projection->name(), " is ahead of ", ledger.str()));
      }
    }
  }
  const auto fresh = NewMemoryKvStore();
  PARLEY_RETURN_IF_ERROR(BringUpToDate(*store.log, *store.views, ledgers));
  PARLEY_RETURN_IF_ERROR(BringUpToDate(*store.log, *fresh, ledgers));
  ReadView kept(*store.views);
  ReadView rebuilt(*fresh);
  for (const Projection* projection : AllProjections()) {
    for (const LedgerId& ledger : ledgers) {
      PARLEY_ASSIGN_OR_RETURN(const std::string a, kept.Digest(projection->name(), ledger));
      PARLEY_ASSIGN_OR_RETURN(const std::string b, rebuilt.Digest(projection->name(), ledger));
      if (a != b)
        wrong.push_back(absl::StrCat(projection->name(), " of ", ledger.str(), " is not what a rebuild gives"));
    }
  }
  return absl::OkStatus();
}

absl::Status Check(Store& store, const Journal& journal, Inspection& found) {
  found.wrong = journal.Check(*store.log);
  PARLEY_ASSIGN_OR_RETURN(const FsckReport report, Fsck(*store.engine, *store.derived, {}));
  found.entries = report.entries;
  for (const FsckFinding& finding : report.findings) {
    found.wrong.push_back("fsck: " + std::string(FsckProblemName(finding.problem)) + " " + finding.detail);
  }
  PARLEY_ASSIGN_OR_RETURN(const auto snapshots, Snapshots(store.derived.get()).Check(*store.log));
  found.wrong.insert(found.wrong.end(), snapshots.begin(), snapshots.end());
  PARLEY_ASSIGN_OR_RETURN(const auto ledgers, store.log->Ledgers(LedgerId(), 1000));
  return CheckReadModels(store, ledgers, found.wrong);
}

}  // namespace

Inspection Inspect(const std::string& data_dir, const Journal& journal) {
  Inspection found;
  SystemRandom random;
  auto store = OpenStore(data_dir, random);
  const absl::Status checked = store.ok() ? Check(*store, journal, found) : store.status();
  if (!checked.ok()) found.wrong.push_back(checked.ToString());
  return found;
}

}  // namespace parley::test
