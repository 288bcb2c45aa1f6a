// A real service desk's log, proven: imported, checkpointed, cosigned, exported, and then read with nothing but the command line,
// the bundle and a policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "services/cli/app.h"
#include "services/cli/errors.h"
#include "services/server/server.h"
#include "tests/support/program.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// What a verification may take, whatever the ledger's length: the relationship's state, one tile, and the caches of the scratch
// store.
constexpr uint64_t kMemoryCap = uint64_t{256} << 20;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

class AuditBpic : public testing::Test {
 protected:
  void SetUp() override {
    log_ = std::string(PARLEY_SOURCE_DIR) + "/../shared/data/xes/bpic2013_incidents.xes.gz";
    if (!fs::exists(log_)) GTEST_SKIP() << "no ../shared/data/xes/bpic2013_incidents.xes.gz";
    auto server = Server::Start(
        {.data_dir = dir_ / "data", .listen = "127.0.0.1:0", .metrics_listen = "", .log_level = LogLevel::kError});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
  }

  std::string Online(const std::vector<std::string>& args) {
    std::istringstream in;
    std::ostringstream out, err;
    std::vector<std::string> all{"--server", "127.0.0.1:" + std::to_string(server_->port()), "--as", "erin"};
    all.insert(all.end(), args.begin(), args.end());
    EXPECT_EQ(RunCli(all, {in, out, err}), kExitOk) << args[0] << ": " << err.str();
    return out.str();
  }

  // The command line alone, in a folder that holds nothing else, with no server anywhere.
  test::ProgramRun Offline(const std::vector<std::string>& args) {
    std::vector<std::string> argv{"./parley"};
    argv.insert(argv.end(), args.begin(), args.end());
    return test::RunProgram(dir_ / "clean", argv, {"TMPDIR=" + (dir_ / "clean")});
  }

  test::ScratchDir dir_;
  std::string log_;
  std::unique_ptr<Server> server_;
};

TEST_F(AuditBpic, VerifiedAndReplayedToTheSameBytesWithoutAServer) {
  Online({"import", "xes", log_, "--relationship", "desk", "--pseudonym-key", dir_ / "key"});
  // One person imported for both parties: each party's key, and what each agent cosigns with it.
  std::string policy = "quorum both\n", group = "group both all";
  for (const std::string party : {"buyer", "provider"}) {
    const std::string key = dir_ / (party + ".key");
    std::string vkey = Online({"cosign", "keygen", "--name", "desk.example/" + party, "--out", key});
    while (!vkey.empty() && vkey.back() == '\n') vkey.pop_back();
    vkey = vkey.substr(vkey.find_last_of(" \n") + 1);
    Online({"--party", party, "keys", "register", "desk", "--party-id", party, "--vkey", vkey});
    policy.insert(0, "witness " + party + " " + vkey + "\n");
    group += " " + party;
  }
  policy.insert(policy.find("quorum"), group + "\n");
  Online({"audit", "create-checkpoint", "desk"});
  for (const std::string party : {"buyer", "provider"}) {
    Online(
        {"--party", party, "cosign", "desk", "--key", dir_ / (party + ".key"), "--state", dir_ / (party + "-agent")});
  }
  const auto keys = nlohmann::json::parse(Online({"--output", "json", "keys", "list", "desk"}));
  std::string log_key;
  for (const auto& key : keys["keys"]) {
    if (key["name"] == "relationships/desk/keys/log-1") log_key = key["vkey"];
  }
  ASSERT_FALSE(log_key.empty()) << keys.dump(2);
  policy.insert(0, "log " + log_key + "\n");

  Online({"--party", "buyer", "audit", "export", "desk", dir_ / "bundle"});
  const std::vector<std::string> boards{"overview", "register", "scoreboard", "coverage", "docket", "activity"};
  const std::vector<std::vector<std::string>> moments{{"--effective", "2012-04-30"},
                                                      {"--effective", "2012-05-10"},
                                                      {"--as-of-size", "40000", "--effective", "2012-05-20"}};
  std::vector<std::string> live;  // Of each moment, every board.
  for (const auto& moment : moments) {
    live.emplace_back();
    for (const std::string& board : boards) {
      std::vector<std::string> args{"--output", "json", "dashboard", board, "desk", "--read-time", "2012-06-01"};
      args.insert(args.end(), moment.begin(), moment.end());
      live.back() += Online(args);
    }
  }
  EXPECT_NE(live[0], live[1]) << "the dates show no difference";
  server_.reset();

  fs::create_directories(dir_ / "clean");
  fs::copy(std::string(PARLEY_BINARY_DIR) + "/services/parley", dir_ / "clean");
  fs::rename(dir_ / "bundle", dir_ / "clean/bundle");
  std::ofstream(dir_ / "clean/policy") << policy;
  fs::remove_all(dir_ / "data");

  const test::ProgramRun verified = Offline({"audit", "verify", "bundle", "--trust", "policy", "--output", "json"});
  ASSERT_EQ(verified.exit_code, 0) << verified.output << verified.errors;
  const auto report = nlohmann::json::parse(verified.output);
  EXPECT_EQ(report["verdict"], "complete");
  EXPECT_GT(report["size"], 65'533);
  RecordProperty("verify_peak_mib", static_cast<int>(verified.peak_resident_bytes >> 20));
  RecordProperty("verify_cpu_ms", static_cast<int>(absl::ToInt64Milliseconds(verified.cpu)));
  std::cout << "verified " << report["size"] << " entries: " << verified.cpu << " of processor time, "
            << (verified.peak_resident_bytes >> 20) << " MiB at most\n";
  if (!kSanitized) {
    EXPECT_LE(verified.peak_resident_bytes, kMemoryCap);
  }

  for (size_t i = 0; i < moments.size(); ++i) {
    std::vector<std::string> args{"audit", "replay", "bundle", "--read-time", "2012-06-01", "--output", "json"};
    args.insert(args.end(), boards.begin(), boards.end());
    args.insert(args.end(), moments[i].begin(), moments[i].end());
    const test::ProgramRun replayed = Offline(args);
    EXPECT_EQ(replayed.exit_code, 0) << replayed.errors;
    EXPECT_EQ(replayed.output, live[i]) << "as of " << moments[i][1];
  }
}

}  // namespace
}  // namespace parley
