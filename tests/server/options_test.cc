// Options that make no server, and the command line.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "eventstore/kv_rocks.h"
#include "tests/server/server_fixture.h"
#include "tests/support/parleyd.h"

namespace parley::test {
namespace {

using testing::HasSubstr;

class OptionsTest : public testing::Test {
 protected:
  absl::Status StartWith(const ServerOptions& options) { return Server::Start(options).status(); }

  std::string WriteConfig(const std::string& text) {
    std::ofstream(dir_ / "parleyd.conf") << text;
    return dir_ / "parleyd.conf";
  }

  ScratchDir dir_;
  ServerOptions options_ = OptionsFor(dir_);
};

TEST_F(OptionsTest, OnlyLoopbackIsServed) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:7420", ":7420"}) {
    options_.listen = address;
    EXPECT_EQ(StartWith(options_).code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST_F(OptionsTest, AManualClockIsATime) {
  options_.manual_clock = "yesterday";
  EXPECT_EQ(StartWith(options_).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(OptionsTest, ATimestampAuthorityIsReachedByHttp) {
  for (const char* url : {"localhost:3161", "ftp://tsa.example/", "file:///etc/passwd"}) {
    options_.timestamp_authority = url;
    EXPECT_EQ(StartWith(options_).code(), absl::StatusCode::kInvalidArgument) << url;
  }
}

TEST_F(OptionsTest, ADirectoryThatCannotBeMadeIsSaid) {
  std::ofstream(dir_ / "file") << "in the way";
  options_.data_dir = dir_ / "file/data";
  const absl::Status status = StartWith(options_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(options_.data_dir));
}

TEST_F(OptionsTest, APortServesOneServer) {
  auto first = Server::Start(options_);
  ASSERT_TRUE(first.ok()) << first.status();
  ServerOptions second = options_;
  second.data_dir = dir_ / "other";
  second.listen = "127.0.0.1:" + std::to_string((*first)->port());
  const absl::Status status = StartWith(second);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(second.listen));
  // The same goes for metrics.
  second.metrics_listen = second.listen;
  second.listen = "127.0.0.1:0";
  EXPECT_EQ(StartWith(second).code(), absl::StatusCode::kUnavailable);
}

TEST_F(OptionsTest, ADirectoryServesOneServer) {
  auto first = Server::Start(options_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(StartWith(options_).code(), absl::StatusCode::kUnavailable);
  first->reset();
  EXPECT_TRUE(StartWith(options_).ok());
}

TEST_F(OptionsTest, HelpIsNoError) {
  const Finished help = RunParleyd({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* option : {"--data", "--listen", "--config", "--manual-clock", "fsck"}) {
    EXPECT_THAT(help.output, HasSubstr(option));
  }
}

TEST_F(OptionsTest, AWrongCommandLineIsSaid) {
  const std::string data = options_.data_dir;
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--data", data, "--no-such-flag"},
                                             {"--data", data, "--workers", "0"},
                                             {"--data", data, "--log-level", "loud"},
                                             {"--data", data, "--config", dir_ / "not-there.conf"},
                                             {"--data", data, "nonsense"}}) {
    const Finished finished = RunParleyd(arguments);
    EXPECT_EQ(finished.exit_code, 2) << finished.output;
    EXPECT_NE(finished.output, "");
  }
  const Finished refused = RunParleyd({"--data", data, "--listen", "0.0.0.0:0"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output, HasSubstr("loopback"));
}

TEST_F(OptionsTest, AConfigFileSetsOptionsAndTheCommandLineOverridesIt) {
  const std::string config = WriteConfig("data = \"" + (dir_ / "elsewhere") +
                                         "\"\n"
                                         "manual-clock = \"2026-03-01T00:00:00Z\"\n"
                                         "max-message-kib = 64\n");
  Parleyd server(options_.data_dir, {"--config", config});
  const int port = server.WaitForPort();
  ASSERT_NE(port, 0) << server.Log();
  EXPECT_FALSE(std::ifstream(dir_ / "elsewhere/log/CURRENT").good());
  EXPECT_TRUE(std::ifstream(options_.data_dir + "/log/CURRENT").good());
  EXPECT_EQ(server.Terminate(absl::Seconds(15)), 0) << server.Log();
  // Read where the command line is silent.
  const Finished missing = RunParleyd({"--config", config, "fsck"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.output, HasSubstr("elsewhere"));
}

TEST_F(OptionsTest, AConfigFileWithAnUnknownNameIsRefused) {
  const Finished finished = RunParleyd({"--data", options_.data_dir, "--config", WriteConfig("max-mesage-kib = 64\n")});
  EXPECT_EQ(finished.exit_code, 2) << finished.output;
  EXPECT_THAT(finished.output, HasSubstr("max-mesage-kib"));
}

class FsckCommandTest : public ServerTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(Start());
    ASSERT_TRUE(Propose("d1").ok());
    server_->Shutdown(absl::Seconds(5));
    server_.reset();
  }
  Finished Fsck() { return RunParleyd({"fsck", "--data", dir_ / "data"}); }
};

TEST_F(FsckCommandTest, ACleanStoreIsClean) {
  const Finished finished = Fsck();
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  EXPECT_THAT(finished.output, HasSubstr("8 entries in 8 commits of 1 ledgers"));
  EXPECT_THAT(finished.output, HasSubstr("clean"));
}

TEST_F(FsckCommandTest, AnIndexRowThatIsGoneIsFound) {
  {
    auto derived = OpenRocksKvStore(dir_ / "data/derived");
    ASSERT_TRUE(derived.ok()) << derived.status();
    // The last of the index's rows that speaks of the decision.
    KvBatch batch;
    ASSERT_TRUE((*derived)
                    ->Scan("L", "M",
                           [&](std::string_view key, std::string_view) {
                             if (key.find("decisions/d1") == std::string_view::npos) return true;
                             batch.Delete(std::string(key));
                             return false;
                           })
                    .ok());
    ASSERT_FALSE(batch.empty());
    ASSERT_TRUE((*derived)->Write(batch).ok());
  }
  const Finished finished = Fsck();
  EXPECT_EQ(finished.exit_code, 1) << finished.output;
  EXPECT_THAT(finished.output, HasSubstr("1 problems"));
}

TEST_F(FsckCommandTest, ALogThatIsDamagedIsNotCalledClean) {
  // A bit in the middle of every file that holds records.
  int damaged = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir_ / "data/log")) {
    if (file.path().extension() != ".log" && file.path().extension() != ".sst") continue;
    const auto size = std::filesystem::file_size(file.path());
    if (size < 100) continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(size / 2));
    const char byte = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(size / 2));
    stream.put(static_cast<char>(byte ^ 1));
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  const Finished finished = Fsck();
  EXPECT_NE(finished.exit_code, 0) << finished.output;
  EXPECT_NE(finished.output, "");
}

TEST_F(FsckCommandTest, AStoreInUseOrMissingIsNotChecked) {
  EXPECT_EQ(RunParleyd({"fsck", "--data", dir_ / "nowhere"}).exit_code, 2);
  auto server = Server::Start(OptionsFor(dir_));
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(Fsck().exit_code, 2);
}

}  // namespace
}  // namespace parley::test
