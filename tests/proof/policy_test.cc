#include "eventstore/proof/policy.h"

#include <gtest/gtest.h>

#include <set>

#include "eventstore/proof/ed25519.h"

namespace parley::test {
namespace {

std::string Vkey(const std::string& name, NoteKeyType type, char seed) {
  return NoteVerifierKey::Make(name, type, *Ed25519PublicKey(std::string(32, seed)))->ToString();
}
std::string LogKey(const std::string& name = "log.example/relationships/acme", char seed = 'l') {
  return Vkey(name, NoteKeyType::kEd25519, seed);
}
std::string WitnessKey(char seed) { return Vkey(std::string("w/") + seed, NoteKeyType::kEd25519Cosignature, seed); }

absl::StatusOr<std::string> NoFiles(const std::string&) { return absl::NotFoundError("no such file"); }
absl::StatusOr<Policy> Read(const std::string& text) { return Policy::Parse(text, NoFiles); }

// The beginning that most of these share: witnesses a to e.
std::string Witnesses() {
  std::string text;
  for (char name = 'a'; name <= 'e'; ++name) text += std::string("witness ") + name + " " + WitnessKey(name) + "\n";
  return text;
}

std::function<bool(const std::string&)> By(std::set<std::string> names) {
  return [names = std::move(names)](const std::string& name) { return names.contains(name); };
}

// That `text` is refused at `line`, for a reason that says `why`.
void ExpectRefused(const std::string& text, int line, const std::string& why) {
  const auto policy = Read(text);
  ASSERT_FALSE(policy.ok()) << text;
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(policy.status().message());
  EXPECT_TRUE(message.starts_with("line " + std::to_string(line) + ": ")) << message;
  EXPECT_NE(message.find(why), std::string::npos) << message;
}

TEST(Policy, ReadsEveryKindOfLine) {
  const auto policy =
      Policy::Parse("# Whom we trust\n\n  \t\nlog " + LogKey() + " https://log.example/\n" + Witnesses() +
                        "\tgroup  buyers\tany a b \n"
                        "  # between\n"
                        "group providers all c d\n"
                        "group both 2 buyers providers\n"
                        "max-age 48\n"
                        "timestamp-authority tsa/ca.pem\n"
                        "quorum both\n",
                    [](const std::string& file) -> absl::StatusOr<std::string> {
                      if (file != "tsa/ca.pem") return absl::NotFoundError(file);
                      return std::string("PEM");
                    });
  ASSERT_TRUE(policy.ok()) << policy.status();
  ASSERT_NE(policy->LogOf("log.example/relationships/acme"), nullptr);
  EXPECT_EQ(policy->LogOf("log.example/relationships/acme")->ToString(), LogKey());
  EXPECT_EQ(policy->LogOf("log.example/relationships/other"), nullptr);
  EXPECT_EQ(policy->witnesses().size(), 5u);
  EXPECT_EQ(policy->witnesses().at("a").ToString(), WitnessKey('a'));
  EXPECT_EQ(policy->max_age(), absl::Hours(48));
  EXPECT_EQ(policy->timestamp_authority(), "PEM");
}

TEST(Policy, LeastThereCanBe) {
  const auto policy = Read("quorum none");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_TRUE(policy->QuorumMet(By({})));
  EXPECT_TRUE(policy->Missing(By({})).empty());
  EXPECT_TRUE(policy->witnesses().empty());
  EXPECT_EQ(policy->max_age(), std::nullopt);
  EXPECT_EQ(policy->timestamp_authority(), "");
}

TEST(Policy, QuorumOfOneWitness) {
  const auto policy = Read(Witnesses() + "quorum b\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_TRUE(policy->QuorumMet(By({"b"})));
  EXPECT_FALSE(policy->QuorumMet(By({"a", "c", "d", "e"})));
  EXPECT_EQ(policy->Missing(By({"a"})), std::vector<std::string>{"b"});
}

TEST(Policy, ThresholdsCountMembers) {
  const auto policy = Read(Witnesses() + "group g 2 a b c\nquorum g\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_FALSE(policy->QuorumMet(By({})));
  EXPECT_FALSE(policy->QuorumMet(By({"a"})));
  EXPECT_FALSE(policy->QuorumMet(By({"a", "d", "e"})));
  EXPECT_TRUE(policy->QuorumMet(By({"a", "c"})));
  EXPECT_TRUE(policy->QuorumMet(By({"a", "b", "c"})));
  EXPECT_EQ(policy->Missing(By({"a"})), (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(policy->Missing(By({"a", "c"})).empty());
}

TEST(Policy, GroupsOfGroups) {
  const auto policy = Read(Witnesses() + "group x any a b\ngroup y all c d\ngroup z all x y\nquorum z\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_FALSE(policy->QuorumMet(By({"a", "b"})));
  EXPECT_FALSE(policy->QuorumMet(By({"a", "c"})));
  EXPECT_FALSE(policy->QuorumMet(By({"c", "d", "e"})));
  EXPECT_TRUE(policy->QuorumMet(By({"b", "c", "d"})));
  // e counts nowhere, so nobody misses it.
  EXPECT_EQ(policy->Missing(By({"a", "c"})), (std::vector<std::string>{"b", "d"}));
}

// Names mean nothing beyond the file, so a witness may be called like a keyword or a number.
TEST(Policy, NamesAreOpaque) {
  const auto policy =
      Read("witness all " + WitnessKey('a') + "\nwitness 2 " + WitnessKey('b') + "\nwitness K\xc3\xb6ln " +
           WitnessKey('c') + "\ngroup any 2 all 2 K\xc3\xb6ln\nquorum any\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_TRUE(policy->QuorumMet(By({"all", "2"})));
  EXPECT_FALSE(policy->QuorumMet(By({"K\xc3\xb6ln"})));
}

TEST(Policy, OneKeyMayBeALogAndAWitness) {
  EXPECT_TRUE(Read("log " + LogKey("log.example", 'x') + "\nwitness x " + WitnessKey('x') + "\nquorum x\n").ok());
}

TEST(Policy, RefusesLinesThatItDoesNotKnow) {
  ExpectRefused("quorum none\nthreshold 2\n", 2, "no word");
  ExpectRefused("Quorum none\n", 1, "no word");
  ExpectRefused("quorum none # for now\n", 1, "must read: quorum <name>|none");
  ExpectRefused("quorum none\r\n", 1, "control character");
  ExpectRefused("quorum none\n# \x7f\n", 2, "control character");
  ExpectRefused(std::string("quorum none\n#\0\n", 15), 2, "control character");
  // A space that is none in ASCII parts no words.
  ExpectRefused("quorum\xc2\xa0none\n", 1, "no word");
}

TEST(Policy, RefusesTooManyAndTooFewArguments) {
  ExpectRefused("log\n", 1, "must read: log");
  ExpectRefused("log " + LogKey() + " url more\n", 1, "must read: log");
  ExpectRefused("witness a\n", 1, "must read: witness");
  ExpectRefused("witness a " + WitnessKey('a') + " url more\n", 1, "must read: witness");
  ExpectRefused(Witnesses() + "group g all\n", 6, "must read: group");
  ExpectRefused("quorum\n", 1, "must read: quorum");
  ExpectRefused("max-age\n", 1, "must read: max-age");
  ExpectRefused("timestamp-authority\n", 1, "must read: timestamp-authority");
}

TEST(Policy, RefusesKeysOfTheWrongKind) {
  ExpectRefused("log " + WitnessKey('l') + "\n", 1, "type 0x01");
  ExpectRefused("witness a " + LogKey() + "\n", 1, "type 0x04");
  ExpectRefused("log log.example+00000000+AAAA\n", 1, "");
  std::string wrong_id = LogKey();
  wrong_id[wrong_id.find('+') + 1] ^= 1;
  ExpectRefused("log " + wrong_id + "\n", 1, "key id");
}

TEST(Policy, RefusesDuplicates) {
  ExpectRefused("log " + LogKey() + "\nlog " + LogKey() + "\n", 2, "that key");
  // The same key under another name is the same key.
  ExpectRefused("log " + LogKey() + "\nlog " + LogKey("other.example") + "\n", 2, "that key");
  ExpectRefused("log " + LogKey() + "\nlog " + LogKey("log.example/relationships/acme", 'm') + "\n", 2, "that name");
  ExpectRefused(Witnesses() + "witness a " + WitnessKey('z') + "\n", 6, "defined already");
  ExpectRefused(Witnesses() + "witness f " + WitnessKey('a') + "\n", 6, "that key");
  ExpectRefused(Witnesses() + "witness f " + Vkey("other", NoteKeyType::kEd25519Cosignature, 'a') + "\n", 6,
                "that key");
  ExpectRefused(Witnesses() + "group a any b\n", 6, "defined already");
  ExpectRefused(Witnesses() + "group g any a\ngroup g any b\n", 7, "defined already");
  ExpectRefused(Witnesses() + "group g any a\nwitness g " + WitnessKey('z') + "\n", 7, "defined already");
  ExpectRefused("quorum none\nquorum none\n", 2, "quorum line already");
  ExpectRefused("max-age 1\nmax-age 1\n", 2, "max-age line already");
}

TEST(Policy, RefusesGroupsThatCannotBe) {
  ExpectRefused("group g any x\n", 1, "line before");
  ExpectRefused("group g any a\n" + Witnesses(), 1, "line before");
  ExpectRefused(Witnesses() + "group g any a g\n", 6, "line before");
  ExpectRefused(Witnesses() + "group g any none\n", 6, "line before");
  ExpectRefused(Witnesses() + "group none any a\n", 6, "none is no name");
  ExpectRefused("witness none " + WitnessKey('a') + "\n", 1, "none is no name");
  // In one group twice, in two groups.
  ExpectRefused(Witnesses() + "group g any a a\n", 6, "member already");
  ExpectRefused(Witnesses() + "group g any a b\ngroup h any b c\n", 7, "member already");
  for (const char* threshold : {"0", "4", "-1", "+1", "01", "1.5", "2x", "some", "99999999999999999999"}) {
    ExpectRefused(Witnesses() + "group g " + threshold + " a b c\n", 6, "threshold");
  }
}

TEST(Policy, RefusesAnythingButOneQuorum) {
  ExpectRefused("", 0, "no quorum line");
  ExpectRefused(Witnesses() + "group g all a b\n", 6, "no quorum line");
  ExpectRefused("quorum g\n", 1, "line before");
  ExpectRefused("quorum a\n" + Witnesses(), 1, "line before");
}

TEST(Policy, RefusesAgesThatAreNone) {
  for (const char* hours : {"0", "-1", "1.5", "24h", "018446744073709551616", "18446744073709551615", "876601"}) {
    ExpectRefused(std::string("max-age ") + hours + "\nquorum none\n", 1, "whole number of hours");
  }
  EXPECT_EQ(Read("max-age 876600\nquorum none\n")->max_age(), absl::Hours(876600));
}

TEST(Policy, AFileThatCannotBeReadIsRefused) {
  ExpectRefused("timestamp-authority ca.pem\nquorum none\n", 1, "no such file");
  const auto empty = [](const std::string&) -> absl::StatusOr<std::string> { return std::string(); };
  EXPECT_FALSE(Policy::Parse("timestamp-authority ca.pem\nquorum none\n", empty).ok());
  const auto pem = [](const std::string&) -> absl::StatusOr<std::string> { return std::string("PEM"); };
  EXPECT_TRUE(Policy::Parse("timestamp-authority ca.pem\nquorum none\n", pem).ok());
  EXPECT_FALSE(Policy::Parse("timestamp-authority a\ntimestamp-authority b\nquorum none\n", pem).ok());
}

}  // namespace
}  // namespace parley::test
