// Bundles over gRPC: who gets which, as many at a time as there may be, and until the server goes.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/proof/bundle.h"
#include "parley/v1/audit.grpc.pb.h"
#include "parley/v1/person.grpc.pb.h"
#include "tests/server/server_fixture.h"
#include "tests/support/fixtures.h"
#include "tests/support/test_log.h"

namespace parley::test {
namespace {

using Audits = v1::AuditService::Stub;
using Persons = v1::PersonService::Stub;

class ExportServerTest : public ServerTest {
 protected:
  struct Exported {
    grpc::Status status;
    uint64_t size = 0;
    std::map<std::string, std::string> files;
  };
  static v1::ExportBundleRequest Request(std::string_view text = "") {
    auto request = Parse<v1::ExportBundleRequest>(text);
    request.set_name(kAcme);
    return request;
  }
  // An export under way.
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<Audits> stub;
    std::unique_ptr<grpc::ClientReader<v1::ExportBundleResponse>> reader;
  };
  std::unique_ptr<Stream> Open(const std::string& principal, const v1::ExportBundleRequest& request) {
    auto stream = std::make_unique<Stream>();
    stream->context.AddMetadata("parley-principal", principal);
    stream->stub = std::make_unique<Audits>(channel_);
    stream->reader = stream->stub->ExportBundle(&stream->context, request);
    return stream;
  }
  Exported Export(const std::string& principal, const v1::ExportBundleRequest& request) {
    const auto stream = Open(principal, request);
    Exported out;
    v1::ExportBundleResponse response;
    while (stream->reader->Read(&response)) {
      if (response.size() > 0) out.size = response.size();
      out.files[response.path()] += response.data();
    }
    out.status = stream->reader->Finish();
    return out;
  }
  // An entry of some size, so that a bundle takes many pieces.
  void ProposeLarge(const std::string& id) {
    v1::ProposeDecisionRequest request = Proposal(id);
    for (auto& option : *request.mutable_options()) option.set_description(std::string(16'000, 'x'));
    const grpc::Status status = Call("pat", &Decisions::ProposeDecision, request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
};

TEST_F(ExportServerTest, MakesTheCheckpointThatItNeeds) {
  Start();
  const Exported first = Export("bea", Request("reader: 'buyer'"));
  ASSERT_TRUE(first.status.ok()) << first.status.error_message();
  EXPECT_GT(first.size, 0u);
  std::vector<std::string> expected = {"checkpoint"};
  for (const TileId& tile : TilesOfBundle(first.size)) expected.push_back(tile.Path());
  std::vector<std::string> paths;
  for (const auto& [path, unused] : first.files) paths.push_back(path);
  EXPECT_EQ(paths, expected);
  // There is one now, and it will do.
  EXPECT_EQ(Export("bea", Request()).size, first.size);
  EXPECT_EQ(Export("pat", Request("reader: 'provider'")).size, first.size);
}

TEST_F(ExportServerTest, AnErasureTakesANewCheckpoint) {
  Start();
  v1::RegisterPersonResponse registered;
  ASSERT_TRUE(Call("bea", &Persons::RegisterPerson,
                   Parse<v1::RegisterPersonRequest>("parent: 'relationships/acme' person_id: 'ann' party_id: 'buyer' "
                                                    "display_name: 'Ann Archer'"),
                   &registered)
                  .ok());
  const Exported before = Export("bea", Request("reader: 'buyer'"));
  ASSERT_TRUE(before.status.ok()) << before.status.error_message();
  ASSERT_TRUE(
      Call<Persons>("bea", &Persons::ErasePerson, On<v1::ErasePersonRequest>("persons/ann", "reason: 'asked'")).ok());
  const Exported after = Export("bea", Request("reader: 'buyer'"));
  ASSERT_TRUE(after.status.ok()) << after.status.error_message();
  EXPECT_GT(after.size, before.size);
  const Exported old = Export("bea", Request("size: " + std::to_string(before.size)));
  EXPECT_EQ(RefusalOf(old.status), v1::REASON_WRONG_STATE);
  EXPECT_EQ(MetadataOf(old.status, "least_size"), std::to_string(before.size + 1));
}

TEST_F(ExportServerTest, IsForMembersAndTheirOwnParties) {
  Start();
  EXPECT_EQ(RefusalOf(Export("bea", Request("reader: 'provider'")).status), v1::REASON_NOT_YOUR_PARTY);
  EXPECT_EQ(RefusalOf(Export("stranger", Request()).status), v1::REASON_NOT_FOUND);
  EXPECT_EQ(RefusalOf(Export("", Request()).status), v1::REASON_UNAUTHENTICATED);
  EXPECT_EQ(RefusalOf(Export("bea", Request("size: 2")).status), v1::REASON_NOT_CHECKPOINTED);
  EXPECT_EQ(RefusalOf(Export("bea", Request("after_path: '../x'")).status), v1::REASON_FIELD_INVALID);
  v1::ExportBundleRequest elsewhere;
  elsewhere.set_name("relationships/acme/decisions/d1");
  EXPECT_EQ(RefusalOf(Export("bea", elsewhere).status), v1::REASON_FIELD_INVALID);
}

TEST_F(ExportServerTest, NoMoreAtATimeThanThereMayBe) {
  ServerOptions options = OptionsFor(dir_);
  options.max_exports = 1;
  Start(options);
  for (int i = 0; i < 100; ++i) ProposeLarge("d" + std::to_string(i));
  // One that is not read holds the only place, …
  auto slow = Open("bea", Request());
  v1::ExportBundleResponse response;
  ASSERT_TRUE(slow->reader->Read(&response));
  const grpc::Status second = Export("pat", Request()).status;
  EXPECT_EQ(second.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(RefusalOf(second), v1::REASON_OVERLOADED);
  // … until its client goes.
  slow->context.TryCancel();
  while (slow->reader->Read(&response)) {
  }
  EXPECT_EQ(slow->reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(WaitUntil([&] { return Export("pat", Request()).status.ok(); }));
}

TEST_F(ExportServerTest, AServerThatShutsDownDoesNotWaitForThem) {
  Start();
  for (int i = 0; i < 100; ++i) ProposeLarge("d" + std::to_string(i));
  auto slow = Open("bea", Request());
  v1::ExportBundleResponse response;
  ASSERT_TRUE(slow->reader->Read(&response));
  const absl::Duration start = Monotonic();
  server_->Shutdown(absl::Seconds(60));
  EXPECT_LT(Monotonic() - start, absl::Seconds(30));
  while (slow->reader->Read(&response)) {
  }
  EXPECT_EQ(slow->reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// An export waits for a checkpoint, and that for an authority that never answers: the export ends first.
TEST_F(ExportServerTest, ACheckpointThatAnExportWaitsForMayOutliveIt) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listener, 5), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ServerOptions options = OptionsFor(dir_);
  options.timestamp_authority = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  Start(options);
  std::vector<std::unique_ptr<Stream>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(Open("bea", Request()));
  const int asked = ::accept(listener, nullptr, nullptr);  // The checkpoint is signed, and being time-stamped.
  ASSERT_GE(asked, 0);
  const absl::Duration start = Monotonic();
  server_->Shutdown(absl::Seconds(1));
  server_.reset();
  EXPECT_LT(Monotonic() - start, absl::Seconds(20));
  for (const auto& stream : waiting) {
    v1::ExportBundleResponse response;
    EXPECT_FALSE(stream->reader->Read(&response));
    EXPECT_EQ(stream->reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  ::close(asked);
  ::close(listener);
}

TEST_F(ExportServerTest, KeysOfPeopleAreForAdministratorsAndForATime) {
  Start();
  const auto add = [&](const std::string& principal, std::string_view text) {
    v1::RegisterPersonResponse response;
    const auto status = Call(principal, &Persons::RegisterPerson, Parse<v1::RegisterPersonRequest>(text), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  };
  add("bea", "parent: 'relationships/acme' person_id: 'ann' party_id: 'buyer' display_name: 'Ann'");
  add("pat", "parent: 'relationships/acme' person_id: 'pia' party_id: 'provider' display_name: 'Pia'");
  const auto release = [&](const std::string& principal, absl::Duration time, std::vector<std::string> persons = {}) {
    v1::ReleasePersonKeysRequest request;
    request.set_name(kAcme);
    *request.mutable_expire_time() = ToProto(SystemClock().Now() + time);
    for (const std::string& person : persons) request.add_persons(person);
    v1::ReleasePersonKeysResponse response;
    const grpc::Status status = Call(principal, &Audits::ReleasePersonKeys, request, &response);
    return std::pair(status, response.keys());
  };
  const auto [status, keys] = release("bea", absl::Hours(24));
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(keys.keys_size(), 1);
  EXPECT_EQ(keys.keys(0).person(), InAcme("persons/ann"));
  EXPECT_EQ(keys.keys(0).key().size(), 32u);
  EXPECT_EQ(keys.relationship(), kAcme);

  EXPECT_EQ(RefusalOf(release("bea", absl::ZeroDuration()).first), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(RefusalOf(release("bea", absl::Hours(24 * 91)).first), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(RefusalOf(release("bea", absl::Hours(1), {InAcme("persons/pia")}).first), v1::REASON_NOT_FOUND);
  EXPECT_EQ(RefusalOf(release("stranger", absl::Hours(1)).first), v1::REASON_NOT_FOUND);
  ASSERT_TRUE(Call<Relationships>("bea", &Relationships::GrantRole,
                                  On<v1::GrantRoleRequest>("",
                                                           "principal: 'bill' party_id: 'buyer' role: 'observer' "
                                                           "permissions: PERMISSION_CONTRIBUTE"))
                  .ok());
  EXPECT_TRUE(
      WaitUntil([&] { return RefusalOf(release("bill", absl::Hours(1)).first) == v1::REASON_PERMISSION_MISSING; }));
}

}  // namespace
}  // namespace parley::test
