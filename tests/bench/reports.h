// ReportMetric in a closed loop: the durable command that most figures are about.
#pragma once

#include <atomic>
#include <functional>

#include <grpcpp/support/byte_buffer.h>

#include "absl/time/time.h"
#include "parley/v1/metric.pb.h"
#include "tests/bench/figures.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"

namespace parley::bench {

// Reports of `ledgers` through several connections, as several clients would. Answers, of the server and of the empty handler alike,
// are not taken apart: what the client does to them would be measured, too.
LoadResult Report(int port, Ledgers& ledgers, const LoadOptions& options,
                  const std::function<void(const grpc::ByteBuffer&)>& answered = nullptr);

v1::ReportMetricResponse ParseReported(const grpc::ByteBuffer& answer);

// Records one more report in some of the ledgers, and returns when every read model has those and so everything before them: what comes
// next finds a server with nothing left to fold. Ends the run where one is refused. Returns how long that took: with nothing to wait for,
// the time of those reports and of some hundred queries.
absl::Duration Settle(int port, Ledgers& ledgers);

// Of the answers that it is shown, from whatever thread.
class MeanBytes {
 public:
  void operator()(const grpc::ByteBuffer& answer) {
    ++count_;
    bytes_ += answer.Length();
  }
  uint64_t value() const { return count_ == 0 ? 0 : bytes_ / count_; }

 private:
  std::atomic<uint64_t> count_{0}, bytes_{0};
};

// Says so where calls failed: the figures are then not what they seem.
void Complain(const LoadResult& result, const std::string& what, Figures& figures);

}  // namespace parley::bench
