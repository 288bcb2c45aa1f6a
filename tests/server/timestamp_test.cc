// Checkpoints of a real server, time-stamped by an authority outside.
#include "eventstore/proof/timestamp.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/proof/note.h"
#include "parley/v1/audit.grpc.pb.h"
#include "tests/server/server_fixture.h"
#include "tests/support/fixtures.h"
#include "tests/support/timestamp_authority.h"

namespace parley::test {
namespace {

class CheckpointTimestampTest : public ServerTest {
 protected:
  static void SetUpTestSuite() {
    ::setenv("no_proxy", "127.0.0.1", 1);
    if (HasTimestampTools()) authority_ = new TestTimestampAuthority();
  }
  static void TearDownTestSuite() {
    delete authority_;
    authority_ = nullptr;
  }
  void SetUp() override {
    if (authority_ != nullptr) return;
    ASSERT_EQ(std::getenv("PARLEY_REQUIRE_TOOLS"), nullptr) << "node or the openssl command is missing";
    GTEST_SKIP() << "node or the openssl command is missing";
  }

  void StartWith(const std::string& url) {
    ServerOptions options = OptionsFor(dir_);
    options.timestamp_authority = url;
    Start(options);
  }
  v1::SignedCheckpoint Checkpoint() {
    v1::CreateCheckpointRequest request;
    request.set_name(kAcme);
    v1::CreateCheckpointResponse response;
    const grpc::Status status = Call("bea", &v1::AuditService::Stub::CreateCheckpoint, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.checkpoint();
  }
  // Of its only time-stamp.
  static absl::StatusOr<absl::Time> TimeOf(const v1::SignedCheckpoint& checkpoint) {
    return VerifyTimestamp(checkpoint.timestamps(0), SignedNote::Parse(checkpoint.note())->text(), authority_->CaPem());
  }

  static inline TestTimestampAuthority* authority_ = nullptr;
};

TEST_F(CheckpointTimestampTest, EveryCheckpointIsStampedOnce) {
  StartWith(authority_->Url());
  const v1::SignedCheckpoint first = Checkpoint();
  ASSERT_EQ(first.timestamps_size(), 1);
  const auto time = TimeOf(first);
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_GE(*time, FromProto(first.create_time()) - absl::Seconds(1));
  EXPECT_LE(*time, SystemClock().Now());
  // Asked for again, it is the same.
  EXPECT_EQ(Checkpoint().timestamps(0), first.timestamps(0));
  ASSERT_TRUE(Propose("d1").ok());
  const v1::SignedCheckpoint second = Checkpoint();
  EXPECT_GT(second.size(), first.size());
  ASSERT_EQ(second.timestamps_size(), 1);
  EXPECT_TRUE(TimeOf(second).ok());
}

// A checkpoint stands without a time-stamp; it gets one when the authority is back.
TEST_F(CheckpointTimestampTest, AnAuthorityThatFailsHoldsNothingUp) {
  StartWith(authority_->Url("/error"));
  const v1::SignedCheckpoint without = Checkpoint();
  EXPECT_GT(without.size(), 0u);
  EXPECT_EQ(without.timestamps_size(), 0);
  server_.reset();
  ServerOptions options = OptionsFor(dir_);
  options.timestamp_authority = authority_->Url();
  auto again = Server::Start(options);
  ASSERT_TRUE(again.ok()) << again.status();
  server_ = *std::move(again);
  channel_ = Connect(server_->port());
  const v1::SignedCheckpoint with = Checkpoint();
  EXPECT_EQ(with.note(), without.note());
  ASSERT_EQ(with.timestamps_size(), 1);
  EXPECT_TRUE(TimeOf(with).ok());
}

TEST_F(CheckpointTimestampTest, WithoutAnAuthorityThereIsNone) {
  Start();
  EXPECT_EQ(Checkpoint().timestamps_size(), 0);
}

}  // namespace
}  // namespace parley::test
