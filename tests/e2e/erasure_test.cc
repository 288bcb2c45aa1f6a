// An erasure as auditors see it: the bundle from before and the one from after it, side by side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "services/cli/app.h"
#include "services/cli/errors.h"
#include "services/server/server.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ErasureE2e : public testing::Test {
 protected:
  ErasureE2e() {
    auto server = Server::Start(
        {.data_dir = dir_ / "data", .listen = "127.0.0.1:0", .metrics_listen = "", .log_level = LogLevel::kError});
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) server_ = std::move(*server);
  }

  std::string Run(const std::string& who, std::vector<std::string> args) {
    std::istringstream in;
    std::ostringstream out, err;
    args.insert(args.begin(), {"--server", "127.0.0.1:" + std::to_string(server_->port()), "--as", who});
    EXPECT_EQ(RunCli(args, {in, out, err}), kExitOk) << err.str();
    return out.str();
  }
  json RunJson(const std::string& who, std::vector<std::string> args) {
    args.insert(args.begin(), {"--output", "json"});
    return json::parse(Run(who, std::move(args)), nullptr, false);
  }

  void Establish() {
    Run("bea", {"relationships", "establish", "--relationship-id", "acme", "--display-name", "Service desk",
                "--archetype", "managed-service", "--stage", "operating", "--parties",
                "party_id=buyer,kind=buyer,display_name=Buyer,first_member=bea", "--parties",
                "party_id=provider,kind=provider,display_name=Provider,first_member=pat"});
    Run("bea", {"relationships", "accept-party", "acme", "--party-id", "buyer"});
    Run("pat", {"relationships", "accept-party", "acme", "--party-id", "provider"});
    std::string policy, group = "group both all";
    for (const auto& [who, party] : {std::pair("bea", "buyer"), std::pair("pat", "provider")}) {
      std::string vkey = Run(who, {"cosign", "keygen", "--name", std::string("acme.example/") + party, "--out",
                                   dir_ / (std::string(party) + ".key")});
      vkey = vkey.substr(0, vkey.find_last_not_of('\n') + 1);
      vkey = vkey.substr(vkey.find_last_of(" \n") + 1);
      Run(who, {"keys", "register", "acme", "--party-id", party, "--vkey", vkey});
      policy += std::string("witness ") + party + " " + vkey + "\n";
      group += std::string(" ") + party;
    }
    Run("bea", {"audit", "create-checkpoint", "acme"});
    const json keys = RunJson("bea", {"keys", "list", "acme"});
    for (const json& key : keys["keys"]) {
      if (key["name"] == "relationships/acme/keys/log-1") policy += "log " + key["vkey"].get<std::string>() + "\n";
    }
    std::ofstream(dir_ / "policy") << policy << group << "\nquorum both\n";
  }

  // Both parties' agents, and then what an outsider is given.
  std::string CosignAndExport(const std::string& name) {
    for (const auto& [who, party] : {std::pair("bea", "buyer"), std::pair("pat", "provider")}) {
      Run(who, {"cosign", "acme", "--key", dir_ / (std::string(party) + ".key"), "--state", dir_ / party});
    }
    Run("bea", {"audit", "export", "acme", dir_ / name, "--as-auditor"});
    return dir_ / name;
  }
  json Verify(const std::string& bundle, std::vector<std::string> more = {}) {
    std::vector<std::string> args{"audit", "verify", bundle, "--trust", dir_ / "policy"};
    args.insert(args.end(), more.begin(), more.end());
    return RunJson("bea", args);
  }

  test::ScratchDir dir_;
  std::unique_ptr<Server> server_;
};

TEST_F(ErasureE2e, TheLaterBundleIsErasedWithAuthorityAndExtendsTheEarlierOne) {
  Establish();
  for (const char* person : {"p1", "p2"}) {
    Run("pat", {"persons", "register", "acme", "--person-id", person, "--party-id", "provider", "--display-name",
                "Anneliese Quittenbaum", "--email", "anneliese@quittenbaum.example"});
  }
  Run("bea", {"persons", "comment-on", "acme/persons/p1", "--text", "Keeps promises"});
  const std::string before = CosignAndExport("before");
  const json complete = Verify(before);
  EXPECT_EQ(complete["verdict"], "complete");
  EXPECT_EQ(complete["erased_parts"], 0);

  Run("pat", {"persons", "erase", "acme/persons/p1", "--reason", "asked for it"});
  const std::string after = CosignAndExport("after");
  const std::string size = std::to_string(complete["size"].get<uint64_t>());
  const json erased = Verify(after, {"--seen", before + "/checkpoint", "--as-of-size", size});
  EXPECT_EQ(erased["verdict"], "erased-with-authority");
  EXPECT_EQ(erased["erased_parts"], 3);  // Name, address, comment.
  EXPECT_GT(erased["size"], complete["size"]);

  // What the read models said before the erasure is what they are seen to have said after it, although texts are gone.
  const auto digests = [](const json& models) {
    std::map<std::string, std::string> out;
    for (const json& model : models) out[model["model"]] = model["sha256"];
    return out;
  };
  ASSERT_FALSE(complete["read_models"].empty());
  EXPECT_EQ(digests(complete["read_models"]), digests(erased["read_models_as_of"])) << erased.dump(2);

  const std::string diff = Run("bea", {"audit", "diff", before, after});
  EXPECT_THAT(diff, HasSubstr("person.erased"));
  EXPECT_THAT(diff, HasSubstr("erased"));
  // The other person's texts are there for whoever is released the keys; the erased person's are for nobody.
  Run("pat", {"audit", "keys", "acme", "--out", dir_ / "keys", "--days", "1"});
  EXPECT_EQ(Verify(after, {"--keys", dir_ / "keys"})["opened_parts"], 2);
}

}  // namespace
}  // namespace parley
