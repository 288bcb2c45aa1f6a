// The restore drill: a backup taken while the server serves, restored elsewhere, and what is refused afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "eventstore/base/checksums.h"
#include "services/cli/app.h"
#include "services/cli/errors.h"
#include "services/server/server.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class BackupDrill : public testing::Test {
 protected:
  struct Said {
    int exit_code = 0;
    std::string out, err;
  };

  absl::Status Start(const std::string& data) {
    server_.reset();
    auto server = Server::Start({.data_dir = dir_ / data,
                                 .listen = "127.0.0.1:0",
                                 .metrics_listen = "",
                                 .notes_dir = dir_ / "notes",
                                 .operators = {"olga"},
                                 .log_level = LogLevel::kError});
    if (server.ok()) server_ = std::move(*server);
    return server.status();
  }
  void MustStart(const std::string& data) {
    const absl::Status started = Start(data);
    ASSERT_TRUE(started.ok()) << started;
  }

  Said Run(const std::string& who, std::vector<std::string> args) {
    std::istringstream in;
    std::ostringstream out, err;
    const std::string port = server_ ? std::to_string(server_->port()) : "1";
    args.insert(args.begin(), {"--server", "127.0.0.1:" + port, "--as", who});
    Said said{RunCli(args, {in, out, err})};
    said.out = out.str();
    said.err = err.str();
    return said;
  }
  std::string Must(const std::string& who, std::vector<std::string> args) {
    const Said said = Run(who, std::move(args));
    EXPECT_EQ(said.exit_code, kExitOk) << said.err;
    return said.out;
  }

  void Establish() {
    Must("bea", {"relationships", "establish", "--relationship-id", "acme", "--display-name", "Service desk",
                 "--archetype", "managed-service", "--stage", "operating", "--parties",
                 "party_id=buyer,kind=buyer,display_name=Buyer,first_member=bea", "--parties",
                 "party_id=provider,kind=provider,display_name=Provider,first_member=pat"});
    Must("bea", {"relationships", "accept-party", "acme", "--party-id", "buyer"});
    Must("pat", {"relationships", "accept-party", "acme", "--party-id", "provider"});
    Must("pat", {"persons", "register", "acme", "--person-id", "p1", "--party-id", "provider", "--display-name",
                 "Anneliese Quittenbaum"});
  }
  void Add(const std::string& id) {
    Must("bea",
         {"persons", "register", "acme", "--person-id", id, "--party-id", "buyer", "--display-name", "Bea Buyer"});
  }
  std::string History() { return Must("bea", {"--output", "json", "timeline", "acme", "--all"}); }
  std::string Backup(const std::string& name) {
    Must("olga", {"admin", "create-backup", "--directory", dir_ / name});
    return dir_ / name;
  }
  Said Restore(const std::string& backup, const std::string& data) {
    return Run("olga", {"admin", "restore", backup, dir_ / data, "--secrets", dir_ / "data/secrets"});
  }

  test::ScratchDir dir_;
  std::unique_ptr<Server> server_;
};

TEST_F(BackupDrill, WhatIsRestoredIsTheSameHistoryUnderAnotherIncarnation) {
  MustStart("data");
  Establish();
  Add("o1");
  const std::string before = History();
  const std::string token =
      Must("bea", {"--output", "json", "persons", "comment-on", "acme/persons/o1", "--text", "Knows the desk"});
  const std::string backup = Backup("backup");
  EXPECT_TRUE(VerifyChecksums(backup).ok());
  EXPECT_FALSE(std::filesystem::exists(backup + "/secrets"));
  Add("later");  // Not in the backup.
  const std::string at_backup = History();
  server_.reset();

  const Said restored = Restore(backup, "elsewhere");
  EXPECT_EQ(restored.exit_code, kExitOk) << restored.err;
  MustStart("elsewhere");
  EXPECT_THAT(at_backup, HasSubstr("persons/later"));
  EXPECT_THAT(History(), Not(HasSubstr("persons/later")));
  EXPECT_THAT(History(), HasSubstr("person.commented"));
  EXPECT_THAT(Must("bea", {"persons", "get", "acme/persons/p1"}), HasSubstr("Anneliese Quittenbaum"));
  Add("after");  // It takes new entries.

  // A token of the log that was: refused, not misread.
  const size_t at = token.find("consistency_token");
  ASSERT_NE(at, std::string::npos) << token;
  const size_t open = token.find('"', token.find(':', at));
  const std::string old = token.substr(open + 1, token.find('"', open + 1) - open - 1);
  const Said stale = Run("bea", {"persons", "get", "acme/persons/o1", "--consistency-token", old});
  EXPECT_EQ(stale.exit_code, kExitRefused);
  EXPECT_THAT(stale.err, HasSubstr("CONSISTENCY_TOKEN_INVALID"));
}

TEST_F(BackupDrill, AServerThatWasSetBackBehindACheckpointRefuses) {
  MustStart("data");
  Establish();
  const std::string older = Backup("older");
  Add("o1");
  Must("bea", {"audit", "create-checkpoint", "acme"});
  const std::string newer = Backup("newer");
  server_.reset();

  ASSERT_EQ(Restore(older, "older-data").exit_code, kExitOk);
  const absl::Status refused = Start("older-data");
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("acme"));

  ASSERT_EQ(Restore(newer, "newer-data").exit_code, kExitOk);
  MustStart("newer-data");
  EXPECT_THAT(Must("bea", {"audit", "get-checkpoint", "acme"}), HasSubstr("relationships/acme"));
}

TEST_F(BackupDrill, ABackupFromBeforeAnErasureOpensNothingWithTodaysSecrets) {
  MustStart("data");
  Establish();
  const std::string before = Backup("before");
  Must("pat", {"persons", "erase", "acme/persons/p1", "--reason", "asked for it"});
  const std::string after = Backup("after");
  server_.reset();
  // Their keys are wrapped by an epoch key that is gone.
  ASSERT_EQ(Restore(before, "before-data").exit_code, kExitOk);
  EXPECT_FALSE(Start("before-data").ok());
  // With the newer wrapped keys the older record can be served, and the erased person stays unknown.
  std::filesystem::remove_all(dir_ / "before-data");
  const Said said = Run("olga", {"admin", "restore", before, dir_ / "before-data", "--secrets", dir_ / "data/secrets",
                                 "--keyring", after + "/keyring"});
  ASSERT_EQ(said.exit_code, kExitOk) << said.err;
  MustStart("before-data");
  EXPECT_THAT(Must("bea", {"persons", "get", "acme/persons/p1"}), Not(HasSubstr("Quittenbaum")));
  // Nothing is sealed for them under another key, beside which the earlier texts would look damaged.
  EXPECT_THAT(Run("bea", {"persons", "comment-on", "acme/persons/p1", "--text", "back again"}).err,
              HasSubstr("PERSON_ERASED"));
  EXPECT_THAT(Must("bea", {"persons", "list", "acme"}), HasSubstr("acme/persons/p1"));
  Must("pat", {"persons", "erase", "acme/persons/p1", "--reason", "asked for it, before the restore"});
}

TEST_F(BackupDrill, WhatIsNotAWholeBackupIsNotRestored) {
  MustStart("data");
  Establish();
  const std::string backup = Backup("backup");
  EXPECT_THAT(Run("bea", {"admin", "create-backup", "--directory", dir_ / "mine"}).err, HasSubstr("NOT_AN_OPERATOR"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "mine"));
  EXPECT_THAT(Run("olga", {"admin", "create-backup", "--directory", backup}).err, HasSubstr("exists already"));
  EXPECT_THAT(Run("olga", {"admin", "create-backup", "--directory", "relative"}).err, HasSubstr("absolute"));

  EXPECT_EQ(Restore(backup, "data").exit_code, kExitUsage);  // It is there.
  std::ofstream(backup + "/log/stray") << "x";
  const Said stray = Restore(backup, "elsewhere");
  EXPECT_EQ(stray.exit_code, kExitUsage);
  EXPECT_THAT(stray.err, HasSubstr("log/stray"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "elsewhere"));
  std::filesystem::remove(backup + "/log/stray");
  std::filesystem::remove(backup + "/SHA256SUMS");
  EXPECT_EQ(Restore(backup, "elsewhere").exit_code, kExitUsage);
}

TEST_F(BackupDrill, TheLogsKeyIsRotatedByAnOperator) {
  MustStart("data");
  Establish();
  Must("bea", {"audit", "create-checkpoint", "acme"});
  EXPECT_THAT(Run("bea", {"admin", "rotate-log-key"}).err, HasSubstr("NOT_AN_OPERATOR"));
  Must("olga", {"admin", "rotate-log-key"});
  Add("o1");
  Must("bea", {"audit", "create-checkpoint", "acme"});
  const std::string keys = Must("bea", {"--output", "json", "keys", "list", "acme"});
  EXPECT_THAT(keys, HasSubstr("keys/log-1"));
  EXPECT_THAT(keys, HasSubstr("keys/log-2"));
  EXPECT_THAT(keys, HasSubstr("parley/key/v1"));  // The statement by which the first hands over.
}

}  // namespace
}  // namespace parley
