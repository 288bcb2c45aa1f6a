// Entries of a bundle, explained.
#include "services/verify/explain.h"

#include <gmock/gmock.h>

#include <set>

#include "eventstore/base/hash.h"
#include "eventstore/proof/merkle.h"
#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Explain : public VerifyTest {
 protected:
  Explain() { Good().Bundle("provider").Write(scratch_ / "bundle"); }

  ExplainOptions Options(uint64_t sequence) {
    return {.bundle = scratch_ / "bundle",
            .sequence = sequence,
            .policy = Good().BothMustSign(),
            .scratch = scratch_ / "models"};
  }
  Explanation Of(const ExplainOptions& options) {
    auto explanation = ExplainEntry(options);
    EXPECT_TRUE(explanation.ok()) << explanation.status();
    return explanation.ok() ? *std::move(explanation) : Explanation();
  }
  Explanation Of(uint64_t sequence) { return Of(Options(sequence)); }
};

TEST_F(Explain, EveryKindOfEntry) {
  const uint64_t size = Good().entries.size();
  std::set<std::string> seen;
  for (uint64_t i = 0; i < size; ++i) {
    if (!seen.insert(Good().RecordOf(i).event_type()).second || Good().HeaderOf(i).owner() == "buyer") continue;
    SCOPED_TRACE(Good().RecordOf(i).event_type());
    const Explanation explanation = Of(i);
    EXPECT_EQ(explanation.entry.sequence(), i);
    EXPECT_EQ(explanation.entry.actor(), Good().RecordOf(i).actor());
    EXPECT_EQ(explanation.refusal, "");
    EXPECT_THAT(explanation.rights, Not(IsEmpty()));
    EXPECT_THAT(explanation.changes, Not(IsEmpty()));
    for (const RowChange& change : explanation.changes) EXPECT_NE(change.before, change.after);
    EXPECT_THAT(explanation.findings, IsEmpty());
    EXPECT_TRUE(VerifyInclusion(i, size, LeafHash(Good().entries[i].header()), explanation.inclusion,
                                RootOf(Good().entries, size))
                    .ok());
  }
  EXPECT_GT(seen.size(), 20u);
}

TEST_F(Explain, SmallestCheckpointAndNewest) {
  const uint64_t earlier = Checkpoint::Parse(Good().notes.front().text())->size;
  Explanation explanation = Of(earlier - 1);
  ASSERT_EQ(explanation.notes.size(), 2u);
  EXPECT_EQ(explanation.notes[0].size, earlier);
  for (const CoveringNote& note : explanation.notes) {
    EXPECT_TRUE(note.signed_by_log);
    EXPECT_EQ(note.cosigned.size(), 2u);
  }
  explanation = Of(earlier);
  ASSERT_EQ(explanation.notes.size(), 1u);
  EXPECT_EQ(explanation.notes[0].size, Good().entries.size());
}

TEST_F(Explain, WithoutAPolicyByTheKeysOfTheRecord) {
  ExplainOptions options = Options(3);
  options.policy.reset();
  const Explanation explanation = Of(options);
  EXPECT_TRUE(explanation.notes.back().signed_by_log);
  ASSERT_EQ(explanation.notes.back().cosigned.size(), 2u);
  EXPECT_THAT(explanation.notes.back().cosigned[0].by, HasSubstr("party "));
}

TEST_F(Explain, WhatADecisionRestsOn) {
  const Explanation explanation = Of(Good().Find("decision.decided"));
  EXPECT_THAT(explanation.rights, Contains(HasSubstr("role service-manager of buyer, held by bill")));
  EXPECT_THAT(explanation.rights, Contains(HasSubstr("from EUR 0 up to EUR 10000")));
  EXPECT_THAT(explanation.rights, Contains("  decide: service-manager of buyer"));
  EXPECT_THAT(explanation.rights, Contains("  agree: delivery-lead of provider"));
  EXPECT_THAT(explanation.rights, Contains("there, service-manager of buyer may: decide"));
  std::set<std::string> models;
  for (const RowChange& change : explanation.changes) models.insert(change.model);
  EXPECT_THAT(models, Contains("decision-register"));
  EXPECT_THAT(models, Contains("resources"));
}

TEST_F(Explain, WhatIsAnothersOwn) {
  uint64_t own = 0;
  while (Good().HeaderOf(own).owner() != "buyer") ++own;
  const Explanation explanation = Of(own);
  EXPECT_TRUE(explanation.entry.withheld());
  EXPECT_EQ(explanation.entry.stream(), "");
  EXPECT_THAT(explanation.changes, IsEmpty());
  EXPECT_EQ(explanation.leaf_hash, LeafHash(Good().entries[own].header()));
}

TEST_F(Explain, WhatDoesNotHold) {
  // The newest checkpoint is signed by nobody.
  BundleBuilder b = Good();
  b.notes.back() = *SignedNote::Make(b.notes.back().text());
  ASSERT_TRUE(b.notes.back().Sign(TestKey("nobody", NoteKeyType::kEd25519, "n")).ok());
  b.Bundle("provider").Write(scratch_ / "bundle");
  const Explanation explanation = Of(3);
  ASSERT_THAT(explanation.findings, Not(IsEmpty()));
  EXPECT_EQ(explanation.findings[0].verdict, Verdict::kBadSignature);
  EXPECT_FALSE(explanation.notes.back().signed_by_log);
}

TEST_F(Explain, WhatCannotBeExplained) {
  EXPECT_EQ(ExplainEntry(Options(Good().entries.size())).status().code(), absl::StatusCode::kOutOfRange);
  TestBundle bundle = Good().Bundle("provider");
  bundle.files["tile/0/000"][0] ^= 1;
  bundle.Write(scratch_ / "bundle");
  EXPECT_EQ(ExplainEntry(Options(3)).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace parley::test
