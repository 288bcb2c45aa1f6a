#include "tests/lint/bans.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::lint {
namespace {

TEST(Bans, HoldInTheCheckout) {
  for (const SourceFile* file : CppTree()) EXPECT_EQ(Report(CheckBans(*file)), "");
}

TEST(Bans, HaveNoStaleExceptions) { EXPECT_EQ(Report(CheckExceptionsAreUsed(CppTree())), ""); }

TEST(Bans, NoticeStaleExceptions) {
  const auto clock = MakeSource("eventstore/base/clock.cc", "int x;\n");
  EXPECT_NE(Report(CheckExceptionsAreUsed({&clock})).find("eventstore/base/clock.cc:0: is excepted"),
            std::string::npos);
}

struct Case {
  const char* name;
  const char* path;
  const char* code;
  bool allowed;
};

class Ban : public testing::TestWithParam<Case> {};

TEST_P(Ban, Judges) {
  const auto findings = CheckBans(MakeSource(GetParam().path, GetParam().code));
  EXPECT_EQ(findings.empty(), GetParam().allowed) << Report(findings);
}

constexpr Case kCases[] = {
    {"AbslNow", "services/command/worker.cc", "auto t = absl::Now();", false},
    {"AbslNowInClock", "eventstore/base/clock.cc", "auto t = absl::Now();", true},
    {"AbslNowInTest", "tests/command/x_test.cc", "auto t = absl::Now();", false},
    {"SteadyClock", "services/server/x.cc", "std::chrono::steady_clock::now();", false},
    {"CTime", "services/server/x.cc", "long t = ::time(nullptr);", false},
    {"StdTime", "services/server/x.cc", "long t = std::time(&x);", false},
    {"FieldCalledTime", "services/decision/x.cc", "auto t = outcome.time();", true},
    {"MethodCalledTime", "services/decision/x.cc", "T Outcome::time() { return t_; }", true},
    {"SystemClockInAName", "eventstore/rocks_x.cc", "#include <rocksdb/system_clock.h>\n", true},
    {"ClockGettime", "eventstore/x.cc", "clock_gettime(CLOCK_REALTIME, &ts);", false},
    {"RandomDevice", "tests/base/x_test.cc", "std::random_device d;", false},
    {"SeededInTest", "tests/base/x_test.cc", "std::mt19937 random(seed);", true},
    {"SeededInSource", "eventstore/x.cc", "std::mt19937 random(seed);", false},
    {"Rand", "eventstore/x.cc", "int x = rand();", false},
    {"OperandIsNotRand", "eventstore/x.cc", "int x = operand(1);", true},
    {"SleepFor", "tests/crash/x_test.cc", "std::this_thread::sleep_for(1s);", false},
    {"AbslSleep", "services/server/x.cc", "absl::SleepFor(absl::Seconds(1));", false},
    {"WaitFor", "services/server/x.cc", "changed_.wait_for(lock, 1s);", true},
    {"DoubleInDecider", "services/metric/metric.cc", "double ratio = 0;", false},
    {"DoubleInEventstore", "eventstore/x.cc", "static_cast<double>(x)", false},
    {"DoubleInProjection", "projections/x.cc", "absl::ToDoubleSeconds(d)", false},
    {"DoubleInServerMetrics", "services/server/metrics.cc", "double value();", true},
    {"DoubleInComment", "services/metric/metric.cc", "// never a double\nint x;", true},
    {"DoubleInString", "services/metric/metric.cc", "auto s = \"double\";", true},
    {"DoubleInRawString", "services/metric/metric.cc", "auto s = R\"x(double \" double)x\"; int y = 1;", true},
    {"DoubleAfterSeparator", "services/metric/metric.cc", "int x = 10'000; double y;", false},
    {"DoubleAfterCharacter", "services/metric/metric.cc", "char x = '\"'; double y;", false},
    {"HashMapInProjection", "projections/x.cc", "absl::flat_hash_map<int, int> m;", false},
    {"HashSetInDecider", "services/dispute/dispute.cc", "std::unordered_set<int> m;", false},
    {"HashMapInPipeline", "services/command/x.cc", "absl::flat_hash_map<int, int> m;", true},
    {"LocaleInProjection", "projections/x.cc", "x = std::tolower(c);", false},
    {"AsciiInProjection", "projections/x.cc", "x = absl::ascii_tolower(c);", true},
};

INSTANTIATE_TEST_SUITE_P(Table, Ban, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace parley::lint
