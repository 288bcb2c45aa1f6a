// Imports into a real server: what is recorded, that a second run adds nothing, and that what it cites stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "eventstore/base/random.h"
#include "services/cli/app.h"
#include "services/server/server.h"
#include "services/server/store.h"
#include "tests/support/recheck.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

using testing::HasSubstr;

constexpr char kMapping[] = R"({
  "version": 1, "source": "desk", "activity": "concept:name", "status": "lifecycle:transition", "team": "org:group",
  "person": "org:resource", "default_party": "provider", "waiting": ["Wait - User"],
  "metrics": [{"id": "fast", "title": "Resolved fast", "resolved": ["Closed"], "within_hours": 5,
               "expected_percent": 80, "target_percent": 90}]
})";

// One case a month: it waits for three hours of four, and is closed.
std::string Log(int months) {
  std::ostringstream log;
  log << "<?xml version=\"1.0\"?><log xes.version=\"1.0\">\n";
  for (int month = 1; month <= months; ++month) {
    const auto event = [&](const char* status, const char* team, int hour) {
      log << "<event><string key=\"concept:name\" value=\"Step\"/><string key=\"lifecycle:transition\" value=\""
          << status << "\"/><string key=\"org:group\" value=\"" << team
          << "\"/><string key=\"org:resource\" value=\"Anneliese\"/>"
          << "<date key=\"time:timestamp\" value=\"2012-0" << month << "-05T0" << hour << ":00:00Z\"/></event>\n";
    };
    log << "<trace><string key=\"concept:name\" value=\"case-" << month << "\"/>\n";
    event("Wait - User", "A", 1);
    event("In Progress", "B", 4);
    event("Closed", "A", 5);
    log << "</trace>\n";
  }
  log << "</log>\n";
  return log.str();
}

class ImportE2e : public testing::Test {
 protected:
  ImportE2e() {
    auto server = Server::Start(
        {.data_dir = dir_ / "data", .listen = "127.0.0.1:0", .metrics_listen = "", .log_level = LogLevel::kWarning});
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) server_ = std::move(*server);
    std::ofstream(dir_ / "log.xes") << Log(3);
    std::ofstream(dir_ / "mapping.json") << kMapping;
  }

  // What was imported stands up when it is decided again.
  void TearDown() override {
    server_.reset();
    SystemRandom random;
    const auto store = OpenStore(dir_ / "data", random);
    ASSERT_TRUE(store.ok()) << store.status();
    const absl::Status again = test::Recheck(*store->log);
    EXPECT_TRUE(again.ok()) << again;
  }

  std::string Run(std::vector<std::string> args) {
    std::istringstream in;
    std::ostringstream out, err;
    args.insert(args.begin(), {"--server", "127.0.0.1:" + std::to_string(server_->port()), "--as", "importer"});
    EXPECT_EQ(RunCli(args, {in, out, err}), kExitOk) << err.str();
    return out.str();
  }
  nlohmann::json Import() {
    return nlohmann::json::parse(
        Run({"import", "xes", dir_ / "log.xes", "--mapping", dir_ / "mapping.json", "--relationship", "desk",
             "--pseudonym-key", dir_ / "key", "--batch", "2", "--output", "json"}),
        nullptr, false);
  }

  test::ScratchDir dir_;
  std::unique_ptr<Server> server_;
};

TEST_F(ImportE2e, ActivitiesAndMonthlyReportsAndASecondRunAddsNothing) {
  const nlohmann::json first = Import();
  EXPECT_EQ(first["recorded"], 9);
  EXPECT_EQ(first["metrics"]["reported"], 3);
  const std::string timeline = Run({"timeline", "desk", "--all"});

  const nlohmann::json second = Import();
  EXPECT_EQ(second["created"], false);
  EXPECT_EQ(second["recorded"], 0);
  EXPECT_EQ(second["duplicates"], 9);
  EXPECT_EQ(second["metrics"]["reported"], 0);
  EXPECT_EQ(second["metrics"]["there_already"], 3);
  EXPECT_EQ(Run({"timeline", "desk", "--all"}), timeline) << "not one entry more, of any kind";
  EXPECT_EQ(timeline.find("Anneliese"), std::string::npos);
}

TEST_F(ImportE2e, ALongerLogAddsWhatIsNew) {
  Import();
  std::ofstream(dir_ / "log.xes") << Log(5);
  const nlohmann::json second = Import();
  EXPECT_EQ(second["recorded"], 6);
  EXPECT_EQ(second["duplicates"], 9);
  EXPECT_EQ(second["metrics"]["reported"], 2);
}

TEST_F(ImportE2e, EveryReportIsInTheHistoryAsAnEventOfItsMonth) {
  Import();
  const std::string reports = Run({"timeline", "desk", "--event", "metric.reported", "--output", "json"});
  EXPECT_EQ(std::count(reports.begin(), reports.end(), '\n'), 3);
  EXPECT_THAT(reports, HasSubstr("\"effective_at\":\"2012-02-01T00:00:00Z\""));
  EXPECT_THAT(reports, HasSubstr("\"historical\":true"));
  EXPECT_THAT(reports, HasSubstr("\"period\":\"2012-01\""));
}

}  // namespace
}  // namespace parley
