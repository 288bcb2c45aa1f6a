// parley audit verify and explain over bundles in a directory, without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "parley/v1/decision.pb.h"
#include "services/cli/errors.h"
#include "services/verify/verify.h"
#include "tests/cli/fake_server.h"
#include "tests/support/bundle_builder.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AuditCommands : public testing::Test {
 protected:
  AuditCommands() {
    Put("policy", BundleBuilder::BothMustSignText());
    Put("log-alone", BundleBuilder::LogAloneText());
    Good().Bundle("provider").Write(dir_ / "bundle");
  }
  static const BundleBuilder& Good() {
    static const auto* const kGood = new BundleBuilder();
    return *kGood;
  }
  std::string Put(const std::string& name, const std::string& bytes) {
    std::ofstream(dir_ / name, std::ios::binary) << bytes;
    return dir_ / name;
  }
  // A decision by somebody without the right, signed again.
  void PutBreach() {
    BundleBuilder b = Good();
    b.Rewrite(b.Find("decision.decided"), [](v1::EntryHeader&, v1::Record& record) {
      record.set_actor("petra");
      record.set_party("provider");
      record.set_role("delivery-lead");
    });
    b.Resign();
    b.Bundle("provider").Write(dir_ / "breach");
  }

  ScratchDir dir_;
};

TEST_F(AuditCommands, AGoodBundle) {
  const Outcome outcome = ParleyAlone({"audit", "verify", dir_ / "bundle", "--trust", dir_ / "policy"});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("erased-with-authority"),
                    HasSubstr("complete to size " + std::to_string(Good().entries.size())), HasSubstr("by buyer"),
                    HasSubstr("by provider"), HasSubstr("decision-register"), Not(HasSubstr("Offence"))));
}

TEST_F(AuditCommands, ABreachNamesItsEntry) {
  PutBreach();
  const Outcome outcome = ParleyAlone({"audit", "verify", dir_ / "breach", "--trust", dir_ / "log-alone"});
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("unauthorised"),
                                 HasSubstr("at sequence " + std::to_string(Good().Find("decision.decided")) + ": "),
                                 HasSubstr("divergent: ")));
}

TEST_F(AuditCommands, AsJson) {
  PutBreach();
  Outcome outcome =
      ParleyAlone({"--output", "json", "audit", "verify", dir_ / "breach", "--trust", dir_ / "log-alone"});
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  const json breach = json::parse(outcome.out);
  EXPECT_EQ(breach["verdict"], "unauthorised");
  EXPECT_EQ(breach["offence"], Good().Find("decision.decided"));
  outcome = ParleyAlone({"--output", "json", "audit", "verify", dir_ / "bundle", "--trust", dir_ / "policy"});
  const json good = json::parse(outcome.out);
  EXPECT_EQ(good["verdict"], "erased-with-authority");
  EXPECT_EQ(good["size"], Good().entries.size());
  EXPECT_EQ(good["cosigned"].size(), 2u);
  EXPECT_TRUE(good["findings"].empty());
}

TEST_F(AuditCommands, SeenCheckpointsPoliciesAndKeys) {
  const std::string seen = Put("seen", Good().notes.front().ToString());
  const std::string keys = Put("keys", Canonical(Good().ReleasedKeys()));
  Outcome outcome = ParleyAlone({"--output", "json", "audit", "verify", dir_ / "bundle", "--trust", dir_ / "policy",
                                 "--seen", seen, "--keys", keys});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.out << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["opened_parts"], 4);
  // Of a history that is shorter.
  BundleBuilder b = Good();
  b.entries.resize(b.entries.size() - 3);
  b.Resign();
  b.Bundle("provider").Write(dir_ / "short");
  const std::string newest = Put("newest", Good().notes.back().ToString());
  outcome = ParleyAlone({"audit", "verify", dir_ / "short", "--trust", dir_ / "log-alone", "--seen", newest});
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  EXPECT_THAT(outcome.out, HasSubstr("truncated"));
  // With an old checkpoint, where the policy wants a fresh one.
  const std::string fresh = Put("fresh", BundleBuilder::BothMustSignText("max-age 24\n"));
  outcome = ParleyAlone({"audit", "verify", dir_ / "bundle", "--trust", fresh, "--now", "2026-12-01"});
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  EXPECT_THAT(outcome.out, HasSubstr("stale"));
}

TEST_F(AuditCommands, AsOfThePast) {
  const Outcome outcome = ParleyAlone({"--output", "json", "audit", "verify", dir_ / "bundle", "--trust",
                                       dir_ / "policy", "--as-of", "2026-01-01T06:00:00Z"});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
  const json report = json::parse(outcome.out);
  ASSERT_EQ(report["read_models_as_of"].size(), report["read_models"].size());
  EXPECT_NE(report["read_models_as_of"], report["read_models"]);
}

TEST_F(AuditCommands, WhatMakesNoSense) {
  EXPECT_EQ(ParleyAlone({"audit", "verify", dir_ / "bundle"}).exit_code, kExitUsage);
  EXPECT_EQ(ParleyAlone({"audit", "verify", dir_ / "bundle", "--trust", dir_ / "none"}).exit_code, kExitUsage);
  const std::string nonsense = Put("nonsense", "trust me\n");
  EXPECT_EQ(ParleyAlone({"audit", "verify", dir_ / "bundle", "--trust", nonsense}).exit_code, kExitUsage);
  EXPECT_EQ(ParleyAlone({"audit", "verify", dir_ / "nowhere", "--trust", dir_ / "policy"}).exit_code, kExitUsage);
  const Outcome seen =
      ParleyAlone({"audit", "verify", dir_ / "bundle", "--trust", dir_ / "policy", "--seen", nonsense});
  EXPECT_EQ(seen.exit_code, kExitUsage);
  EXPECT_THAT(seen.err, HasSubstr("nonsense is no checkpoint"));
}

TEST_F(AuditCommands, HelpListsEveryVerdict) {
  const Outcome outcome = ParleyAlone({"audit", "verify", "--help"});
  EXPECT_EQ(outcome.exit_code, kExitOk);
  for (const Verdict verdict : Verdicts()) {
    EXPECT_THAT(outcome.out, HasSubstr(std::string(VerdictName(verdict)) + " "));
    EXPECT_THAT(outcome.out, HasSubstr(std::string(VerdictMeaning(verdict))));
  }
}

TEST_F(AuditCommands, ExplainsADecision) {
  const std::string decided = std::to_string(Good().Find("decision.decided"));
  const Outcome outcome = ParleyAlone({"audit", "explain", dir_ / "bundle", decided, "--trust", dir_ / "policy"});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("decision.decided"), HasSubstr("bill for buyer as service-manager"),
                    HasSubstr("role service-manager of buyer, held by bill"), HasSubstr("charter version 1"),
                    HasSubstr("class change-request"), HasSubstr("up to EUR 10000"),
                    HasSubstr("service-manager of buyer may: decide"), HasSubstr("the rules allow it"),
                    HasSubstr("decision-register"), HasSubstr("cosigned at")));
}

TEST_F(AuditCommands, ExplainsABreach) {
  PutBreach();
  const std::string decided = std::to_string(Good().Find("decision.decided"));
  const Outcome outcome = ParleyAlone({"--output", "json", "audit", "explain", dir_ / "breach", decided});
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  EXPECT_THAT(json::parse(outcome.out)["refusal"].get<std::string>(), HasSubstr("is refused"));
}

TEST_F(AuditCommands, ExplainsWhatIsWithheldAndWhatIsSealed) {
  // The buyer's own, to the provider.
  size_t own = 0;
  while (Good().HeaderOf(own).owner() != "buyer") ++own;
  Outcome outcome = ParleyAlone({"audit", "explain", dir_ / "bundle", std::to_string(own)});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("withheld"), HasSubstr("Leaf"), Not(HasSubstr("Pay less"))));
  const std::string profile = std::to_string(Good().Find("person.registered", 1));
  outcome = ParleyAlone({"audit", "explain", dir_ / "bundle", profile});
  EXPECT_THAT(outcome.out, Not(HasSubstr("Merlin")));
  const std::string keys = Put("keys", Canonical(Good().ReleasedKeys()));
  outcome = ParleyAlone({"audit", "explain", dir_ / "bundle", profile, "--keys", keys});
  EXPECT_THAT(outcome.out, HasSubstr("Max Merlin"));
}

}  // namespace
}  // namespace parley::test
