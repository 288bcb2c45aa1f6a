#include "tests/server/server_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/fixtures.h"

namespace parley::test {

ServerOptions OptionsFor(const ScratchDir& dir) {
  ServerOptions options;
  options.data_dir = dir / "data";
  options.listen = "127.0.0.1:0";
  options.metrics_listen = "";
  options.log_level = LogLevel::kError;
  return options;
}

void ServerTest::Start(const ServerOptions& options) {
  auto started = Server::Start(options);
  ASSERT_TRUE(started.ok()) << started.status();
  server_ = *std::move(started);
  channel_ = Connect(server_->port());
  const auto must = [&](const std::string& principal, auto rpc, auto request, std::string_view text) {
    ParseTextInto(text, request);
    request.set_name(kAcme);
    const grpc::Status status = Call(principal, rpc, request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  };
  const auto establish = Parse<v1::EstablishRelationshipRequest>(R"pb(
    relationship_id: "acme"
    display_name: "Service desk"
    archetype: ARCHETYPE_MANAGED_SERVICE
    stage: STAGE_OPERATING
    parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "Buyer" first_member: "bea" }
    parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "Provider" first_member: "pat" }
  )pb");
  const grpc::Status established = Call("bea", &Relationships::EstablishRelationship, establish);
  ASSERT_TRUE(established.ok()) << established.error_message();
  must("bea", &Relationships::AcceptParty, v1::AcceptPartyRequest(), "party_id: 'buyer'");
  must("pat", &Relationships::AcceptParty, v1::AcceptPartyRequest(), "party_id: 'provider'");
  must("pat", &Relationships::GrantRole, v1::GrantRoleRequest(),
       "principal: 'pat' party_id: 'provider' role: 'delivery-lead' permissions: PERMISSION_CONTRIBUTE");
  v1::ProposeCharterRequest charter;
  *charter.mutable_charter() = StandardCharter();
  must("bea", &Relationships::ProposeCharter, charter, "");
  must("bea", &Relationships::AdoptCharter, v1::AdoptCharterRequest(), "version: 1");
  must("pat", &Relationships::AdoptCharter, v1::AdoptCharterRequest(), "version: 1");
}

v1::ProposeDecisionRequest Proposal(const std::string& id) {
  auto request = Parse<v1::ProposeDecisionRequest>(
      "title: 'Who stands in' class_id: 'staffing' options { option_id: 'yes' } options { option_id: 'no' }");
  request.set_parent(kAcme);
  request.set_decision_id(id);
  return request;
}

grpc::Status ServerTest::Propose(const std::string& id, v1::ProposeDecisionResponse* response) {
  return Call("pat", &Decisions::ProposeDecision, Proposal(id), response);
}

std::string HttpGet(int port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
      char buffer[4096];
      for (ssize_t n; (n = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, n);
    }
  }
  ::close(fd);
  return answer;
}

}  // namespace parley::test
