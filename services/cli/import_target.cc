#include "services/cli/import_target.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"

namespace parley {
namespace {

constexpr size_t kLongestSlug = 63;
constexpr char kRepresentative[] = "representative";  // The role that a party's first member holds.
constexpr char kCurrency[] = "EUR";

v1::Charter PlainCharter(const v1::Relationship& relationship) {
  v1::Charter charter;
  charter.set_currency_code(kCurrency);
  auto& forum = *charter.add_forums();
  forum.set_forum_id("operations");
  forum.set_display_name("Operations meeting");
  forum.set_level(v1::FORUM_LEVEL_OPERATIONAL);
  forum.set_cadence_days(30);
  auto& general = *charter.add_decision_classes();
  general.set_class_id("general");
  general.set_display_name("General");
  auto& band = *general.add_bands();
  band.mutable_from()->set_currency_code(kCurrency);
  for (const auto& party : relationship.parties()) {
    if (party.kind() == v1::PARTY_KIND_THIRD_PARTY) continue;
    auto& quorum = *forum.add_quorums();
    quorum.set_party_id(party.party_id());
    quorum.set_members(1);
    // The first buyer decides, everybody else agrees.
    const bool decides = party.kind() == v1::PARTY_KIND_BUYER &&
                         std::none_of(band.rights().begin(), band.rights().end(), [](const v1::DecisionRight& right) {
                           return right.decision_role() == v1::DECISION_ROLE_DECIDE;
                         });
    auto& right = *band.add_rights();
    right.set_decision_role(decides ? v1::DECISION_ROLE_DECIDE : v1::DECISION_ROLE_AGREE);
    right.mutable_holder()->set_party_id(party.party_id());
    right.mutable_holder()->set_role(kRepresentative);
  }
  auto& tier = *charter.add_escalation_tiers();
  tier.set_tier_id("operations");
  tier.set_display_name("Operations meeting");
  tier.set_forum_id("operations");
  *tier.mutable_window() = ToProto(absl::Hours(24 * 30));
  *charter.mutable_acknowledgement_window() = ToProto(absl::Hours(24 * 7));
  *charter.mutable_report_window() = ToProto(absl::Hours(24 * 30));
  return charter;
}

// When a party last accepted, proposed or signed: nothing that follows is older.
google::protobuf::Timestamp LatestWord(const v1::Relationship& relationship) {
  absl::Time latest = absl::InfinitePast();
  const auto include = [&latest](const google::protobuf::Timestamp& time) {
    latest = std::max(latest, FromProto(time));
  };
  for (const auto& party : relationship.parties()) {
    if (party.has_accept_time()) include(party.accept_time());
  }
  for (const auto& version : relationship.charters()) {
    include(version.propose_time());
    for (const auto& signature : version.signatures()) include(signature.sign_time());
  }
  return ToProto(latest);
}

// Asks again for a while where the answer is NOT_FOUND.
grpc::Status GetPatiently(Client& client, const v1::GetRelationshipRequest& request,
                          v1::GetRelationshipResponse* response) {
  constexpr auto kPause = std::chrono::milliseconds(100);
  constexpr int kAttempts = 100;
  std::mutex mu;
  std::unique_lock lock(mu);
  std::condition_variable never;
  grpc::Status status;
  for (int i = 0; i < kAttempts; ++i) {
    status = client.Call(request, response);
    if (status.error_code() != grpc::StatusCode::NOT_FOUND) return status;
    never.wait_for(lock, kPause, [] { return false; });
  }
  return status;
}

}  // namespace

std::string Slugged(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte)) {
      slug += static_cast<char>(std::tolower(byte));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  if (slug.size() > kLongestSlug) {  // Two long names may differ at the end only.
    static constexpr size_t kDigits = 8;
    slug.resize(kLongestSlug - kDigits - 1);
    slug += "-" + absl::BytesToHexString(Sha256(text)).substr(0, kDigits);
  }
  while (slug.ends_with("-")) slug.pop_back();
  return slug;
}

grpc::Status EnsureRelationship(Client& client, const v1::EstablishRelationshipRequest& wanted,
                                v1::Relationship* relationship, bool* created) {
  *created = false;
  const std::string name = "relationships/" + wanted.relationship_id();
  v1::GetRelationshipRequest get;
  get.set_name(name);
  v1::GetRelationshipResponse found;
  grpc::Status status = client.Call(get, &found);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    v1::EstablishRelationshipRequest request = wanted;
    request.set_request_id(NewRequestId());
    v1::EstablishRelationshipResponse response;
    const grpc::Status established = client.Call(request, &response);
    *created = established.ok();
    if (*created) {
      *relationship = response.relationship();
    } else if (established.error_code() != grpc::StatusCode::ALREADY_EXISTS) {
      return established;
    } else {
      // It is there, and the read model does not show it yet: an import that has just ended opened it. Or it is not the
      // caller's, which asking again will tell.
      status = GetPatiently(client, get, &found);
    }
  }
  if (!*created) {
    if (!status.ok()) return status;
    *relationship = found.relationship();
  }
  const v1::Relationship before = *relationship;
  for (const auto& party : before.parties()) {
    if (party.has_accept_time() || party.first_member() != client.options().principal) continue;
    v1::AcceptPartyRequest accept;
    accept.set_name(name);
    accept.set_party_id(party.party_id());
    accept.set_request_id(NewRequestId());
    accept.set_historical(true);
    if (*created) *accept.mutable_effective_at() = wanted.effective_at();
    v1::AcceptPartyResponse accepted;
    const grpc::Status answer = client.For(party.party_id())->Call(accept, &accepted);
    // An earlier import accepted, and what was read above does not show it yet.
    if (answer.error_code() == grpc::StatusCode::FAILED_PRECONDITION && !*created) continue;
    if (!answer.ok()) return answer;
    *relationship = accepted.relationship();
  }
  return grpc::Status::OK;
}

grpc::Status EnsureCharter(Client& client, const std::string& consistency_token, v1::Relationship* relationship) {
  v1::GetRelationshipRequest get;
  get.set_name(relationship->name());
  get.set_consistency_token(consistency_token);
  v1::GetRelationshipResponse found;
  if (grpc::Status failed = client.Call(get, &found); !failed.ok()) return failed;
  *relationship = found.relationship();
  if (relationship->charter_in_force() > 0) return grpc::Status::OK;
  const google::protobuf::Timestamp effective_at = LatestWord(*relationship);
  const v1::Relationship before = *relationship;
  for (const auto& party : before.parties()) {
    if (party.kind() == v1::PARTY_KIND_THIRD_PARTY) continue;
    const auto signer = client.For(party.party_id());
    if (relationship->charters().empty()) {
      v1::ProposeCharterRequest propose;
      propose.set_name(relationship->name());
      *propose.mutable_charter() = PlainCharter(*relationship);
      *propose.mutable_effective_at() = effective_at;
      propose.set_historical(true);
      propose.set_request_id(NewRequestId());
      v1::ProposeCharterResponse proposed;
      if (grpc::Status failed = signer->Call(propose, &proposed); !failed.ok()) return failed;
      *relationship = proposed.relationship();
    }
    const auto& version = *relationship->charters().rbegin();
    const bool is_signed = std::any_of(version.signatures().begin(), version.signatures().end(),
                                       [&](const v1::CharterSignature& s) { return s.party_id() == party.party_id(); });
    if (is_signed) continue;
    v1::AdoptCharterRequest adopt;
    adopt.set_name(relationship->name());
    adopt.set_version(version.version());
    *adopt.mutable_effective_at() = effective_at;
    adopt.set_historical(true);
    adopt.set_request_id(NewRequestId());
    v1::AdoptCharterResponse adopted;
    if (grpc::Status failed = signer->Call(adopt, &adopted); !failed.ok()) return failed;
    *relationship = adopted.relationship();
  }
  return grpc::Status::OK;
}

bool StandsInForAll(const v1::Relationship& relationship, const std::string& principal) {
  return std::all_of(relationship.parties().begin(), relationship.parties().end(), [&](const v1::Party& party) {
    return party.kind() == v1::PARTY_KIND_THIRD_PARTY || party.first_member() == principal;
  });
}

}  // namespace parley
