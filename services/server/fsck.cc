#include "services/server/fsck.h"

#include <filesystem>
#include <iostream>

#include "eventstore/base/status.h"
#include "eventstore/fsck.h"
#include "eventstore/kv_memory.h"
#include "projections/check.h"
#include "projections/runner.h"
#include "services/command/snapshots.h"
#include "services/server/store.h"

namespace parley {

absl::StatusOr<bool> RunFsck(const std::string& data_dir) {
  if (!std::filesystem::is_directory(data_dir + "/log")) {
    return absl::NotFoundError(data_dir + " holds no store");
  }
  SystemRandom random;
  // Opening brings the index up to the log's end, which is what makes a lagging one no problem.
  PARLEY_ASSIGN_OR_RETURN(Store store, OpenStore(data_dir, random));
  PARLEY_ASSIGN_OR_RETURN(const FsckReport report, Fsck(*store.engine, *store.derived, {}));
  for (const FsckFinding& finding : report.findings) {
    std::cout << FsckProblemName(finding.problem) << " at offset " << finding.position.offset
              << (finding.ledger.empty() ? "" : " of ledger " + finding.ledger) << ": " << finding.detail << "\n";
  }
  PARLEY_ASSIGN_OR_RETURN(const auto snapshots, Snapshots(store.derived.get()).Check(*store.log));
  for (const std::string& finding : snapshots) std::cout << finding << "\n";
  const std::unique_ptr<KvStore> scratch = NewMemoryKvStore();
  PARLEY_ASSIGN_OR_RETURN(const auto views, CheckReadStore(*store.log, *store.views, *scratch, AllProjections()));
  for (const std::string& finding : views) std::cout << finding << "\n";
  const uint64_t problems = report.problems + snapshots.size() + views.size();
  std::cout << report.entries << " entries in " << report.commits << " commits of " << report.ledgers << " ledgers, "
            << report.index_rows
            << " index rows: " << (problems == 0 ? "clean" : std::to_string(problems) + " problems") << "\n";
  return problems == 0;
}

}  // namespace parley
