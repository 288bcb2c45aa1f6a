#include "tests/bench/single.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>

#include "tests/bench/reports.h"
#include "tests/bench/server_process.h"

namespace parley::bench {
namespace {

constexpr int kRounds = 3;

// Microseconds that one synced write of half a kilobyte takes on this disk, one after another, appending as a log does: the median.
double FsyncMicros(const std::string& directory, absl::Duration duration) {
  const std::string path = directory + "/fsync";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::string bytes(512, 'x');
  std::vector<double> times;
  const absl::Duration end = Monotonic() + duration;
  for (absl::Duration start = Monotonic(); start < end; start = Monotonic()) {
    if (::write(fd, bytes.data(), bytes.size()) < 0 || ::fdatasync(fd) != 0) Die("the disk takes no writes");
    times.push_back(absl::ToDoubleMicroseconds(Monotonic() - start));
  }
  ::close(fd);
  std::filesystem::remove(path);
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

void BenchSingle(const BenchOptions& options, Figures& figures) {
  Process server = StartServer(options, options.scratch + "/single");
  Ledgers ledgers = Ledgers::Open(server.port(), "calm", 1, 256);
  const absl::Duration each = options.duration() / kRounds;
  const LoadOptions alone{.in_flight = 1, .threads = 1, .warm_up = absl::Milliseconds(100), .duration = each};
  MeanBytes answers;
  Report(server.port(), ledgers, alone, std::ref(answers));
  const Process empty = StartEmpty(options, answers.value());
  const Process bare = StartBare(options, answers.value());
  constexpr double kNever = std::numeric_limits<double>::max();
  double fsync = kNever, nothing = kNever, least = kNever, single = kNever;
  // One after another, again and again, so that whatever else the machine does hits all alike; of each the best round.
  for (int round = 0; round < kRounds; ++round) {
    fsync = std::min(fsync, FsyncMicros(options.scratch, each));
    nothing = std::min(nothing, Report(empty.port(), ledgers, alone).Quantile(0.5));
    least = std::min(least, Report(bare.port(), ledgers, alone).Quantile(0.5));
    const LoadResult result = Report(server.port(), ledgers, alone);
    Complain(result, "single", figures);
    single = std::min(single, result.Quantile(0.5));
  }
  figures.Add({"fsync", fsync, "us", "", "median of a synced append of 512 bytes"});
  figures.Add({"empty_single", nothing, "us", "", "median"});
  figures.Add({"single", single, "us", "", "median"});
  const double floor = nothing + fsync;
  figures.Add({"bare_single", least, "us", "", "each request synced to RocksDB by one thread, nothing else"});
  figures.Add({"bare_single_overhead", (least - floor) / floor, "", "", "what that alone comes to"});
  figures.Add({"single_overhead", (single - floor) / floor, "", "<= 0.25"});
}

}  // namespace parley::bench
