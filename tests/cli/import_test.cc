// Imports from files to what a server gets, and what a second run adds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "services/cli/errors.h"
#include "services/cli/import_target.h"
#include "services/cli/pseudonym_key.h"
#include "tests/cli/fake_server.h"

namespace parley {
namespace {

using test::FakeServer;
using test::Outcome;
using test::Parley;
using testing::HasSubstr;
using testing::Not;

constexpr char kLog[] = R"(<?xml version="1.0"?>
<log xes.version="1.0">
<trace><string key="concept:name" value="c1"/>
<event><string key="concept:name" value="Accepted"/><string key="lifecycle:transition" value="Wait - User"/>
<string key="org:group" value="T1"/><string key="org:resource" value="Siebel"/><date key="time:timestamp" value="2012-01-01T00:00:00Z"/></event>
<event><string key="concept:name" value="Accepted"/><string key="lifecycle:transition" value="In Progress"/>
<string key="org:group" value="T2"/><string key="org:resource" value="Anne"/><date key="time:timestamp" value="2012-01-01T03:00:00Z"/></event>
<event><string key="concept:name" value="Completed"/><string key="lifecycle:transition" value="Closed"/>
<string key="org:group" value="T1"/><string key="org:resource" value="Anne"/><date key="time:timestamp" value="2012-01-01T04:00:00Z"/></event>
</trace>
<trace><string key="concept:name" value="c2"/>
<event><string key="concept:name" value="Completed"/><string key="lifecycle:transition" value="Closed"/>
<string key="org:group" value="T3"/><string key="org:resource" value="Anne"/><date key="time:timestamp" value="2012-02-01T00:00:00Z"/></event>
</trace>
</log>
)";

class ImportTest : public testing::Test {
 protected:
  ImportTest() : folder_(std::filesystem::temp_directory_path() / ("parley-import-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "My Log.xes") << kLog;
  }
  ~ImportTest() override { std::filesystem::remove_all(folder_); }

  Outcome Import(std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"import", "xes", folder_ / "My Log.xes", "--pseudonym-key", folder_ / "key"};
    args.insert(args.end(), more.begin(), more.end());
    return Parley(server_, args);
  }
  nlohmann::json ImportJson(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--output", "json"});
    const Outcome outcome = Import(more);
    EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }

  const std::filesystem::path folder_;
  FakeServer server_;
};

TEST_F(ImportTest, SaysWhatTheLogHolds) {
  const nlohmann::json summary = ImportJson();
  EXPECT_EQ(summary["relationship"], "relationships/my-log");
  EXPECT_EQ(summary["created"], true);
  EXPECT_EQ(summary["cases"], 2);
  EXPECT_EQ(summary["activities"], 4);
  EXPECT_EQ(summary["recorded"], 4);
  EXPECT_EQ(summary["duplicates"], 0);
  EXPECT_EQ(summary["teams"], 3);
  EXPECT_EQ(summary["waiting_seconds"], 3 * 3600);
  EXPECT_EQ(summary["total_seconds"], 4 * 3600);
  EXPECT_EQ(summary["mostly_waiting_cases"], 1);
  EXPECT_EQ(summary["team_changed_twice_cases"], 1);
}

TEST_F(ImportTest, ASecondRunAddsNothing) {
  ImportJson();
  const nlohmann::json again = ImportJson({"--batch", "1"});
  EXPECT_EQ(again["created"], false);
  EXPECT_EQ(again["recorded"], 0);
  EXPECT_EQ(again["duplicates"], 4);
  EXPECT_EQ(server_.activities(), 4u);
  EXPECT_EQ(server_.Count("EstablishRelationship"), 1);
  EXPECT_EQ(server_.Count("AcceptParty"), 2) << "both parties, once each";
}

TEST_F(ImportTest, EverythingIsMarkedHistoricalAndNobodyIsNamed) {
  ImportJson();
  for (const auto& call : server_.seen()) {
    EXPECT_THAT(call.request, Not(HasSubstr("Anne")));
    EXPECT_THAT(call.request, Not(HasSubstr("Siebel")));
    if (call.method == "GetRelationship") continue;
    EXPECT_THAT(call.request, HasSubstr("historical: true")) << call.method;
  }
}

TEST_F(ImportTest, ABatchThatGetsNoAnswerIsSentAgainUnderItsRequestId) {
  server_.FailNext("RecordActivities", {grpc::StatusCode::UNAVAILABLE, "away"});
  server_.FailNext("RecordActivities", {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy"});
  const nlohmann::json summary = ImportJson();
  EXPECT_EQ(summary["recorded"], 4);
  std::vector<std::string> requests;
  for (const auto& call : server_.seen()) {
    if (call.method == "RecordActivities") requests.push_back(call.request);
  }
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0], requests[1]);
  EXPECT_EQ(requests[0], requests[2]);
}

TEST_F(ImportTest, ARefusedBatchEndsTheImport) {
  server_.FailNext("RecordActivities", {grpc::StatusCode::PERMISSION_DENIED, "not you"});
  const Outcome outcome = Import();
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  EXPECT_THAT(outcome.err, HasSubstr("not you"));
}

TEST_F(ImportTest, AMappingWhoseMetricsLackALevelIsRefusedBeforeAnythingIsSent) {
  std::ofstream(folder_ / "map.json") << R"({"version": 1, "source": "desk", "activity": "concept:name",
      "default_party": "provider",
      "status": "lifecycle:transition", "metrics": [{"id": "fast", "title": "Fast", "resolved": ["Closed"], "within_hours": 5}]})";
  const Outcome outcome = Import({"--mapping", folder_ / "map.json"});
  EXPECT_EQ(outcome.exit_code, kExitUsage);
  EXPECT_THAT(outcome.err, HasSubstr("metric fast of the mapping needs expected_percent and target_percent"));
  EXPECT_EQ(server_.seen().size(), 0u);
}

TEST_F(ImportTest, ABrokenFileIsNotHalfImportedSilently) {
  std::ofstream(folder_ / "My Log.xes") << std::string(kLog).substr(0, sizeof(kLog) - 40);
  const Outcome outcome = Import();
  EXPECT_EQ(outcome.exit_code, kExitUsage);
  EXPECT_EQ(server_.seen().size(), 0u) << "the first pass over the file found it";
}

TEST_F(ImportTest, OcdsPlacesWhatItCanAndListsTheRest) {
  const std::filesystem::path data = std::filesystem::path(PARLEY_SOURCE_DIR) / "../shared/data/ocds";
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "the releases are not here: " << data;
  std::vector<std::string> args = {"import", "ocds", "--output", "json"};
  for (const auto& entry : std::filesystem::directory_iterator(data)) args.push_back(entry.path());
  const Outcome first = Parley(server_, args);
  ASSERT_EQ(first.exit_code, kExitOk) << first.err;
  const auto summary = nlohmann::json::parse(first.out);
  ASSERT_EQ(summary["relationships"].size(), 1u);
  const auto& relationship = summary["relationships"][0];
  EXPECT_EQ(relationship["relationship"], "relationships/ocds-213czf-000-00001");
  EXPECT_EQ(relationship["releases"], 7) << "six, and the record's compiled one";
  EXPECT_EQ(relationship["objectives_recorded"], 1);
  EXPECT_GT(relationship["activities_recorded"], 8);
  EXPECT_GT(relationship["not_placed"].size(), 20u);
  EXPECT_GT(summary["withheld"].size(), 0u) << "contact points are not taken over";

  const auto again = nlohmann::json::parse(Parley(server_, args).out)["relationships"][0];
  EXPECT_EQ(again["created"], false);
  EXPECT_EQ(again["objectives_recorded"], 0);
  EXPECT_EQ(again["objectives_there_already"], 1);
  EXPECT_EQ(again["activities_recorded"], 0);
  EXPECT_EQ(again["activities_there_already"], relationship["activities_recorded"]);
  for (const auto& call : server_.seen()) EXPECT_THAT(call.request, Not(HasSubstr("@example.com")));
}

TEST(PseudonymKey, IsMadeOnceAndReadableByItsOwnerOnly) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("parley-key-" + std::to_string(getpid()));
  const std::string file = folder / "deep" / "key";
  const auto key = LoadPseudonymKey(file);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->size(), 64u);
  EXPECT_EQ(*LoadPseudonymKey(file), *key);
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::mask,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ofstream(file) << "short";
  EXPECT_FALSE(LoadPseudonymKey(file).ok());
  std::filesystem::remove_all(folder);
}

TEST(Slugged, MakesIdsOfFileNames) {
  EXPECT_EQ(Slugged("BPIC 2013_incidents"), "bpic-2013-incidents");
  EXPECT_EQ(Slugged("--x--"), "x");
  EXPECT_EQ(Slugged("…"), "");
  const std::string long_name(100, 'a');
  EXPECT_EQ(Slugged(long_name).size(), 63u);
  EXPECT_NE(Slugged(long_name), Slugged(long_name + "b"));
}

}  // namespace
}  // namespace parley
