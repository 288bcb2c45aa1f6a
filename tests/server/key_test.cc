// Keys as clients see them: a party's, which it registers, and the log's, which the server does.
#include <gtest/gtest.h>

#include "eventstore/proof/ed25519.h"
#include "eventstore/proof/note.h"
#include "parley/v1/audit.grpc.pb.h"
#include "parley/v1/key.grpc.pb.h"
#include "tests/server/server_fixture.h"
#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

using Keys = v1::KeyService::Stub;

class KeyServiceTest : public ServerTest {
 protected:
  void SetUp() override { Start(); }

  grpc::Status Register(const std::string& principal, const std::string& id, const std::string& party,
                        v1::RegisterKeyResponse* response = nullptr) {
    v1::RegisterKeyRequest request;
    request.set_parent(kAcme);
    request.set_key_id(id);
    request.set_party_id(party);
    request.set_vkey(NoteVerifierKey::Make("acme.example/" + id, NoteKeyType::kEd25519Cosignature,
                                           *Ed25519PublicKey(std::string(32, id.back())))
                         ->ToString());
    return Call(principal, &Keys::RegisterKey, request, response);
  }
  std::vector<v1::Key> List(const std::string& token, const std::string& filter = "") {
    v1::ListKeysRequest request;
    request.set_parent(kAcme);
    request.set_filter(filter);
    request.set_consistency_token(token);
    v1::ListKeysResponse response;
    const grpc::Status status = Call("pat", &Keys::ListKeys, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response.keys().begin(), response.keys().end()};
  }
};

TEST_F(KeyServiceTest, APartysKeyIsRegisteredReplacedAndRevoked) {
  v1::RegisterKeyResponse first;
  ASSERT_TRUE(Register("bea", "key-a", "buyer", &first).ok());
  EXPECT_EQ(first.key().state(), v1::KEY_STATE_IN_USE);
  v1::RegisterKeyResponse second;
  ASSERT_TRUE(Register("bea", "key-b", "buyer", &second).ok());
  EXPECT_EQ(second.key().previous(), first.key().name());
  const auto in_use = List(second.consistency_token(), "state = in_use");
  ASSERT_EQ(in_use.size(), 1u);
  EXPECT_EQ(in_use[0].name(), second.key().name());
  v1::RevokeKeyRequest revoke;
  revoke.set_name(second.key().name());
  revoke.set_reason("stolen");
  v1::RevokeKeyResponse revoked;
  EXPECT_EQ(Call("pat", &Keys::RevokeKey, revoke, &revoked).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  ASSERT_TRUE(Call("bea", &Keys::RevokeKey, revoke, &revoked).ok());
  EXPECT_EQ(revoked.key().state(), v1::KEY_STATE_REVOKED);
  EXPECT_EQ(List(revoked.consistency_token()).size(), 2u);
}

TEST_F(KeyServiceTest, NobodyRegistersAnothersOrTheLogs) {
  EXPECT_EQ(Register("bea", "key-a", "provider").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Register("bea", "key-a", "").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Register("bea", "log-1", "buyer").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Register("system", "log-1", "").error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(KeyServiceTest, TheLogsIsThereWithTheFirstCheckpoint) {
  v1::CreateCheckpointRequest create;
  create.set_name(kAcme);
  v1::CreateCheckpointResponse created;
  const grpc::Status status = Call("bea", &v1::AuditService::Stub::CreateCheckpoint, create, &created);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::RegisterKeyResponse after;  // For a token that is past it.
  ASSERT_TRUE(Register("bea", "key-a", "buyer", &after).ok());
  const auto keys = List(after.consistency_token(), "party_id = \"\"");
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].name(), "relationships/acme/keys/log-1");
  const auto key = NoteVerifierKey::Parse(keys[0].vkey());
  ASSERT_TRUE(key.ok()) << key.status();
  const auto note = SignedNote::Parse(created.checkpoint().note());
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_TRUE(note->Verify(*key).ok());
  EXPECT_EQ(Checkpoint::Parse(note->text())->origin, key->name());
  EXPECT_GT(created.checkpoint().size(), keys[0].registered_in());
}

}  // namespace
}  // namespace parley::test
