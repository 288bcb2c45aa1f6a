// The demo against a server of its own: the whole story through gRPC, twice over, in pieces and in one go.
#include "services/cli/demo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/random.h"
#include "parley/v1/metric.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/cli/demo_dice.h"
#include "services/server/server.h"
#include "services/server/store.h"
#include "tests/support/recheck.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/server_rpc.h"

namespace parley {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kStart[] = "2026-01-05T08:00:00Z";

// A server on a directory of its own.
class DemoServer {
 public:
  explicit DemoServer(const std::string& manual_clock = kStart) {
    auto server = Server::Start({.data_dir = dir_.path(),
                                 .listen = "127.0.0.1:0",
                                 .metrics_listen = "",
                                 .manual_clock = manual_clock,
                                 .log_level = LogLevel::kWarning});
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) server_ = std::move(*server);
  }

  absl::Status Tell(const DemoOptions& options) { return RunDemo(options, test::Connect(server_->port()), out_); }
  std::string output() const { return out_.str(); }

  // Everything in the relationship's ledger, which stands up when it is decided again. Ends the server.
  std::vector<Entry> History(const std::string& relationship = "acme-globex") {
    server_.reset();
    SystemRandom random;
    std::vector<Entry> entries;
    auto store = OpenStore(dir_.path(), random);
    EXPECT_TRUE(store.ok()) << store.status();
    while (store.ok()) {
      const auto more = store->log->Read(LedgerId(relationship), entries.size(), {});
      EXPECT_TRUE(more.ok()) << more.status();
      if (!more.ok() || more->empty()) break;
      entries.insert(entries.end(), more->begin(), more->end());
    }
    const absl::Status again = test::Recheck(entries);
    EXPECT_TRUE(again.ok()) << again;
    return entries;
  }

 private:
  test::ScratchDir dir_;
  std::ostringstream out_;
  std::unique_ptr<Server> server_;
};

// An entry without what no two servers share: salts, ciphertexts, and the fingerprint under the server's own key.
std::string Told(const Entry& entry) {
  v1::Record record = entry.record;
  record.clear_request_fingerprint();
  for (v1::PersonalPart& part : *record.mutable_personal_parts()) part.clear_sealed_sha256();
  return absl::StrCat(entry.header.owner(), " ", Rfc3339(FromProto(entry.header.recorded_at())), " ",
                      record.ShortDebugString());
}

// The first entry in which two histories differ; empty where they are the same.
std::string FirstDifference(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (Told(a[i]) != Told(b[i])) return absl::StrCat(i, ":\n", Told(a[i]), "\n", Told(b[i]));
  }
  return a.size() == b.size() ? "" : absl::StrCat(a.size(), " entries and ", b.size());
}

TEST(DemoTest, TellsTheSameInPiecesAndInOneGoAndNothingTwice) {
  DemoServer pieces;
  ASSERT_TRUE(pieces.Tell({.months = 3}).ok());
  ASSERT_TRUE(pieces.Tell({.months = 14}).ok());
  const absl::Status rest = pieces.Tell({});
  ASSERT_TRUE(rest.ok()) << rest;
  const absl::Status again = pieces.Tell({});
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_THAT(pieces.output(), HasSubstr("Begun before"));

  DemoServer at_once;
  const absl::Status told = at_once.Tell({});
  ASSERT_TRUE(told.ok()) << told;

  const auto history = at_once.History();
  EXPECT_GT(history.size(), 1500);
  EXPECT_EQ(FirstDifference(pieces.History(), history), "");
}

TEST(DemoTest, UsesEveryAreaAndNearlyEveryKindOfEvent) {
  DemoServer server;
  const absl::Status told = server.Tell({});
  ASSERT_TRUE(told.ok()) << told;
  std::set<std::string> seen;
  int activities = 0;
  int private_entries = 0;
  int green_by_the_clock = 0;
  for (const Entry& entry : server.History()) {
    seen.insert(entry.record.event_type());
    activities += entry.record.event_type() == "activity.recorded";
    private_entries += !entry.joint();
    v1::MetricEvent event;
    if (entry.record.event_type() == "metric.rated" && event.ParseFromString(entry.record.event())) {
      green_by_the_clock += event.rated().rating().only_clock_stopped_passes();
    }
  }
  // The two have not parted; keys and digests come with checkpoints, which the parties' agents ask for.
  const std::set<std::string> left_out = {"relationship.exit_planned",
                                          "relationship.exited",
                                          "metric.reports_no_longer_awaited",
                                          "digest.recorded",
                                          "key.registered",
                                          "key.replaced",
                                          "key.revoked"};
  std::set<std::string> missing;
  for (const AggregateType& type : Aggregates()) {
    const auto* kinds = type.event->GetDescriptor()->FindOneofByName("kind");
    for (int i = 0; i < kinds->field_count(); ++i) {
      const std::string event_type = absl::StrCat(std::string(type.prefix), ".", kinds->field(i)->name());
      if (!seen.contains(event_type) && !left_out.contains(event_type)) missing.insert(event_type);
    }
  }
  EXPECT_THAT(missing, IsEmpty());
  EXPECT_GT(activities, 500);
  EXPECT_GT(private_entries, 0);
  EXPECT_GT(green_by_the_clock, 5);
}

TEST(DemoTest, AnotherSeedTellsOtherNumbers) {
  DemoServer one;
  DemoServer two;
  ASSERT_TRUE(one.Tell({.seed = 1, .months = 2}).ok());
  ASSERT_TRUE(two.Tell({.seed = 2, .months = 2}).ok());
  const auto measurements = [](const std::vector<Entry>& history) {
    std::vector<std::string> list;
    for (const Entry& entry : history) {
      v1::MetricEvent event;
      if (entry.record.event_type() != "metric.reported" || !event.ParseFromString(entry.record.event())) continue;
      list.push_back(event.reported().measurement().raw().ShortDebugString());
    }
    return list;
  };
  const auto first = measurements(one.History());
  const auto second = measurements(two.History());
  EXPECT_EQ(first.size(), second.size());
  EXPECT_GT(first.size(), 5);
  EXPECT_NE(first, second);
}

TEST(DemoTest, SeveralRelationshipsShareAServer) {
  DemoServer server;
  ASSERT_TRUE(server.Tell({.relationship = "first", .months = 2}).ok());
  const absl::Status second = server.Tell({.relationship = "second", .months = 2});
  ASSERT_TRUE(second.ok()) << second;
  EXPECT_GT(server.History("second").size(), 100);
}

TEST(DemoTest, RefusesWhatItCannotTell) {
  DemoServer no_manual_clock("");
  const absl::Status real_time = no_manual_clock.Tell({});
  EXPECT_EQ(real_time.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(real_time.message()), HasSubstr("--manual-clock"));
  EXPECT_THAT(no_manual_clock.History(), IsEmpty());

  DemoServer server;
  EXPECT_EQ(server.Tell({.months = 0}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.Tell({.months = 25}).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(server.Tell({.seed = 1, .months = 1}).ok());
  const absl::Status other_seed = server.Tell({.seed = 2, .months = 1});
  EXPECT_EQ(other_seed.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(other_seed.message()), HasSubstr("seed 2"));
}

TEST(DemoTest, ThrowsFollowFromSeedAndPurpose) {
  // Two throws for the same purpose are the same; another purpose or seed is another sequence.
  EXPECT_EQ(demo::Dice(1, "a").Next(), demo::Dice(1, "a").Next());
  EXPECT_NE(demo::Dice(1, "a").Next(), demo::Dice(1, "b").Next());
  EXPECT_NE(demo::Dice(1, "a").Next(), demo::Dice(2, "a").Next());
  demo::Dice dice(7, "range");
  std::set<int64_t> thrown;
  for (int i = 0; i < 200; ++i) thrown.insert(dice.Between(-1, 2));
  EXPECT_EQ(thrown, (std::set<int64_t>{-1, 0, 1, 2}));
}

}  // namespace
}  // namespace parley
