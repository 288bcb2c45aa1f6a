// parley audit replay over a bundle in a directory, without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "eventstore/base/proto_util.h"
#include "services/cli/errors.h"
#include "tests/cli/fake_server.h"
#include "tests/support/bundle_builder.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AuditReplay : public testing::Test {
 protected:
  AuditReplay() { Good().Bundle("provider").Write(dir_ / "bundle"); }
  static const BundleBuilder& Good() {
    static const auto* const kGood = new BundleBuilder();
    return *kGood;
  }
  std::string Replay(std::vector<std::string> args) {
    args.insert(args.begin(), {"audit", "replay", dir_ / "bundle"});
    const Outcome outcome = ParleyAlone(args);
    EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
    return outcome.out;
  }

  ScratchDir dir_;
};

TEST_F(AuditReplay, DrawsEveryDashboardWithItsBasis) {
  const std::string all = Replay({"--all", "--as-of-size", "20"});
  EXPECT_THAT(all, AllOf(HasSubstr("Service desk"), HasSubstr("Scoreboard"), HasSubstr("Coverage"), HasSubstr("Docket"),
                         HasSubstr("Activity")));
  size_t bases = 0;
  for (size_t at = all.find("\nBasis\n"); at != std::string::npos; at = all.find("\nBasis\n", at + 1)) ++bases;
  EXPECT_EQ(bases, 6u);
  const size_t covering = Checkpoint::Parse(Good().notes.front().text())->size;
  EXPECT_THAT(all, HasSubstr("entries 0–19, 17 of them folded in, under the checkpoint of size " +
                             std::to_string(covering) + "."));
}

TEST_F(AuditReplay, PrintsJsonOneDocumentAfterAnother) {
  const std::string both = Replay({"overview", "docket", "--output", "json", "--read-time", "2026-12-24"});
  const size_t second = both.find("\n}\n{\n") + 3;
  ASSERT_GT(second, 3u);
  const auto overview = nlohmann::json::parse(both.substr(0, second));
  const auto docket = nlohmann::json::parse(both.substr(second));
  EXPECT_EQ(overview["overview"]["relationship"], "relationships/acme");
  EXPECT_EQ(overview["read_time"], "2026-12-24T00:00:00Z");
  EXPECT_EQ(docket["basis"], overview["basis"]);
  EXPECT_EQ(docket["basis"]["size"], std::to_string(Good().entries.size()));
}

TEST_F(AuditReplay, NamesPeopleOnlyWithReleasedKeys) {
  EXPECT_THAT(Replay({"persons"}), AllOf(HasSubstr("acme/persons/max"), Not(HasSubstr("Merlin"))));
  std::ofstream(dir_ / "keys", std::ios::binary) << Canonical(Good().ReleasedKeys());
  const std::string named = Replay({"persons", "persons/max", "parties/provider/persons", "--keys", dir_ / "keys"});
  EXPECT_THAT(named, AllOf(HasSubstr("Max Merlin"), HasSubstr("knows the desk well"), HasSubstr("Subo Sorrel"),
                           Not(HasSubstr("Kestrel"))));
}

TEST_F(AuditReplay, RefusesWhatIsNotThereAndWhatIsNotWhole) {
  const auto refused = [&](std::vector<std::string> args) {
    args.insert(args.begin(), {"audit", "replay", dir_ / "bundle"});
    const Outcome outcome = ParleyAlone(args);
    EXPECT_EQ(outcome.exit_code, kExitRefused) << outcome.out;
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  EXPECT_THAT(refused({"parties/buyer/objectives"}), HasSubstr("no such resource"));
  EXPECT_THAT(refused({"decisions/none"}), HasSubstr("no such resource"));
  EXPECT_THAT(refused({"overview", "--as-of-size", "100000"}), HasSubstr("as_of.known_size"));
  EXPECT_THAT(refused({"persons", "--keys", dir_ / "none"}), HasSubstr(dir_ / "none"));
  std::ofstream(dir_ / "bundle/checkpoint", std::ios::app) << "\n";
  EXPECT_THAT(refused({"overview"}), HasSubstr("the bundle is damaged: "));
}

}  // namespace
}  // namespace parley::test
