#include "services/audit/audit.h"

#include <gmock/gmock.h>

#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tlog_proof.h"
#include "services/objective/objective.h"
#include "services/relationship/relationship.h"
#include "tests/audit/audit_fixture.h"

namespace parley {
namespace {

using test::AuditFixture;
using test::kAcme;
using test::kAcmeLedger;

class AuditTest : public AuditFixture {
 protected:
  absl::StatusOr<v1::SignedCheckpoint> AddCosignature(const std::string& principal, const std::string& note) {
    v1::AddCosignatureRequest request;
    request.set_name(kAcme);
    request.set_note(note);
    v1::AddCosignatureResponse response;
    PARLEY_RETURN_IF_ERROR(audit_->Answer({principal}, request, response));
    return response.checkpoint();
  }
  absl::StatusOr<v1::GetReceiptResponse> Receipt(const std::string& principal, uint64_t sequence) {
    v1::GetReceiptRequest request;
    request.set_name(kAcme);
    request.set_sequence(sequence);
    v1::GetReceiptResponse response;
    PARLEY_RETURN_IF_ERROR(audit_->Answer({principal}, request, response));
    return response;
  }
  ProvenUpTo UpTo() {
    ReadView view(runner_->reading());
    const auto proven = audit_->UpTo(view, kAcmeLedger);
    EXPECT_TRUE(proven.ok()) << proven.status();
    return proven.value_or(ProvenUpTo());
  }
  void RegisterBoth() {
    Register("bea", "buyer", "buyer-1");
    Register("pat", "provider", "provider-1");
  }
};

TEST_F(AuditTest, BothSidesMakeItFinal) {
  RegisterBoth();
  const std::string note = Create()->note();
  const uint64_t size = CheckpointOf(note)->size;
  EXPECT_EQ(UpTo().checkpointed, size);
  EXPECT_EQ(UpTo().cosigned, 0u);

  const auto one = AddCosignature("bea", Cosigned(note, "buyer-1", NowSeconds()));
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_FALSE(one->cosigned());
  EXPECT_THAT(std::vector<std::string>(one->cosigned_by().begin(), one->cosigned_by().end()),
              testing::ElementsAre("buyer"));
  // The provider's agent has cosigned what it fetched before: the buyer's cosignature stays.
  const auto two = AddCosignature("pat", Cosigned(note, "provider-1", NowSeconds()));
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_TRUE(two->cosigned());
  EXPECT_EQ(two->cosigned_by_size(), 2);
  const auto kept = SignedNote::Parse(two->note());
  EXPECT_EQ(kept->signatures().size(), 3u);
  EXPECT_TRUE(kept->Verify(PartyKey("buyer-1").verifier()).ok());
  EXPECT_TRUE(kept->Verify(*NoteVerifierKey::Make(keys_->OriginOf(kAcmeLedger), NoteKeyType::kEd25519,
                                                  keys_->newest().public_key))
                  .ok());
  EXPECT_EQ(UpTo().cosigned, size);
  EXPECT_EQ(UpTo().Of(size - 1), v1::PROOF_STATE_COSIGNED);
  EXPECT_EQ(UpTo().Of(size), v1::PROOF_STATE_ACCEPTED);
  EXPECT_EQ(*store_.NoteOutside(kAcmeLedger).value(), two->note());

  Propose("d1");
  Checkpointed();
  EXPECT_EQ(UpTo().Of(size), v1::PROOF_STATE_CHECKPOINTED);
  EXPECT_EQ(UpTo().Of(size - 1), v1::PROOF_STATE_COSIGNED);
}

TEST_F(AuditTest, WhoActsForBothSidesCosignsForBoth) {
  RegisterBoth();
  auto grant = test::Parse<v1::GrantRoleRequest>(
      "principal: 'bea' party_id: 'provider' role: 'auditor' permissions: PERMISSION_SIGN");
  grant.set_name(test::kAcme);
  const auto granted = Send<v1::Relationship>("pat", grant);
  ASSERT_TRUE(granted.ok()) << granted.status();
  // Whichever of the two keys is looked at first.
  for (const auto& [first, second] : {std::pair("buyer-1", "provider-1"), std::pair("provider-1", "buyer-1")}) {
    Propose(std::string("after-") + first);
    const auto one = AddCosignature("bea", Cosigned(Create()->note(), first, NowSeconds()));
    ASSERT_TRUE(one.ok()) << one.status();
    EXPECT_EQ(one->cosigned_by_size(), 1);
    const auto two = AddCosignature("bea", Cosigned(one->note(), second, NowSeconds()));
    ASSERT_TRUE(two.ok()) << two.status();
    EXPECT_EQ(two->cosigned_by_size(), 2);
    EXPECT_TRUE(two->cosigned());
  }
}

TEST_F(AuditTest, CosigningAgainChangesNothing) {
  RegisterBoth();
  const std::string note = Create()->note();
  ASSERT_TRUE(AddCosignature("bea", Cosigned(note, "buyer-1", NowSeconds())).ok());
  const std::string before = *store_.NoteOutside(kAcmeLedger).value();
  const auto again = AddCosignature("bea", Cosigned(note, "buyer-1", NowSeconds() + 5));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->note(), before);
}

// The store was put back to a backup taken between the two cosignatures, or before the checkpoint; the notes outside were not.
TEST_F(AuditTest, WhatTheNoteOutsideHasComesBack) {
  RegisterBoth();
  const std::string note = Create()->note();
  const uint64_t size = CheckpointOf(note)->size;
  const v1::CheckpointRecord bare = *store_.Get(kAcmeLedger, size).value();
  ASSERT_TRUE(AddCosignature("bea", Cosigned(note, "buyer-1", NowSeconds())).ok());
  store_.PutOutside(kAcmeLedger, size, bare.note()).IgnoreError();
  EXPECT_THAT(*store_.NoteOutside(kAcmeLedger).value(), testing::HasSubstr("buyer-1")) << "no signature goes";
  // The provider is the first who asks.
  ASSERT_TRUE(kept_->DeleteRange("", "").ok());
  EXPECT_EQ(ReasonOf(AddCosignature("pat", Cosigned(note, "provider-1", NowSeconds())).status()),
            v1::REASON_FIELD_INVALID);
  EXPECT_EQ(Create()->note(), *store_.NoteOutside(kAcmeLedger).value());
  const auto both = AddCosignature("pat", Cosigned(note, "provider-1", NowSeconds()));
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_TRUE(both->cosigned());
  // A record without signatures that others were told of.
  ASSERT_TRUE(store_.Put(kAcmeLedger, size, bare).ok());
  EXPECT_EQ(UpTo().cosigned, 0u);
  ASSERT_TRUE(Create().ok());
  EXPECT_EQ(UpTo().cosigned, size);
}

TEST_F(AuditTest, WhatIsNoCosignatureOfTheCallersIsRefused) {
  RegisterBoth();
  const std::string note = Create()->note();
  const uint64_t now = NowSeconds();
  const auto reason = [&](const std::string& principal, const std::string& text) {
    return ReasonOf(AddCosignature(principal, text).status());
  };
  EXPECT_EQ(reason("bea", note), v1::REASON_KEY_INVALID) << "nobody has cosigned it";
  EXPECT_EQ(reason("bea", Cosigned(note, "buyer-2", now)), v1::REASON_KEY_INVALID) << "not registered";
  EXPECT_EQ(reason("pat", Cosigned(note, "buyer-1", now)), v1::REASON_KEY_INVALID) << "another party's";
  EXPECT_EQ(reason("mallory", Cosigned(note, "buyer-1", now)), v1::REASON_NOT_FOUND) << "not a member";
  EXPECT_EQ(reason("bea", "hello\n"), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(reason("bea", Cosigned(note, "buyer-1", 1'000)), v1::REASON_FIELD_INVALID) << "before it was recorded";
  EXPECT_EQ(reason("bea", Cosigned(note, "buyer-1", UINT64_MAX)), v1::REASON_FIELD_INVALID)
      << "before 1970 to whoever signs";
  EXPECT_EQ(reason("bea", Cosigned(note, "buyer-1", 253'402'300'800)), v1::REASON_FIELD_INVALID) << "the year 10000";

  const auto cosigned_text = [&](const Checkpoint& checkpoint) {
    SignedNote made = *SignedNote::Make(checkpoint.ToText());
    EXPECT_TRUE(made.Cosign(PartyKey("buyer-1"), now).ok());
    return made.ToString();
  };
  Checkpoint checkpoint = *CheckpointOf(note);
  checkpoint.root[0] ^= 1;
  EXPECT_EQ(reason("bea", cosigned_text(checkpoint)), v1::REASON_FIELD_INVALID) << "another root";
  checkpoint = *CheckpointOf(note);
  checkpoint.size += 1;
  EXPECT_EQ(reason("bea", cosigned_text(checkpoint)), v1::REASON_FIELD_INVALID) << "a size that was not signed";

  auto forged = *SignedNote::Parse(Cosigned(note, "buyer-1", now));
  NoteSignature bent = forged.signatures().back();
  bent.signature.back() ^= 1;
  SignedNote with_bent = *SignedNote::Make(forged.text());
  with_bent.Add(bent);
  EXPECT_EQ(reason("bea", with_bent.ToString()), v1::REASON_KEY_INVALID);
  EXPECT_EQ(*store_.NoteOutside(kAcmeLedger).value(), note) << "nothing of it was kept";
}

TEST_F(AuditTest, AKeyCountsForTheSizesThatItIsValidAt) {
  RegisterBoth();
  const std::string first = Create()->note();
  Register("bea", "buyer", "buyer-2");  // Takes the place of buyer-1.
  const std::string second = Create()->note();
  EXPECT_EQ(ReasonOf(AddCosignature("bea", Cosigned(second, "buyer-1", NowSeconds())).status()),
            v1::REASON_KEY_INVALID);
  EXPECT_EQ(ReasonOf(AddCosignature("bea", Cosigned(first, "buyer-2", NowSeconds())).status()), v1::REASON_KEY_INVALID);
  EXPECT_TRUE(AddCosignature("bea", Cosigned(first, "buyer-1", NowSeconds())).ok()) << "it was valid there";
  EXPECT_TRUE(AddCosignature("bea", Cosigned(second, "buyer-2", NowSeconds())).ok());
}

TEST_F(AuditTest, WithoutOneSideNothingIsFinal) {
  Register("bea", "buyer", "buyer-1");
  const std::string note = Create()->note();
  const auto cosigned = AddCosignature("bea", Cosigned(note, "buyer-1", NowSeconds()));
  ASSERT_TRUE(cosigned.ok()) << cosigned.status();
  EXPECT_FALSE(cosigned->cosigned()) << "the provider has no key, and so no say, and nothing is final without it";
}

TEST_F(AuditTest, AHistoryInDoubtTakesNoCosignatures) {
  RegisterBoth();
  const std::string note = Create()->note();
  Checkpoint ahead = *CheckpointOf(note);
  ahead.size += 10;
  SignedNote seen = *SignedNote::Make(ahead.ToText());
  ASSERT_TRUE(seen.Sign(*keys_->KeyFor(kAcmeLedger, End())).ok());
  v1::GetCheckpointRequest request;
  request.set_name(kAcme);
  request.set_seen(seen.ToString());
  v1::GetCheckpointResponse response;
  EXPECT_EQ(ReasonOf(audit_->Answer({"bea"}, request, response)), v1::REASON_HISTORY_BEHIND);
  EXPECT_EQ(ReasonOf(AddCosignature("pat", Cosigned(note, "provider-1", NowSeconds())).status()),
            v1::REASON_HISTORY_BEHIND);
  EXPECT_EQ(ReasonOf(Create().status()), v1::REASON_HISTORY_BEHIND);
}

TEST_F(AuditTest, AReceiptProvesItsEntry) {
  RegisterBoth();
  EXPECT_EQ(ReasonOf(Receipt("bea", 3).status()), v1::REASON_NOT_CHECKPOINTED);
  const std::string note = Create()->note();
  Propose("d1");
  const uint64_t proposed = End() - 1;
  EXPECT_EQ(ReasonOf(Receipt("bea", proposed).status()), v1::REASON_NOT_CHECKPOINTED);
  const std::string later = Create()->note();
  const auto log_key =
      NoteVerifierKey::Make(keys_->OriginOf(kAcmeLedger), NoteKeyType::kEd25519, keys_->newest().public_key);
  for (uint64_t sequence = 0; sequence < CheckpointOf(later)->size; ++sequence) {
    const auto receipt = Receipt("bea", sequence);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    EXPECT_EQ(receipt->header(), At(sequence).stored.header());
    EXPECT_EQ(receipt->state(), v1::PROOF_STATE_CHECKPOINTED);
    const auto proof = TlogProof::Parse(receipt->proof());
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_EQ(proof->index, sequence);
    const auto proven = proof->Verify(receipt->header(), *log_key);
    ASSERT_TRUE(proven.ok()) << proven.status();
    EXPECT_EQ(proof->checkpoint, sequence < CheckpointOf(note)->size ? note : later) << "the smallest that covers it";
  }
  // Once a later one is final, that is the better receipt.
  ASSERT_TRUE(AddCosignature("bea", Cosigned(later, "buyer-1", NowSeconds())).ok());
  ASSERT_TRUE(AddCosignature("pat", Cosigned(later, "provider-1", NowSeconds())).ok());
  const auto final = Receipt("bea", 3);
  ASSERT_TRUE(final.ok()) << final.status();
  EXPECT_EQ(final->state(), v1::PROOF_STATE_COSIGNED);
  EXPECT_EQ(CheckpointOf(TlogProof::Parse(final->proof())->checkpoint)->size, CheckpointOf(later)->size);
  EXPECT_EQ(ReasonOf(Receipt("bea", 10'000).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Receipt("mallory", 3).status()), v1::REASON_NOT_FOUND);
}

TEST_F(AuditTest, AReceiptOfAnotherPartysEntryHasItsHeaderOnly) {
  auto request = test::Parse<v1::StateObjectiveRequest>("objective_id: 'o1' title: 'ours alone'");
  request.set_parent(std::string(kAcme) + "/parties/provider");
  const auto answer = Send<v1::Objective>("petra", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const uint64_t own = End() - 1;
  Checkpointed();
  const auto seen_by = [&](const std::string& principal) {
    const auto receipt = Receipt(principal, own);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    v1::StoredEntry stored;
    EXPECT_TRUE(stored.ParseFromString(receipt->stored_entry()));
    EXPECT_EQ(stored.header(), receipt->header());
    return stored.SerializeAsString().find("ours alone") != std::string::npos;
  };
  EXPECT_TRUE(seen_by("pat"));
  EXPECT_FALSE(seen_by("bea"));
}

TEST_F(AuditTest, ConsistencyIsProvenBetweenCheckpoints) {
  std::vector<Checkpoint> checkpoints;
  for (int i = 0; i < 4; ++i) {
    Propose("d" + std::to_string(i));
    checkpoints.push_back(*CheckpointOf(Create()->note()));
  }
  const auto ask = [&](uint64_t from, uint64_t to) -> absl::StatusOr<std::vector<std::string>> {
    v1::GetConsistencyProofRequest request;
    request.set_name(kAcme);
    request.set_from_size(from);
    request.set_to_size(to);
    v1::GetConsistencyProofResponse response;
    PARLEY_RETURN_IF_ERROR(audit_->Answer({"pat"}, request, response));
    return std::vector<std::string>(response.hashes().begin(), response.hashes().end());
  };
  for (const Checkpoint& from : checkpoints) {
    for (const Checkpoint& to : checkpoints) {
      const auto proof = ask(from.size, to.size);
      ASSERT_EQ(proof.ok(), from.size <= to.size);
      if (proof.ok()) {
        EXPECT_TRUE(VerifyConsistency(from.size, to.size, from.root, to.root, *proof).ok());
      }
    }
  }
  EXPECT_EQ(ReasonOf(ask(0, checkpoints[0].size).status()), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(ReasonOf(ask(1, checkpoints[0].size - 1).status()), v1::REASON_FIELD_INVALID) << "never signed";
}

TEST_F(AuditTest, CheckpointsAreListedInPages) {
  std::vector<uint64_t> sizes;
  for (int i = 0; i < 5; ++i) {
    Propose("d" + std::to_string(i));
    sizes.push_back(Checkpointed());
  }
  std::vector<uint64_t> listed;
  v1::ListCheckpointsRequest request;
  request.set_parent(kAcme);
  request.set_page_size(2);
  int pages = 0;
  do {
    v1::ListCheckpointsResponse response;
    ASSERT_TRUE(audit_->Answer({"bea"}, request, response).ok());
    for (const auto& checkpoint : response.checkpoints()) listed.push_back(checkpoint.size());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, sizes);
  EXPECT_EQ(pages, 3);
  v1::ListCheckpointsResponse response;
  request.set_page_token("made up");
  EXPECT_EQ(ReasonOf(audit_->Answer({"bea"}, request, response)), v1::REASON_PAGE_TOKEN_INVALID);
}

TEST_F(AuditTest, OneIsFoundBySize) {
  const auto get = [&](const std::string& principal, uint64_t size) -> absl::StatusOr<uint64_t> {
    v1::GetCheckpointRequest request;
    request.set_name(kAcme);
    request.set_size(size);
    v1::GetCheckpointResponse response;
    PARLEY_RETURN_IF_ERROR(audit_->Answer({principal}, request, response));
    EXPECT_EQ(response.checkpoint().root(), tree_->Root(kAcmeLedger, response.checkpoint().size()).value());
    return response.checkpoint().size();
  };
  EXPECT_EQ(ReasonOf(get("bea", 0).status()), v1::REASON_NOT_FOUND);
  const uint64_t first = Checkpointed();
  Propose("d1");
  const uint64_t second = Checkpointed();
  EXPECT_EQ(get("bea", 0).value(), second);
  EXPECT_EQ(get("bea", 1).value(), first);
  EXPECT_EQ(get("bea", first).value(), first);
  EXPECT_EQ(get("bea", first + 1).value(), second);
  EXPECT_EQ(ReasonOf(get("bea", second + 1).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(get("mallory", 0).status()), v1::REASON_NOT_FOUND);
}

}  // namespace
}  // namespace parley
