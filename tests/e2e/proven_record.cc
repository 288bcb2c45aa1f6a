#include "tests/e2e/proven_record.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/proof/bundle.h"
#include "tests/e2e/relationship_server.h"
#include "tests/support/parleyd.h"
#include "tests/support/program.h"
#include "tests/support/timestamp_authority.h"

namespace parley::test {
namespace {

namespace fs = std::filesystem;

constexpr char kJanuary[] = "2024-01-08T08:00:00Z";
constexpr char kApril[] = "2024-04-02T08:00:00Z";
constexpr char kSomeTime[] = "2024-01-05T08:00:00Z";
constexpr int kFirstBatch = 290;   // A full tile and a part of one.
constexpr int kSecondBatch = 450;  // Two more full ones.

std::string KeyName(const std::string& party) { return party + ".example/agent"; }

}  // namespace

const ProvenRecord& ProvenRecord::Get() {
  static const ProvenRecord record;
  return record;
}

ProvenRecord::ProvenRecord() {
  const TestTimestampAuthority authority;
  Parleyd server(dir_ / "data", {"--manual-clock", kJanuary, "--operator", "olga", "--checkpoint-hours", "0",
                                 "--log-level", "warning", "--timestamp-authority", authority.Url()});
  port_ = server.WaitForPort();
  EXPECT_NE(port_, 0) << server.Log();
  WriteBytes(dir_ / "authority.pem", authority.CaPem());
  Make();
  EXPECT_EQ(server.Terminate(absl::Seconds(30)), 0) << server.Log();
  WriteBytes(dir_ / "log-key.seed", ReadBytes(dir_ / "data/secrets/log-key-1.seed"));
  fs::remove_all(dir_ / "data");
}

void ProvenRecord::Make() {
  Establish();
  Work("first", kFirstBatch);
  Cosign();
  first_size_ = NewestSize();
  Do("bea", {"audit", "export", "acme", dir_ / "earlier-bundle", "--as-auditor"});
  const std::string kept = CheckpointPath(first_size_);
  fs::copy_file(dir_ / ("provider/cosigned" + kept.substr(kept.rfind('/'))), dir_ / "seen-checkpoint");
  Do("bea", {"audit", "prove", "acme", std::to_string(kReceiptUnderFirst), "--out", dir_ / "receipt"});

  Do("bea", {"development", "advance-clock", "--time", kApril});
  ChangeKeys();
  Work("second", kSecondBatch);
  Cosign();
  Work("third", 1);
  Cosign();
  size_ = NewestSize();
  Keep();
  Erase();
}

void ProvenRecord::Establish() {
  Do("bea", {"relationships", "establish", "--relationship-id", "acme", "--display-name", "Service desk", "--archetype",
             "managed-service", "--stage", "operating", "--parties",
             "party_id=buyer,kind=buyer,display_name=Buyer,first_member=bea", "--parties",
             "party_id=provider,kind=provider,display_name=Provider,first_member=pat"});
  std::string policy;
  for (const auto& [party, member] : {std::pair("buyer", "bea"), std::pair("provider", "pat")}) {
    Do(member, {"relationships", "accept-party", "acme", "--party-id", party});
    witnesses_.push_back(MakeKey(party, std::string(party) + ".key"));
    Do(member, {"keys", "register", "acme", "--party-id", party, "--vkey", witnesses_.back()});
    policy += "witness " + std::string(party) + " " + witnesses_.back() + "\n";
  }
  WriteBytes(dir_ / "policy", policy +
                                  "group both all buyer provider\nquorum both\n"
                                  "timestamp-authority authority.pem\nmax-age 168\n");
  Do("pat", {"persons", "register", "acme", "--person-id", "p1", "--party-id", "provider", "--display-name",
             "Anneliese Quittenbaum"});
  Do("bea", {"objectives", "state", "acme/parties/buyer", "--objective-id", "own", "--title", "A second source"});
}

void ProvenRecord::Work(const std::string& batch, int activities) {
  nlohmann::json request = {{"parent", "relationships/acme"}, {"request_id", batch}};
  for (int i = 0; i < activities; ++i) {
    const std::string number = std::to_string(i);
    request["activities"].push_back({{"source", "tickets"},
                                     {"source_id", batch + number},
                                     {"case_id", "case-" + std::to_string(i / 5)},
                                     {"activity", "work"},
                                     {"time", kSomeTime}});
  }
  WriteBytes(dir_ / "activities.json", request.dump());
  Do("bea", {"activities", "record", "--json-file", dir_ / "activities.json"});
}

void ProvenRecord::Cosign() {
  for (const auto& [party, member] : {std::pair("buyer", "bea"), std::pair("provider", "pat")}) {
    const std::string name = party;
    Do(member, {"cosign", "acme", "--key", dir_ / (name + ".key"), "--state", dir_ / name});
  }
}

void ProvenRecord::ChangeKeys() {
  Do("olga", {"admin", "rotate-log-key"});
  former_witness_ = witnesses_[0];
  witnesses_[0] = MakeKey("buyer", "next.key");
  Do("bea",
     {"cosign", "rotate", "--relationship", "acme", "--key", dir_ / "buyer.key", "--new-key", dir_ / "next.key"});
  fs::rename(dir_ / "next.key", dir_ / "buyer.key");
}

void ProvenRecord::Keep() {
  Do("bea", {"audit", "export", "acme", dir_ / "bundle", "--as-auditor"});
  Do("bea", {"audit", "export", "acme", dir_ / "party-bundle"});
  Do("bea", {"audit", "prove", "acme", std::to_string(size_ - 1), "--out", dir_ / "late-receipt"});
  const auto proof =
      nlohmann::json::parse(Do("bea", {"--output", "json", "audit", "get-consistency-proof", "acme", "--from-size",
                                       std::to_string(first_size_), "--to-size", std::to_string(size_)}));
  std::string hashes;
  for (const auto& hash : proof.at("hashes")) hashes += hash.get<std::string>() + "\n";
  WriteBytes(dir_ / "consistency", hashes);
  const auto keys = nlohmann::json::parse(Do("bea", {"--output", "json", "keys", "list", "acme"}));
  for (const auto& key : keys.at("keys")) {
    if (!key.contains("party_id")) logs_.push_back(key.at("vkey"));  // log-1, log-2: by name.
  }
  EXPECT_EQ(logs_.size(), 2u);
  const std::string policy = ReadBytes(dir_ / "policy");
  const std::string pinned = ReadBytes(dir_ / "buyer/policy");
  WriteBytes(dir_ / "policy", pinned.substr(0, pinned.find('\n') + 1) + policy);
}

void ProvenRecord::Erase() {
  Do("pat", {"persons", "erase", "acme/persons/p1", "--reason", "asked for it"});
  Cosign();
  Do("bea", {"audit", "export", "acme", dir_ / "erased-bundle", "--as-auditor"});
}

std::string ProvenRecord::Do(const std::string& principal, std::vector<std::string> args) const {
  const std::string what = args[0] + " " + args[1];
  const Ran ran = RunParley(port_, principal, std::move(args));
  EXPECT_EQ(ran.exit_code, kExitOk) << what << ": " << ran.out << ran.err;
  return ran.out;
}

std::string ProvenRecord::MakeKey(const std::string& party, const std::string& file) const {
  std::string vkey = Do("nobody", {"cosign", "keygen", "--name", KeyName(party), "--out", dir_ / file});
  if (!vkey.empty()) vkey.pop_back();
  return vkey;
}

uint64_t ProvenRecord::NewestSize() const {
  const auto answer = nlohmann::json::parse(Do("bea", {"--output", "json", "audit", "get-checkpoint", "acme"}));
  return std::stoull(answer.at("checkpoint").at("size").get<std::string>());
}

std::string JudgesMissing() {
  if (std::getenv("PARLEY_REQUIRE_TOOLS") != nullptr) return "";
  for (const char* tool : {"go", "node", "openssl", "protoc"}) {
    if (RunProgram("/", {"sh", "-c", std::string("command -v ") + tool}).exit_code != 0) {
      return std::string(tool) + " is not installed: deploy/install.sh";
    }
  }
  for (const std::string& path : {std::string("/usr/share/gocode/src/golang.org/x/mod"),
                                  NodeModules() + "/@sigstore/verify", NodeModules() + "/protobufjs"}) {
    if (!fs::exists(path)) return path + " is not there: deploy/install.sh";
  }
  return "";
}

std::string NodeModules() { return PARLEY_SOURCE_DIR "/build/node/node_modules"; }

std::string ReadBytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.good()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteBytes(const std::string& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  out.close();
  EXPECT_TRUE(out.good()) << file;
}

void CopyTree(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

void RenewManifest(const std::string& bundle) {
  auto manifest = BundleManifest::Parse(ReadBytes(bundle + "/manifest"));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  for (auto& [path, file] : manifest->files) {
    const std::string bytes = ReadBytes(bundle + "/" + path);
    file = {Sha256(bytes), bytes.size()};
  }
  WriteBytes(bundle + "/manifest", manifest->ToText());
}

}  // namespace parley::test
