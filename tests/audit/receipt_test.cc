#include "services/verify/receipt.h"

#include <gtest/gtest.h>

#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tlog_proof.h"
#include "tests/audit/two_bundles.h"

namespace parley {
namespace {

class ReceiptTest : public test::TwoBundles {
 protected:
  static Receipt For(size_t sequence, const std::string& reader = "buyer") {
    const v1::StoredEntry& stored = Good().entries.at(sequence);
    const std::string owner = Good().HeaderOf(sequence).owner();
    const bool withheld = !owner.empty() && owner != reader;
    std::map<NodeId, std::string> nodes;
    MerkleFrontier tree;
    for (const auto& entry : Good().entries) {
      tree.Append(LeafHash(entry.header()), [&](NodeId id, const std::string& hash) { nodes[id] = hash; });
    }
    const NodeReader read = [&](NodeId id) -> absl::StatusOr<std::string> { return nodes.at(id); };
    const TlogProof proof{sequence, InclusionProof(sequence, tree.size(), read).value(),
                          Good().notes.back().ToString()};
    return {proof.ToText(), stored.header(), ForReader(stored, withheld).SerializeAsString()};
  }
};

TEST_F(ReceiptTest, ProvesAnEntry) {
  const size_t decided = Good().Find("decision.decided");
  // Whoever checks a receipt has the keys that were in use then.
  std::string text = "log " + test::TestKey(test::kOrigin, NoteKeyType::kEd25519, "log 2").verifier().ToString();
  const auto witness = [](const std::string& name, const std::string& seed) {
    const auto key = test::TestKey(name + ".example/acme", NoteKeyType::kEd25519Cosignature, seed);
    return "\nwitness " + name + " " + key.verifier().ToString();
  };
  text += witness("buyer", "buyer 2") + witness("provider", "provider 1") +
          "\ngroup both all buyer provider\nquorum both\n";
  const auto policy = Policy::Parse(text, nullptr);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto report = CheckReceipt(For(decided), &*policy);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->header.sequence(), decided);
  EXPECT_EQ(report->record->event_type(), "decision.decided");
  EXPECT_EQ(report->checkpoint.size, Good().entries.size());
  EXPECT_TRUE(report->log_signed);
  EXPECT_TRUE(report->quorum_met);
  EXPECT_EQ(report->cosigned.size(), 2u);
  EXPECT_TRUE(report->missing.empty());
}

TEST_F(ReceiptTest, SaysWhoseSignaturesAreMissing) {
  const Policy policy = Good().BothMustSign();  // The first keys, which were replaced since.
  const auto report = CheckReceipt(For(0), &policy);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->log_signed);
  EXPECT_FALSE(report->quorum_met);
  EXPECT_EQ(report->missing, std::vector<std::string>{"buyer"});
}

TEST_F(ReceiptTest, TheHeaderAloneProvesThatThereIsAnEntry) {
  const size_t own = Good().Find("objective.stated", 2);
  ASSERT_EQ(Good().HeaderOf(own).owner(), "provider");
  for (const bool without : {false, true}) {
    Receipt receipt = For(own);
    if (without) receipt.stored_entry.clear();
    const auto report = CheckReceipt(receipt, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_FALSE(report->record);
    EXPECT_EQ(report->header.owner(), "provider");
  }
}

TEST_F(ReceiptTest, EveryFlippedBitOfItIsNoticed) {
  const Receipt good = For(Good().Find("person.commented", 1));
  ASSERT_TRUE(CheckReceipt(good, nullptr).ok());
  const auto flipped = [](std::string bytes, size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    return bytes;
  };
  for (size_t bit = 0; bit < good.header.size() * 8; ++bit) {
    Receipt bad = good;
    bad.header = flipped(good.header, bit);
    EXPECT_FALSE(CheckReceipt(bad, nullptr).ok()) << "header, bit " << bit;
  }
  for (size_t bit = 0; bit < good.stored_entry.size() * 8; ++bit) {
    Receipt bad = good;
    bad.stored_entry = flipped(good.stored_entry, bit);
    EXPECT_FALSE(CheckReceipt(bad, nullptr).ok()) << "entry, bit " << bit;
  }
  // The lines before the checkpoint; its signatures are the policy's to judge.
  for (size_t bit = 0; bit < good.proof.find("\n\n") * 8; ++bit) {
    Receipt bad = good;
    bad.proof = flipped(good.proof, bit);
    EXPECT_FALSE(CheckReceipt(bad, nullptr).ok()) << "proof, bit " << bit;
  }
}

TEST_F(ReceiptTest, OneEntrysProofIsNotAnothers) {
  Receipt mixed = For(3);
  mixed.proof = For(4).proof;
  EXPECT_EQ(CheckReceipt(mixed, nullptr).status().code(), absl::StatusCode::kInvalidArgument);
  mixed = For(3);
  mixed.stored_entry = For(4).stored_entry;
  EXPECT_EQ(CheckReceipt(mixed, nullptr).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace parley
