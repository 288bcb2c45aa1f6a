// The past of the demo's relationship: asked of the server, and of a bundle without one, from the command line. What is printed is the
// same, checkpoint included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "services/cli/app.h"
#include "services/cli/demo.h"
#include "services/server/server.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/server_rpc.h"

namespace parley {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Args = std::vector<std::string>;

Args operator+(Args a, const Args& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The server with six months of story, a checkpoint of the first three and one of all, and bundles for three readers.
class PastOfTheDemoTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new Shared(); }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }

  struct Shared {
    Shared() {
      auto started = Server::Start({.data_dir = dir / "data",
                                    .listen = "127.0.0.1:0",
                                    .metrics_listen = "",
                                    .manual_clock = "2026-01-05T08:00:00Z",
                                    .log_level = LogLevel::kWarning});
      EXPECT_TRUE(started.ok()) << started.status();
      if (!started.ok()) return;
      server = *std::move(started);
      for (const int months : {3, 6}) {
        std::ostringstream told;
        const absl::Status status = RunDemo({.months = months}, test::Connect(server->port()), told);
        EXPECT_TRUE(status.ok()) << status;
        Cli({"audit", "create-checkpoint", "acme-globex"});
      }
      Cli({"audit", "export", "acme-globex", dir / "buyer"});
      Cli({"audit", "export", "acme-globex", dir / "provider"}, kProvider);
      Cli({"audit", "export", "acme-globex", dir / "auditor", "--as-auditor"});
    }
    std::string Cli(const Args& args, const std::string& principal = kBuyer) const {
      std::istringstream in;
      std::ostringstream out, err;
      const int exit_code = RunCli(
          Args{"--server", "127.0.0.1:" + std::to_string(server->port()), "--as", principal} + args, {in, out, err});
      EXPECT_EQ(exit_code, 0) << err.str();
      return out.str();
    }

    test::ScratchDir dir;
    std::unique_ptr<Server> server;
  };

  static constexpr char kBuyer[] = "wren";
  static constexpr char kProvider[] = "rowan";

  static std::string Live(const std::string& board, const Args& when, const std::string& principal = kBuyer) {
    return shared_->Cli(Args{"dashboard", board, "acme-globex"} + when, principal);
  }
  // At an address where no server listens.
  static std::string Offline(const std::string& reader, const Args& boards, const Args& when) {
    std::istringstream in;
    std::ostringstream out, err;
    const int exit_code = RunCli(
        Args{"--server", "127.0.0.1:1", "audit", "replay", shared_->dir / reader} + boards + when, {in, out, err});
    EXPECT_EQ(exit_code, 0) << err.str();
    return out.str();
  }

  static inline Shared* shared_ = nullptr;
};

// In the order in which --all has them.
const Args kBoards = {"decision-register", "overview", "scoreboard", "coverage", "docket", "activity-view"};
const std::vector<Args> kMoments = {
    {"--as-of", "2026-02-01"},
    {"--as-of", "2026-04-15T12:00:00Z", "--effective", "2026-03-01"},
    {"--effective", "2026-05-01"},
    {"--as-of-size", "100"},
    {"--as-of", "2026-06-01", "--read-time", "2026-06-30"},
    {"--as-of", "2025-12-31"},
};

TEST_F(PastOfTheDemoTest, EveryDashboardIsTheSameWithAndWithoutAServer) {
  const Args json = {"--output", "json"};
  for (const Args& when : kMoments) {
    std::string all;
    for (const std::string& board : kBoards) {
      if (when == kMoments.back() && board == "overview") continue;  // There was nothing to look at.
      const std::string live = Live(board, when + json);
      EXPECT_THAT(live, HasSubstr("\"basis\""));
      EXPECT_THAT(live, HasSubstr("parley.localhost/relationships/acme-globex"));
      EXPECT_EQ(Offline("auditor", {board}, when + json), live) << board;
      if (when == kMoments[1]) {
        EXPECT_EQ(Offline("buyer", {board}, when + json), live) << board;
        EXPECT_EQ(Offline("provider", {board}, when + json), Live(board, when + json, kProvider)) << board;
      }
      all += live;
    }
    if (when == kMoments.back()) continue;
    EXPECT_EQ(Offline("auditor", {"--all"}, when + json), all);
    std::string drawn;
    for (const std::string& board : kBoards) drawn += Live(board, when);
    EXPECT_EQ(Offline("auditor", kBoards, when), drawn);
  }
}

TEST_F(PastOfTheDemoTest, AnAnswerSaysWhatItRestsOn) {
  const std::string early = Live("docket", {"--as-of", "2026-02-01"});
  EXPECT_THAT(early, HasSubstr("Basis\n  As known on 2026-02-01 00:00: entries 0–"));
  EXPECT_THAT(early, HasSubstr(", under the checkpoint of size "));
  EXPECT_NE(early.substr(early.find("under the")),
            Live("docket", {"--as-of", "2026-06-01"}).substr(early.find("under the")));
  EXPECT_THAT(Live("docket", {}), Not(HasSubstr("Basis")));
  const std::string resource = shared_->Cli({"relationships", "get", "acme-globex", "--as-of-size", "1"});
  EXPECT_THAT(resource, HasSubstr("As known on 2026-01-05 08:00: entry 0, under the checkpoint of size "));
  const std::string list = shared_->Cli({"decisions", "list", "acme-globex", "--effective", "2026-02-01"});
  EXPECT_THAT(list, HasSubstr(", as true on 2026-02-01 00:00: entries 0–"));
}

TEST_F(PastOfTheDemoTest, ResourcesAreTheSameToo) {
  const Args when = {"--as-of", "2026-04-15", "--effective", "2026-03-20"};
  EXPECT_EQ(Offline("buyer", {"decisions"}, when), shared_->Cli(Args{"decisions", "list", "acme-globex"} + when));
  EXPECT_EQ(Offline("buyer", {"decisions/go-live"}, when),
            shared_->Cli(Args{"decisions", "get", "acme-globex/decisions/go-live"} + when));
}

TEST_F(PastOfTheDemoTest, ABundleDoesNotKnowWhatCameAfterIt) {
  std::istringstream in;
  std::ostringstream out, err;
  EXPECT_EQ(RunCli({"audit", "replay", shared_->dir / "auditor", "overview", "--as-of", "2030-01-01"}, {in, out, err}),
            0);
  EXPECT_THAT(err.str(), HasSubstr("lies after the bundle's last entry"));
  EXPECT_EQ(
      RunCli({"audit", "replay", shared_->dir / "auditor", "overview", "--as-of-size", "1000000"}, {in, out, err}), 1);
}

}  // namespace
}  // namespace parley
