#include "projections/quiet_merge.h"

namespace parley {
namespace {

// A period in which fewer came is quiet.
constexpr uint64_t kFewEntries = 1'000;

}  // namespace

void QuietMerge::Pass(uint64_t entries) {
  period_entries_ += entries;
  if (Monotonic() < due()) return;
  if (period_entries_ < kFewEntries) unmerged_ = store_.StartMerging();
  period_began_ = Monotonic();
  period_entries_ = 0;
}

}  // namespace parley
