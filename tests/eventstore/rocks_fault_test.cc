// Power cuts, failing writes and syncs, full disks: at every point of a run, nothing that was answered is ever lost.
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "eventstore/fsck.h"
#include "eventstore/kv_memory.h"
#include "eventstore/kv_rocks.h"
#include "eventstore/log_store.h"
#include "eventstore/rocks_engine.h"
#include "gmock/gmock.h"
#include "tests/eventstore/fault_workload.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/support/fault_fs.h"

namespace parley {
namespace {

using Fault = FaultFs::Fault;
using testing::IsEmpty;

constexpr int kRounds = 10;

// A machine with one disk: what runs on it dies with the power, what is on it is what was synced.
class Machine {
 public:
  explicit Machine(bool sync) : sync_(sync) {}

  absl::StatusOr<std::unique_ptr<Engine>> OpenEngine() {
    return OpenRocksEngine(
        {.path = "/log", .random = &random_, .env = env_.get(), .write_buffer_bytes = 64 << 10, .sync = sync_});
  }

  // Runs the load until it is done or the power is off, then cuts the power if it is on still.
  void Run(FaultWorkload& load) {
    {
      auto engine = OpenEngine();
      while (!engine.ok() && !fs_.off()) engine = OpenEngine();
      if (engine.ok()) {
        auto log = OpenLogStore({.engine = engine->get(), .index = index_.get()});
        while (!log.ok() && !fs_.off()) log = OpenLogStore({.engine = engine->get(), .index = index_.get()});
        if (log.ok()) load.Run(**log, fs_);
        fs_.CutPower();
      }
    }
    fs_.CutPower();
  }

  // After the power is back: what is wrong, with the index that was kept and with one derived again.
  std::vector<std::string> Check(const FaultWorkload& load, bool torn) {
    fs_.Restart(torn);
    std::vector<std::string> wrong;
    auto engine = OpenEngine();
    if (!engine.ok()) return {"engine does not open: " + engine.status().ToString()};
    const auto fresh = NewMemoryKvStore();
    for (KvStore* index : {index_.get(), fresh.get()}) {
      auto log = OpenLogStore({.engine = engine->get(), .index = index});
      if (!log.ok()) {
        wrong.push_back("log does not open: " + log.status().ToString());
        continue;
      }
      for (std::string& what : load.Check(**log)) wrong.push_back(std::move(what));
      log->reset();
      const auto report = Fsck(**engine, *index, {});
      if (!report.ok()) wrong.push_back("fsck: " + report.status().ToString());
      for (const FsckFinding& finding : report.value_or(FsckReport()).findings) {
        wrong.push_back("fsck: " + std::string(FsckProblemName(finding.problem)) + " " + finding.detail);
      }
    }
    return wrong;
  }

  FaultFs& fs() { return fs_; }
  rocksdb::Env* env() { return env_.get(); }

 private:
  const bool sync_;
  SystemRandom random_;
  FaultFs fs_;
  std::unique_ptr<rocksdb::Env> env_ = fs_.NewEnv();
  std::unique_ptr<KvStore> index_ = NewMemoryKvStore();
};

struct FaultParam {
  const char* name;
  Fault fault;
  bool torn;
};

class EveryPoint : public testing::TestWithParam<FaultParam> {};

TEST_P(EveryPoint, LosesNothingThatWasAnswered) {
  const Fault fault = GetParam().fault;
  size_t acknowledged = 0;
  uint64_t points = 0;
  // Runs differ a little in how many commits share a write: past the last point is where several in a row are not hit.
  int beyond = 0;
  for (uint64_t n = 1; beyond < 5; ++n) {
    SCOPED_TRACE(n);
    Machine machine(true);
    machine.fs().Arm(fault, n);
    FaultWorkload load(kRounds);
    machine.Run(load);
    const bool hit = machine.fs().Count(fault) >= n;
    ASSERT_THAT(machine.Check(load, GetParam().torn), IsEmpty());
    acknowledged += load.acknowledged();
    // A fault that passes must not stop the load: it recovers and everything is acknowledged in the end.
    if (fault != Fault::kPowerCut || !hit) {
      ASSERT_EQ(load.acknowledged(), 3u * kRounds);
    }
    beyond = hit ? 0 : beyond + 1;
    points += hit;
    if (!hit) continue;
    // Whatever the fault left, the rest of the load runs on it.
    machine.Run(load);
    ASSERT_EQ(load.acknowledged(), 3u * kRounds);
    ASSERT_THAT(machine.Check(load, GetParam().torn), IsEmpty());
  }
  EXPECT_GT(points, 20u);
  EXPECT_GT(acknowledged, points) << "most runs must get somewhere";
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryPoint,
                         testing::Values(FaultParam{"WriteFails", Fault::kWriteFails, false},
                                         FaultParam{"SyncFails", Fault::kSyncFails, false},
                                         FaultParam{"PowerCut", Fault::kPowerCut, false},
                                         FaultParam{"PowerCutTorn", Fault::kPowerCut, true}),
                         [](const auto& info) { return info.param.name; });

// A check that cannot fail proves nothing: without syncing, the same check must find losses.
TEST(PowerCut, WithoutSyncIsNoticed) {
  uint64_t noticed = 0;
  uint64_t points = 0;
  for (int beyond = 0; beyond < 5; ++points) {
    Machine machine(false);
    machine.fs().Arm(Fault::kPowerCut, points + 1);
    FaultWorkload load(kRounds);
    machine.Run(load);
    beyond = machine.fs().Count(Fault::kPowerCut) > points ? 0 : beyond + 1;
    noticed += machine.Check(load, false).empty() ? 0 : 1;
  }
  EXPECT_GT(points, 20u);
  EXPECT_GT(noticed, points / 4);
}

// The disk fills up at different points; log and index share it.
class DiskFull : public testing::TestWithParam<uint64_t> {};

TEST_P(DiskFull, RefusesWritesKeepsReadingAndRecoversWhenThereIsRoom) {
  Machine machine(true);
  auto engine = machine.OpenEngine();
  ASSERT_TRUE(engine.ok());
  auto index = OpenRocksKvStore("/index", machine.env());
  ASSERT_TRUE(index.ok()) << index.status();
  auto log = OpenLogStore({.engine = engine->get(), .index = index->get()});
  ASSERT_TRUE(log.ok());
  const std::string ballast(5000, 'x');
  uint64_t next = 0;
  for (; next < 5; ++next) {
    ASSERT_TRUE(AppendAndWait(**log, MakeCommit({.sequence = next, .event = ballast})).ok());
  }
  machine.fs().SetRoom(GetParam());
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  while (reason == v1::REASON_UNSPECIFIED) {
    const auto appended = AppendAndWait(**log, MakeCommit({.sequence = next, .event = ballast}));
    reason = ReasonOf(appended.status());
    if (appended.ok()) ++next;
  }
  EXPECT_EQ(reason, v1::REASON_OUTCOME_UNKNOWN);
  for (int i = 0; i < 50; ++i) {
    const auto refused = AppendAndWait(**log, MakeCommit({.ledger = "bolt", .event = ballast}));
    ASSERT_EQ(ReasonOf(refused.status()), v1::REASON_LOG_UNAVAILABLE);
    const auto entries = ReadAll(**log, "acme");
    ASSERT_TRUE(entries.ok()) << entries.status();
    ASSERT_EQ(entries->size(), next);
    ASSERT_EQ((*log)->ReadShard({ShardId{0}, next - 1}, {})->size(), 1u);
  }
  machine.fs().SetRoom(std::nullopt);
  // The one that was not known is there by now, or not: whoever repeats a request asks first.
  while (!AppendAndWait(**log, MakeCommit({.ledger = "bolt", .event = ballast})).ok()) std::this_thread::yield();
  const uint64_t settled = (*log)->NextSequence(LedgerId("acme")).value();
  EXPECT_EQ(settled, next + 1) << "settled by appending the same again";
  for (uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(AppendAndWait(**log, MakeCommit({.sequence = settled + i, .event = ballast})).ok());
  }
  EXPECT_EQ(ReadAll(**log, "acme")->size(), settled + 5);
  log->reset();
  const auto report = Fsck(**engine, **index, {});
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->clean()) << report->findings.at(0).detail;
}

// There is room for the probe, but the log cannot be reopened: reads go on from a handle that only reads.
TEST(FailedReopen, KeepsReadingUntilItSucceeds) {
  Machine machine(true);
  auto engine = machine.OpenEngine();
  ASSERT_TRUE(engine.ok());
  const auto index = NewMemoryKvStore();
  auto log = OpenLogStore({.engine = engine->get(), .index = index.get()});
  ASSERT_TRUE(log.ok());
  ASSERT_TRUE(AppendAndWait(**log, MakeCommit({}, 3)).ok());
  machine.fs().RefuseNames("MANIFEST");
  machine.fs().Arm(Fault::kWriteFails, 1);
  ASSERT_EQ(ReasonOf(AppendAndWait(**log, MakeCommit({.sequence = 3})).status()), v1::REASON_OUTCOME_UNKNOWN);
  for (int i = 0; i < 20; ++i) {
    const auto refused = AppendAndWait(**log, MakeCommit({.ledger = "bolt"}));
    ASSERT_EQ(ReasonOf(refused.status()), v1::REASON_LOG_UNAVAILABLE);
    const auto entries = ReadAll(**log, "acme");
    ASSERT_TRUE(entries.ok()) << entries.status();
    ASSERT_EQ(entries->size(), 3u);
  }
  machine.fs().RefuseNames("");
  while (!AppendAndWait(**log, MakeCommit({.ledger = "bolt"})).ok()) std::this_thread::yield();
  EXPECT_EQ(ReadAll(**log, "acme")->size(), 4u);
  log->reset();
  EXPECT_TRUE(Fsck(**engine, *index, {})->clean());
}

// However busy readers are: one always reads while the next begins.
TEST(BusyReaders, DoNotKeepTheLogFromRecovering) {
  Machine machine(true);
  auto engine = machine.OpenEngine();
  ASSERT_TRUE(engine.ok());
  ASSERT_EQ((*engine)->Append({{ShardId{0}, 0}, 1, "a"}), AppendOutcome::kWon);
  machine.fs().Arm(Fault::kWriteFails, 1);
  ASSERT_EQ((*engine)->Append({{ShardId{0}, 1}, 1, "b"}), AppendOutcome::kUnknown);
  std::atomic<bool> stop = false;
  std::atomic<int> begun = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        (*engine)
            ->Read({ShardId{0}, 0},
                   [&](EngineRecord) {
                     // Until the other one reads too, or is kept out, which is as it should be.
                     const int mine = ++begun;
                     const absl::Duration start = Monotonic();
                     while (begun == mine && !stop && Monotonic() - start < absl::Seconds(1)) std::this_thread::yield();
                     return true;
                   })
            .IgnoreError();
      }
    });
  }
  while (begun < 10) std::this_thread::yield();
  auto recovered = std::async(std::launch::async, [&] { return (*engine)->Recover(); });
  EXPECT_EQ(recovered.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_TRUE(recovered.get().ok());
}

INSTANTIATE_TEST_SUITE_P(Room, DiskFull, testing::Values(0, 100, 5000, 6000, 20000, 70000, 150000, 300000));

}  // namespace
}  // namespace parley
