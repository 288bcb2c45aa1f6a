// Batches of activities, as an importer sends them.
#pragma once

#include "absl/time/time.h"
#include "parley/v1/activity.pb.h"
#include "tests/bench/figures.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"

namespace parley::bench {

inline constexpr int kActivities = 256;  // In a batch.

// The n-th batch, for the ledgers in turn; no two hold the same activity.
v1::RecordActivitiesRequest Activities(const Ledgers& ledgers, uint64_t n, absl::Time time);
// Sends batches until `batches` were sent or, where that is 0, for the options' duration.
LoadResult RecordActivities(int port, const Ledgers& ledgers, const LoadOptions& options);
void RecordBatches(int port, const Ledgers& ledgers, uint64_t batches);

}  // namespace parley::bench
