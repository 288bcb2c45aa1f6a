#include "services/query/page_token.h"

#include <algorithm>

#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"
#include "eventstore/kv_store.h"
#include "services/query/base64url.h"

namespace parley {
namespace {

constexpr size_t kSealBytes = 32;

}  // namespace

QueryIdentity& QueryIdentity::Add(std::string_view part) {
  AppendOrdered(bytes_, part.size());
  bytes_.append(part);
  return *this;
}

std::string PageTokens::Seal(const QueryIdentity& query, std::string_view last) const {
  return HmacSha256(key_, QueryIdentity().Add("parley/page/v1").Add(query.bytes()).Add(last).bytes());
}

std::string PageTokens::Encode(const QueryIdentity& query, std::string_view last) const {
  return EncodeBase64Url(Seal(query, last).append(last));
}

absl::StatusOr<std::string> PageTokens::Decode(const QueryIdentity& query, std::string_view token) const {
  if (token.empty()) return std::string();
  const auto bytes = DecodeBase64Url(token);
  if (bytes && bytes->size() > kSealBytes) {
    const std::string_view seal = std::string_view(*bytes).substr(0, kSealBytes);
    const std::string_view last = std::string_view(*bytes).substr(kSealBytes);
    if (ConstantTimeEqual(seal, Seal(query, last))) return std::string(last);
  }
  return Reject(v1::REASON_PAGE_TOKEN_INVALID, "page_token is not from this caller's same query")
      .Field("page_token", "not from this caller's same query");
}

absl::StatusOr<size_t> PageSize(int32_t requested) {
  if (requested < 0) return InvalidField("page_size", "negative");
  return requested == 0 ? 50 : static_cast<size_t>(std::min(requested, 1000));
}

}  // namespace parley
