// Tools that nobody here wrote, over what Parley hands out: the Go project's note and tlog, sigstore's verifier, protobufjs, OpenSSL.
// Each agrees, and each refuses what was tampered with: naively, or by the log's operator, who signs again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "eventstore/proof/tlog_proof.h"
#include "tests/e2e/proven_record.h"
#include "tests/support/program.h"
#include "tests/support/timestamp_authority.h"

namespace parley {
namespace {

using test::CopyTree;
using test::NodeModules;
using test::ProgramRun;
using test::ProvenRecord;
using test::ReadBytes;
using test::RunProgram;
using test::WriteBytes;
using ::testing::HasSubstr;

const std::string kJudges = PARLEY_SOURCE_DIR "/tests/judges/";

class Judges : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = test::JudgesMissing(); !missing.empty()) GTEST_SKIP() << missing;
    record_ = &ProvenRecord::Get();
  }

  // The Go judge, built with what Debian has of golang.org/x/mod.
  void BuildGoJudge() {
    const ProgramRun built =
        RunProgram(dir_.path(), {"go", "build", "-o", dir_ / "judge", kJudges + "go/judge.go"},
                   {"GO111MODULE=off", "GOPATH=/usr/share/gocode", "GOCACHE=" + (dir_ / "go-cache"), "GOFLAGS="});
    ASSERT_EQ(built.exit_code, 0) << built.errors;
  }
  ProgramRun Go(std::vector<std::string> args, const std::vector<std::string>& keys) {
    args.insert(args.begin(), dir_ / "judge");
    args.insert(args.end(), keys.begin(), keys.end());
    return RunProgram(dir_.path(), args);
  }
  ProgramRun Node(const std::string& judge, std::vector<std::string> args) {
    args.insert(args.begin(), {"node", kJudges + judge + "/judge.mjs", NodeModules()});
    return RunProgram(dir_.path(), args);
  }
  std::vector<std::string> Everybody() const {
    std::vector<std::string> keys = record_->logs();
    keys.insert(keys.end(), record_->witnesses().begin(), record_->witnesses().end());
    return keys;
  }

  // A file of a bundle, with a byte of it flipped at `part` of a thousand of its length.
  static void Flip(const std::string& file, size_t part = 500) {
    std::string bytes = ReadBytes(file);
    ASSERT_FALSE(bytes.empty()) << file;
    bytes[bytes.size() * part / 1000] ^= 0x20;
    WriteBytes(file, bytes);
  }
  // Another character of base64 in the middle of the signature by `name` under a note.
  static void SpoilSignature(const std::string& file, const std::string& name) {
    std::string note = ReadBytes(file);
    const size_t at = note.find("\u2014 " + name + " ");
    ASSERT_NE(at, std::string::npos) << name;
    char& c = note[note.find('\n', at) - 20];
    c = c == 'A' ? 'B' : 'A';
    WriteBytes(file, note);
  }
  // The checkpoint as the log's operator would have it, who holds the log's first key.
  std::string Forge(const Checkpoint& checkpoint) const {
    const auto key =
        NoteSigningKey::Make(checkpoint.origin, NoteKeyType::kEd25519, ReadBytes(*record_ / "log-key.seed"));
    EXPECT_TRUE(key.ok()) << key.status();
    SignedNote note = *SignedNote::Make(checkpoint.ToText());
    EXPECT_TRUE(note.Sign(*key).ok());
    return note.ToString();
  }
  static Checkpoint CheckpointIn(const std::string& file) {
    return *Checkpoint::Parse(SignedNote::Parse(ReadBytes(file))->text());
  }

  const ProvenRecord* record_ = nullptr;
  test::ScratchDir dir_;
};

TEST_F(Judges, GoAgreesAboutABundle) {
  BuildGoJudge();
  for (const char* bundle : {"bundle", "party-bundle"}) {
    const ProgramRun run = Go({"bundle", *record_ / bundle}, Everybody());
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    const std::string size = std::to_string(record_->size());
    EXPECT_THAT(run.output, HasSubstr("checkpoint: size " + size + ", signed by the log and 2 witnesses\n"));
    EXPECT_THAT(run.output, HasSubstr("entries: " + size + " hash to the checkpoint's root\n"));
    EXPECT_THAT(run.output, HasSubstr("tiles: 4 are what the entries give\n"));
    EXPECT_THAT(run.output, HasSubstr("history: 2 earlier checkpoints are prefixes\n"));
  }
  // The earlier one needs the first keys only.
  const ProgramRun earlier = Go({"bundle", *record_ / "earlier-bundle"},
                                {record_->logs()[0], record_->former_witness(), record_->witnesses()[1]});
  EXPECT_EQ(earlier.exit_code, 0) << earlier.errors;
}

TEST_F(Judges, GoRefusesABundleThatWasTamperedWith) {
  BuildGoJudge();
  const std::string bundle = dir_ / "bundle", checkpoint = bundle + "/checkpoint";
  const std::string first = bundle + "/" + CheckpointPath(record_->first_size());
  const std::string log = CheckpointIn(*record_ / "bundle/checkpoint").origin;
  struct Case {
    const char* what;
    std::function<void()> tamper;
    const char* why;
  };
  const std::vector<Case> cases = {
      {"a byte of the first entries", [&] { Flip(bundle + "/tile/entries/000", 7); }, "entr"},
      {"a byte of later entries", [&] { Flip(bundle + "/tile/entries/001"); }, "entr"},
      {"entries in another order",
       [&] {
         const std::string one = ReadBytes(bundle + "/tile/entries/000");
         WriteBytes(bundle + "/tile/entries/000", ReadBytes(bundle + "/tile/entries/001"));
         WriteBytes(bundle + "/tile/entries/001", one);
       },
       "hash to"},
      {"an entry less",
       [&] {
         const std::string file = bundle + "/tile/entries/000";
         WriteBytes(file, ReadBytes(file).substr(0, 60));
       },
       "is cut short"},
      {"a hash of leaves", [&] { Flip(bundle + "/tile/0/000"); }, "tile/0/000 is not what the entries give"},
      {"a hash of hashes", [&] { Flip(bundle + "/tile/1/000.p/2"); }, "tile/1/000.p/2 is not what the entries give"},
      {"the log's signature", [&] { SpoilSignature(checkpoint, log); }, "invalid signature"},
      {"a cosignature", [&] { SpoilSignature(checkpoint, "provider.example/agent"); }, "invalid signature"},
      {"a cosignature taken off",
       [&] {
         const std::string note = ReadBytes(checkpoint);
         const size_t at = note.find("\u2014 buyer.example/agent ");
         WriteBytes(checkpoint, note.substr(0, at) + note.substr(note.find('\n', at) + 1));
       },
       "no signature by buyer.example/agent"},
      {"an earlier note's signature", [&] { SpoilSignature(first, log); }, "invalid signature"},
      {"an earlier note of another history, signed by the log",
       [&] {
         Checkpoint forged = CheckpointIn(first);
         forged.root[0] ^= 1;
         WriteBytes(first, Forge(forged));
       },
       "invalid transparency proof"},
      {"an earlier note that is longer, signed by the log",
       [&] {
         Checkpoint forged = CheckpointIn(first);
         forged.size = record_->size() + 1;
         WriteBytes(first, Forge(forged));
       },
       "invalid"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.what);
    CopyTree(*record_ / "bundle", bundle);
    test.tamper();
    const ProgramRun run = Go({"bundle", bundle}, Everybody());
    EXPECT_EQ(run.exit_code, 1) << run.output;
    EXPECT_THAT(run.errors, HasSubstr(test.why));
  }
}

TEST_F(Judges, GoRefusesOtherKeysAndShorterHistories) {
  BuildGoJudge();
  const auto& logs = record_->logs();
  // The log's first key signs no more; the buyer's first key cosigns no more.
  const ProgramRun old_log = Go({"bundle", *record_ / "bundle"}, {logs[0]});
  EXPECT_EQ(old_log.exit_code, 1) << old_log.output;
  const ProgramRun old_witness = Go({"bundle", *record_ / "bundle"}, {logs[0], logs[1], record_->former_witness()});
  EXPECT_THAT(old_witness.errors, HasSubstr("no signature by buyer.example/agent"));
  // Whoever knows the newest key only cannot follow the history back.
  const ProgramRun new_log = Go({"bundle", *record_ / "bundle"}, {logs[1]});
  EXPECT_EQ(new_log.exit_code, 1) << new_log.output;

  // A history without its first entry, hashed anew and signed by the log: right in itself, and not what anybody cosigned.
  const std::string bundle = dir_ / "bundle";
  CopyTree(*record_ / "earlier-bundle", bundle);
  Checkpoint shorter = CheckpointIn(bundle + "/checkpoint");
  shorter.size -= 1;
  WriteBytes(bundle + "/checkpoint", Forge(shorter));
  EXPECT_EQ(Go({"bundle", bundle}, {logs[0]}).exit_code, 1) << "its root is of another size";
  WriteBytes(bundle + "/checkpoint", Forge(CheckpointIn(*record_ / "earlier-bundle/checkpoint")));
  EXPECT_EQ(Go({"bundle", bundle}, {logs[0]}).exit_code, 0) << "the log alone signed the same";
  EXPECT_EQ(Go({"bundle", bundle}, {logs[0], record_->witnesses()[1]}).exit_code, 1) << "nobody cosigned";
}

TEST_F(Judges, AnErasureChangesNothingThatWasSigned) {
  BuildGoJudge();
  const std::string before = *record_ / "bundle", after = *record_ / "erased-bundle";
  const ProgramRun go = Go({"bundle", after}, Everybody());
  EXPECT_EQ(go.exit_code, 0) << go.errors;
  EXPECT_THAT(go.output, HasSubstr("history: 3 earlier checkpoints are prefixes\n"));
  const ProgramRun parts = Node("parts", {"bundle", after});
  EXPECT_THAT(parts.output, HasSubstr(" 0 sealed ones what was recorded; 1 are missing, 1 entries are withheld"))
      << parts.errors;
  EXPECT_EQ(ReadBytes(after + "/tile/entries/000"), ReadBytes(before + "/tile/entries/000"));
  // The text is gone from the parts, and from nowhere else.
  EXPECT_LT(ReadBytes(after + "/parts/000").size(), ReadBytes(before + "/parts/000").size());
  EXPECT_EQ(ReadBytes(after + "/parts/001"), ReadBytes(before + "/parts/001"));
  const auto parley = [&](std::vector<std::string> args) {
    args.insert(args.begin(), PARLEY_BINARY_DIR "/services/parley");
    return RunProgram(dir_.path(), args);
  };
  const ProgramRun verified =
      parley({"audit", "verify", after, "--trust", *record_ / "policy", "--seen", *record_ / "bundle/checkpoint"});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("erased-with-authority"));
  const ProgramRun diff = parley({"audit", "diff", before, after});
  EXPECT_EQ(diff.exit_code, 0) << diff.output;
  EXPECT_THAT(diff.output, HasSubstr("about relationships/acme/persons/p1, by entry "));
}

// Receipts: what is said of one under the first checkpoint, and of one under the newest.
TEST_F(Judges, GoAndSigstoreJudgeReceipts) {
  BuildGoJudge();
  const auto& logs = record_->logs();
  const auto both = [&](const std::string& receipt, const std::vector<std::string>& keys) {
    const std::string proof = receipt + ".tlog-proof", header = receipt + ".header";
    std::vector<std::string> args = {proof, header};
    args.insert(args.end(), keys.begin(), keys.end());
    return std::pair(Go({"receipt", proof, header}, keys), Node("sigstore", args));
  };
  const auto accept = [&](const std::string& receipt, uint64_t index, uint64_t size) {
    const auto [go, sigstore] = both(receipt, logs);
    const std::string said =
        "entry " + std::to_string(index) + " is in the tree of size " + std::to_string(size) + "\n";
    EXPECT_EQ(go.output, said) << go.errors;
    EXPECT_EQ(sigstore.output, said) << sigstore.errors;
  };
  accept(*record_ / "receipt", ProvenRecord::kReceiptUnderFirst, record_->first_size());
  accept(*record_ / "late-receipt", record_->size() - 1, record_->size());

  const auto refuse = [&](const char* what, const std::string& receipt, const std::vector<std::string>& keys) {
    const auto [go, sigstore] = both(receipt, keys);
    EXPECT_EQ(go.exit_code, 1) << what << ": " << go.output;
    EXPECT_EQ(sigstore.exit_code, 1) << what << ": " << sigstore.output;
  };
  refuse("another key", *record_ / "receipt", {logs[1]});
  refuse("another key", *record_ / "late-receipt", {logs[0]});

  const std::string receipt = dir_ / "receipt";
  const auto tamper = [&](const std::function<void(TlogProof&)>& change) {
    for (const char* ending : {".tlog-proof", ".header"})
      WriteBytes(receipt + ending, ReadBytes(*record_ / ("receipt" + std::string(ending))));
    auto proof = TlogProof::Parse(ReadBytes(receipt + ".tlog-proof"));
    ASSERT_TRUE(proof.ok()) << proof.status();
    change(*proof);
    WriteBytes(receipt + ".tlog-proof", proof->ToText());
  };
  tamper([](TlogProof& proof) { proof.hashes.back()[31] ^= 1; });
  refuse("the last hash", receipt, logs);
  tamper([](TlogProof& proof) { proof.hashes.front()[0] ^= 1; });
  refuse("the first hash", receipt, logs);
  tamper([](TlogProof& proof) { proof.hashes.pop_back(); });
  refuse("a hash less", receipt, logs);
  tamper([](TlogProof& proof) { proof.index ^= 1; });
  refuse("another place", receipt, logs);
  tamper([&](TlogProof& proof) { proof.checkpoint = ReadBytes(*record_ / "bundle/checkpoint"); });
  refuse("another checkpoint", receipt, logs);
  tamper([&](TlogProof& proof) {
    Checkpoint other = CheckpointIn(*record_ / "seen-checkpoint");
    other.root[3] ^= 1;
    proof.checkpoint = Forge(other);
  });
  refuse("another root, signed by the log", receipt, logs);
  tamper([&](TlogProof& proof) {
    WriteBytes(receipt + ".note", proof.checkpoint);
    SpoilSignature(receipt + ".note", CheckpointIn(*record_ / "seen-checkpoint").origin);
    proof.checkpoint = ReadBytes(receipt + ".note");
  });
  refuse("the log's signature", receipt, logs);
  tamper([](TlogProof&) {});
  Flip(receipt + ".header", 300);
  refuse("a byte of the header", receipt, logs);
  tamper([](TlogProof&) {});
  WriteBytes(receipt + ".header", ReadBytes(*record_ / "late-receipt.header"));
  refuse("another entry's header", receipt, logs);
}

TEST_F(Judges, GoJudgesConsistency) {
  BuildGoJudge();
  const std::string first = *record_ / "seen-checkpoint", newest = *record_ / "bundle/checkpoint";
  const std::string proof = *record_ / "consistency";
  const auto& logs = record_->logs();
  const ProgramRun run = Go({"consistency", first, newest, proof}, logs);
  EXPECT_EQ(run.output, "the tree of size " + std::to_string(record_->first_size()) + " is a prefix of that of size " +
                            std::to_string(record_->size()) + "\n")
      << run.errors;

  const auto refused = [&](const std::string& older, const std::string& newer, const std::string& hashes) {
    return Go({"consistency", older, newer, hashes}, logs).exit_code == 1;
  };
  EXPECT_TRUE(refused(newest, first, proof));
  EXPECT_EQ(Go({"consistency", first, newest, proof}, {logs[1]}).exit_code, 1) << "the first is under the first key";
  const std::string hashes = ReadBytes(proof);
  WriteBytes(dir_ / "flipped", (hashes[0] == 'A' ? "B" : "A") + hashes.substr(1));
  EXPECT_TRUE(refused(first, newest, dir_ / "flipped"));
  WriteBytes(dir_ / "shorter", hashes.substr(hashes.find('\n') + 1));
  EXPECT_TRUE(refused(first, newest, dir_ / "shorter"));
  Checkpoint fork = CheckpointIn(first);
  fork.root[31] ^= 1;
  WriteBytes(dir_ / "fork", Forge(fork));
  EXPECT_TRUE(refused(dir_ / "fork", newest, proof)) << "signed by the log, of another history";
}

TEST_F(Judges, ProtobufjsFindsEveryPartAsCommitted) {
  const std::string all = std::to_string(record_->size());
  const ProgramRun auditors = Node("parts", {"bundle", *record_ / "bundle"});
  EXPECT_THAT(auditors.output, HasSubstr(all + " entries: ")) << auditors.errors;
  EXPECT_THAT(auditors.output, HasSubstr(" 1 sealed ones what was recorded; 0 are missing, 1 entries are withheld"));
  const ProgramRun buyers = Node("parts", {"bundle", *record_ / "party-bundle"});
  EXPECT_THAT(buyers.output, HasSubstr(all + " parts are what was committed to")) << buyers.errors;
  EXPECT_THAT(buyers.output, HasSubstr(" 0 are missing, 0 entries are withheld"));
  const ProgramRun receipt = Node("parts", {"entry", *record_ / "receipt.entry", *record_ / "receipt.header"});
  EXPECT_EQ(receipt.output, "entry 42 of acme: 1 parts are what was committed to\n") << receipt.errors;

  const std::string bundle = dir_ / "bundle", parts = bundle + "/parts/000";
  const auto refused = [&](const std::function<void(std::string&)>& change) {
    CopyTree(*record_ / "bundle", bundle);
    std::string bytes = ReadBytes(parts);
    change(bytes);
    WriteBytes(parts, bytes);
    return Node("parts", {"bundle", bundle}).errors;
  };
  EXPECT_THAT(refused([](std::string& bytes) { bytes[bytes.find("Service desk")] = 's'; }),
              HasSubstr("entry 0: part 0 is not what was committed to"));
  std::string sealed;
  const auto dir = BundleDir::Open(*record_ / "bundle");
  ASSERT_TRUE(dir.ok()) << dir.status();
  const auto entries = dir->ReadEntries(0);
  ASSERT_TRUE(entries.ok()) << entries.status();
  for (const v1::StoredEntry& entry : *entries) {
    for (const v1::StoredPart& part : entry.parts()) sealed = part.sealed().empty() ? sealed : part.sealed();
  }
  ASSERT_FALSE(sealed.empty());
  EXPECT_THAT(refused([&](std::string& bytes) { bytes[bytes.find(sealed) + sealed.size() - 1] ^= 1; }),
              HasSubstr("sealed part 1 is not what was recorded"));
  EXPECT_THAT(refused([](std::string& bytes) { bytes.resize(bytes.size() - 1); }), HasSubstr("is cut short"));
  EXPECT_EQ(Node("parts", {"entry", *record_ / "late-receipt.entry", *record_ / "receipt.header"}).exit_code, 1);
}

TEST_F(Judges, OpensslJudgesSignaturesAndTimestamps) {
  const auto verify = [&](const std::string& vkey, const std::string& text) {
    const auto key = NoteVerifierKey::Parse(vkey);
    EXPECT_TRUE(key.ok()) << key.status();
    const auto note = SignedNote::Parse(ReadBytes(*record_ / "bundle/checkpoint"));
    EXPECT_TRUE(note.ok()) << note.status();
    // SubjectPublicKeyInfo of Ed25519 (RFC 8410): a constant and the key.
    WriteBytes(dir_ / "key.der", absl::HexStringToBytes("302a300506032b6570032100") + key->public_key());
    for (const NoteSignature& signature : note->signatures()) {
      if (signature.name == key->name()) WriteBytes(dir_ / "signature", signature.signature);
    }
    WriteBytes(dir_ / "text", text);
    return RunProgram(dir_.path(), {"openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der",
                                    "-rawin", "-in", "text", "-sigfile", "signature"});
  };
  std::string text = SignedNote::Parse(ReadBytes(*record_ / "bundle/checkpoint"))->text();
  const ProgramRun good = verify(record_->logs()[1], text);
  EXPECT_EQ(good.exit_code, 0) << good.output << good.errors;
  EXPECT_NE(verify(record_->logs()[0], text).exit_code, 0) << "the key before";
  EXPECT_NE(verify(record_->witnesses()[0], text).exit_code, 0) << "a cosignature is over a time, too";
  std::string other = text;
  other[other.find('\n') + 1] ^= 1;
  EXPECT_NE(verify(record_->logs()[1], other).exit_code, 0) << "another size";

  const std::string stamp = *record_ / ("bundle/" + TimestampPath(record_->size(), 0));
  const auto stamped = [&](const std::string& over, const std::string& response, const std::string& authority) {
    WriteBytes(dir_ / "stamped", over);
    return RunProgram(dir_.path(),
                      {"openssl", "ts", "-verify", "-data", "stamped", "-in", response, "-CAfile", authority});
  };
  const std::string authority = *record_ / "authority.pem";
  const ProgramRun ok = stamped(text, stamp, authority);
  EXPECT_EQ(ok.exit_code, 0) << ok.errors;
  EXPECT_THAT(ok.output + ok.errors, HasSubstr("Verification: OK"));
  EXPECT_NE(stamped(other, stamp, authority).exit_code, 0) << "over another text";
  EXPECT_NE(stamped(text, *record_ / ("bundle/" + TimestampPath(record_->first_size(), 0)), authority).exit_code, 0)
      << "of another checkpoint";
  WriteBytes(dir_ / "stamp", ReadBytes(stamp));
  Flip(dir_ / "stamp", 990);
  EXPECT_NE(stamped(text, dir_ / "stamp", authority).exit_code, 0) << "its signature flipped";
  WriteBytes(dir_ / "stranger.pem", test::TestTimestampAuthority().CaPem());
  EXPECT_NE(stamped(text, stamp, dir_ / "stranger.pem").exit_code, 0) << "another authority";
}

}  // namespace
}  // namespace parley
