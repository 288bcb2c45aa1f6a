// The proof over gRPC, and what becomes of it when a server is stopped, put back to an earlier state, or moved.
#include <gmock/gmock.h>

#include <filesystem>

#include "eventstore/base/clock.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/note.h"
#include "eventstore/proof/policy.h"
#include "eventstore/proof/tlog_proof.h"
#include "parley/v1/audit.grpc.pb.h"
#include "parley/v1/key.grpc.pb.h"
#include "parley/v1/timeline.grpc.pb.h"
#include "tests/server/server_fixture.h"
#include "tests/support/fixtures.h"
#include "tests/support/test_log.h"

namespace parley::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Audits = v1::AuditService::Stub;
using Keys = v1::KeyService::Stub;
using Timelines = v1::TimelineService::Stub;

class AuditServerTest : public ServerTest {
 protected:
  void Stop() {
    channel_.reset();
    if (server_ != nullptr) server_->Shutdown(absl::Seconds(5));
    server_.reset();
  }
  // Starts a server on what is there.
  absl::Status Restart(const ServerOptions& options) {
    Stop();
    auto started = Server::Start(options);
    if (!started.ok()) return started.status();
    server_ = *std::move(started);
    channel_ = Connect(server_->port());
    return absl::OkStatus();
  }
  absl::Status Restart() { return Restart(OptionsFor(dir_)); }

  grpc::Status Create(v1::SignedCheckpoint* checkpoint, const std::string& principal = "bea",
                      const std::string& seen = "") {
    v1::CreateCheckpointRequest request;
    request.set_name(kAcme);
    request.set_seen(seen);
    v1::CreateCheckpointResponse response;
    const grpc::Status status = Call(principal, &Audits::CreateCheckpoint, request, &response);
    *checkpoint = response.checkpoint();
    return status;
  }
  v1::SignedCheckpoint Created() {
    v1::SignedCheckpoint checkpoint;
    const grpc::Status status = Create(&checkpoint);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return checkpoint;
  }
  grpc::Status Newest(const std::string& seen, v1::SignedCheckpoint* checkpoint = nullptr,
                      const std::string& principal = "bea") {
    v1::GetCheckpointRequest request;
    request.set_name(kAcme);
    request.set_seen(seen);
    v1::GetCheckpointResponse response;
    const grpc::Status status = Call(principal, &Audits::GetCheckpoint, request, &response);
    if (checkpoint != nullptr) *checkpoint = response.checkpoint();
    return status;
  }
  static NoteSigningKey PartyKey(const std::string& name) {
    std::string seed = name;
    seed.resize(32, 's');
    return *NoteSigningKey::Make(name, NoteKeyType::kEd25519Cosignature, seed);
  }
  void Register(const std::string& principal, const std::string& party, const std::string& key) {
    v1::RegisterKeyRequest request;
    request.set_parent(kAcme);
    request.set_key_id(key);
    request.set_party_id(party);
    request.set_vkey(PartyKey(key).verifier().ToString());
    const grpc::Status status = Call(principal, &Keys::RegisterKey, request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  grpc::Status Cosign(const std::string& principal, const std::string& key, const std::string& note,
                      v1::SignedCheckpoint* checkpoint = nullptr) {
    auto parsed = SignedNote::Parse(note);
    EXPECT_TRUE(parsed->Cosign(PartyKey(key), static_cast<uint64_t>(absl::ToUnixSeconds(SystemClock().Now()))).ok());
    v1::AddCosignatureRequest request;
    request.set_name(kAcme);
    request.set_note(parsed->ToString());
    v1::AddCosignatureResponse response;
    const grpc::Status status = Call(principal, &Audits::AddCosignature, request, &response);
    if (checkpoint != nullptr) *checkpoint = response.checkpoint();
    return status;
  }
  std::vector<v1::TimelineEntry> Timeline() {
    v1::ListTimelineEntriesRequest request;
    request.set_parent(kAcme);
    request.set_page_size(1000);
    v1::ListTimelineEntriesResponse response;
    EXPECT_TRUE(Call("bea", &Timelines::ListTimelineEntries, request, &response).ok());
    return {response.timeline_entries().begin(), response.timeline_entries().end()};
  }
  // The log's public key, as the record itself has it.
  std::string LogKey() {
    v1::ListKeysRequest request;
    request.set_parent(kAcme);
    v1::ListKeysResponse response;
    EXPECT_TRUE(Call("bea", &Keys::ListKeys, request, &response).ok());
    for (const v1::Key& key : response.keys()) {
      if (key.party_id().empty()) return key.vkey();
    }
    return "";
  }
  std::string Data() const { return dir_ / "data"; }
};

TEST_F(AuditServerTest, EntriesAreAcceptedThenCheckpointedThenFinal) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Register("bea", "buyer", "buyer-1"));
  ASSERT_NO_FATAL_FAILURE(Register("pat", "provider", "provider-1"));
  for (const auto& entry : Timeline()) EXPECT_EQ(entry.proof_state(), v1::PROOF_STATE_ACCEPTED);
  const v1::SignedCheckpoint checkpoint = Created();
  ASSERT_TRUE(Propose("later").ok());
  const auto count = [&](v1::ProofState state) {
    uint64_t n = 0;
    for (const auto& entry : Timeline()) n += entry.proof_state() == state;
    return n;
  };
  EXPECT_EQ(count(v1::PROOF_STATE_CHECKPOINTED), checkpoint.size());
  EXPECT_EQ(count(v1::PROOF_STATE_ACCEPTED), 1u);
  v1::SignedCheckpoint cosigned;
  ASSERT_TRUE(Cosign("bea", "buyer-1", checkpoint.note(), &cosigned).ok());
  EXPECT_FALSE(cosigned.cosigned());
  ASSERT_TRUE(Cosign("pat", "provider-1", checkpoint.note(), &cosigned).ok());
  EXPECT_TRUE(cosigned.cosigned());
  EXPECT_EQ(count(v1::PROOF_STATE_COSIGNED), checkpoint.size());
  EXPECT_EQ(count(v1::PROOF_STATE_ACCEPTED), 1u);

  // What a watcher is told agrees.
  v1::TimelineService::Stub stub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("parley-principal", "bea");
  v1::WatchTimelineRequest watch;
  watch.set_parent(kAcme);
  const auto stream = stub.WatchTimeline(&context, watch);
  v1::WatchTimelineResponse first;
  ASSERT_TRUE(stream->Read(&first));
  EXPECT_EQ(first.timeline_entry().proof_state(), v1::PROOF_STATE_COSIGNED);
  context.TryCancel();
}

TEST_F(AuditServerTest, AReceiptHoldsWithoutTheServer) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Register("bea", "buyer", "buyer-1"));
  ASSERT_NO_FATAL_FAILURE(Register("pat", "provider", "provider-1"));
  ASSERT_TRUE(Propose("d1").ok());
  const v1::SignedCheckpoint checkpoint = Created();
  v1::GetReceiptRequest request;
  request.set_name(kAcme);
  request.set_sequence(checkpoint.size() - 3);
  v1::GetReceiptResponse receipt;
  ASSERT_TRUE(Call("pat", &Audits::GetReceipt, request, &receipt).ok());
  EXPECT_EQ(receipt.state(), v1::PROOF_STATE_CHECKPOINTED);
  const auto policy =
      Policy::Parse("log " + LogKey() + "\nwitness b " + PartyKey("buyer-1").verifier().ToString() + "\nwitness p " +
                        PartyKey("provider-1").verifier().ToString() + "\ngroup both all b p\nquorum both\n",
                    [](const std::string&) { return absl::NotFoundError("no such file"); });
  ASSERT_TRUE(policy.ok()) << policy.status();
  const NoteVerifierKey* log = policy->LogOf("parley.localhost/relationships/acme");
  ASSERT_NE(log, nullptr);
  const auto holds = [&](const v1::GetReceiptResponse& given) {
    const auto proof = TlogProof::Parse(given.proof());
    EXPECT_TRUE(proof.ok()) << proof.status();
    EXPECT_TRUE(proof->Verify(given.header(), *log).ok()) << proof->Verify(given.header(), *log).status();
    const SignedNote note = *SignedNote::Parse(proof->checkpoint);
    return policy->QuorumMet(
        [&](const std::string& witness) { return note.Verify(policy->witnesses().at(witness)).ok(); });
  };
  EXPECT_FALSE(holds(receipt)) << "nobody has cosigned yet";
  ASSERT_TRUE(Cosign("bea", "buyer-1", checkpoint.note()).ok());
  ASSERT_TRUE(Cosign("pat", "provider-1", checkpoint.note()).ok());
  ASSERT_TRUE(Call("pat", &Audits::GetReceipt, request, &receipt).ok());
  EXPECT_EQ(receipt.state(), v1::PROOF_STATE_COSIGNED);
  EXPECT_TRUE(holds(receipt));
}

TEST_F(AuditServerTest, OnlyMembersAndTheirKeysCount) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Register("bea", "buyer", "buyer-1"));
  const v1::SignedCheckpoint checkpoint = Created();
  v1::SignedCheckpoint ignored;
  EXPECT_EQ(RefusalOf(Create(&ignored, "mallory")), v1::REASON_NOT_FOUND);
  EXPECT_EQ(RefusalOf(Newest("", nullptr, "mallory")), v1::REASON_NOT_FOUND);
  EXPECT_EQ(RefusalOf(Create(&ignored, "")), v1::REASON_UNAUTHENTICATED);
  EXPECT_EQ(RefusalOf(Cosign("mallory", "buyer-1", checkpoint.note())), v1::REASON_NOT_FOUND);
  EXPECT_EQ(RefusalOf(Cosign("pat", "buyer-1", checkpoint.note())), v1::REASON_KEY_INVALID);
  EXPECT_EQ(RefusalOf(Cosign("bea", "buyer-2", checkpoint.note())), v1::REASON_KEY_INVALID);
  Checkpoint other = *Checkpoint::Parse(SignedNote::Parse(checkpoint.note())->text());
  other.root[5] ^= 1;
  SignedNote bent = *SignedNote::Make(other.ToText());
  bent.Add(SignedNote::Parse(checkpoint.note())->signatures()[0]);
  EXPECT_EQ(RefusalOf(Cosign("bea", "buyer-1", bent.ToString())), v1::REASON_FIELD_INVALID);
}

TEST_F(AuditServerTest, WhatWasSignedOutlivesRestartsAndWhatIsDerived) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Register("bea", "buyer", "buyer-1"));
  const v1::SignedCheckpoint before = Created();
  v1::SignedCheckpoint cosigned;
  ASSERT_TRUE(Cosign("bea", "buyer-1", before.note(), &cosigned).ok());
  Stop();
  fs::remove_all(Data() + "/derived");
  fs::remove_all(Data() + "/views");
  ASSERT_TRUE(Restart().ok());
  v1::SignedCheckpoint after;
  grpc::Status status;
  ASSERT_TRUE(WaitUntil([&] {
    status = Newest(cosigned.note(), &after);  // Read models come back first.
    return status.ok();
  })) << status.error_message();
  EXPECT_EQ(after.SerializeAsString(), cosigned.SerializeAsString());
  EXPECT_EQ(Created().SerializeAsString(), cosigned.SerializeAsString()) << "the same tree, signed once";
  v1::ListCheckpointsRequest list;
  list.set_parent(kAcme);
  v1::ListCheckpointsResponse listed;
  ASSERT_TRUE(Call("pat", &Audits::ListCheckpoints, list, &listed).ok());
  EXPECT_EQ(listed.checkpoints_size(), 1);
}

TEST_F(AuditServerTest, TreesAreConsistentOverRestarts) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const v1::SignedCheckpoint before = Created();
  ASSERT_TRUE(Restart().ok());
  ASSERT_TRUE(Propose("d1").ok());
  v1::SignedCheckpoint after;
  ASSERT_TRUE(Create(&after, "pat", before.note()).ok());
  v1::GetConsistencyProofRequest request;
  request.set_name(kAcme);
  request.set_from_size(before.size());
  request.set_to_size(after.size());
  v1::GetConsistencyProofResponse response;
  ASSERT_TRUE(Call("pat", &Audits::GetConsistencyProof, request, &response).ok());
  const absl::Status consistent = VerifyConsistency(before.size(), after.size(), before.root(), after.root(),
                                                    {response.hashes().begin(), response.hashes().end()});
  EXPECT_TRUE(consistent.ok()) << consistent;
}

TEST_F(AuditServerTest, AStoreThatWasPutBackIsNotServed) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Created();
  Stop();
  const std::string backup = dir_ / "backup";
  fs::copy(Data(), backup, fs::copy_options::recursive);
  ASSERT_TRUE(Restart().ok());
  ASSERT_TRUE(Propose("d1").ok());
  const v1::SignedCheckpoint late = Created();
  Stop();

  // All but the notes, which were elsewhere.
  const std::string notes = dir_ / "notes";
  fs::rename(Data() + "/notes", notes);
  fs::remove_all(Data());
  fs::copy(backup, Data(), fs::copy_options::recursive);
  ServerOptions options = OptionsFor(dir_);
  options.notes_dir = notes;
  const absl::Status refused = Restart(options);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("acme"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("old backup"));

  // With the notes of that time it cannot know, until somebody shows what they have seen.
  ASSERT_TRUE(Restart().ok());
  grpc::Status status;
  ASSERT_TRUE(WaitUntil([&] {
    status = Newest(late.note());
    return RefusalOf(status) != v1::REASON_NOT_FOUND;
  }));
  EXPECT_EQ(RefusalOf(status), v1::REASON_HISTORY_BEHIND) << status.error_message();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_TRUE(Newest("").ok()) << "what is there can still be read";
  v1::SignedCheckpoint ignored;
  EXPECT_EQ(RefusalOf(Create(&ignored)), v1::REASON_HISTORY_BEHIND) << "but it signs nothing more";
  EXPECT_EQ(Restart().code(), absl::StatusCode::kFailedPrecondition) << "and remembers";
}

TEST_F(AuditServerTest, AStoreThatWentOnDifferentlyIsFoundOut) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Stop();
  const std::string backup = dir_ / "backup";
  fs::copy(Data(), backup, fs::copy_options::recursive);
  ASSERT_TRUE(Restart().ok());
  const v1::SignedCheckpoint seen = Created();
  Stop();
  fs::remove_all(Data());
  fs::copy(backup, Data(), fs::copy_options::recursive);
  ASSERT_TRUE(Restart().ok());
  for (uint64_t i = 0; i <= seen.size(); ++i) {
    const std::string id = "other-" + std::to_string(i);
    ASSERT_TRUE(Propose(id).ok());
  }
  const grpc::Status status = Newest(seen.note());
  EXPECT_EQ(RefusalOf(status), v1::REASON_HISTORY_FORKED) << status.error_message();
  EXPECT_EQ(MetadataOf(status, "size"), std::to_string(seen.size()));
  v1::SignedCheckpoint ignored;
  EXPECT_EQ(RefusalOf(Create(&ignored)), v1::REASON_HISTORY_FORKED);
}

TEST_F(AuditServerTest, TheLogDomainStays) {
  ServerOptions options = OptionsFor(dir_);
  options.log_domain = "parley.example";
  ASSERT_NO_FATAL_FAILURE(Start(options));
  EXPECT_THAT(Created().note(), testing::StartsWith("parley.example/relationships/acme\n"));
  const absl::Status other = Restart();
  EXPECT_EQ(other.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other.message()), HasSubstr("parley.example"));
  EXPECT_TRUE(Restart(options).ok());
  options.log_domain = "two words";
  EXPECT_EQ(Restart(options).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace parley::test
