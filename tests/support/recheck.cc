#include "tests/support/recheck.h"

#include "eventstore/base/status.h"
#include "services/aggregate/recheck.h"

namespace parley::test {

absl::Status Recheck(const std::vector<Entry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  Rechecker rechecker{LedgerId(entries.front().header.ledger())};
  for (const Entry& entry : entries) {
    const absl::Status added = rechecker.Add(entry);
    if (!added.ok() && !absl::IsPermissionDenied(added)) break;
  }
  rechecker.Finish().IgnoreError();
  if (rechecker.breaches().empty()) return absl::OkStatus();
  std::string all;
  for (const Breach& breach : rechecker.breaches()) all += breach.message + "\n";
  return absl::PermissionDeniedError(all);
}

absl::Status Recheck(const EventLog& log) {
  for (LedgerId after;;) {
    PARLEY_ASSIGN_OR_RETURN(const std::vector<LedgerId> ledgers, log.Ledgers(after, 100));
    if (ledgers.empty()) return absl::OkStatus();
    for (const LedgerId& ledger : ledgers) {
      std::vector<Entry> entries;
      for (bool more = true; more;) {
        const auto read = log.Read(ledger, entries.size(), {});
        more = read.ok() && !read->empty();
        if (more) entries.insert(entries.end(), read->begin(), read->end());
      }
      PARLEY_RETURN_IF_ERROR(Recheck(entries));
    }
    after = ledgers.back();
  }
}

}  // namespace parley::test
