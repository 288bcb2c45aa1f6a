// Page tokens: where a page ended, bound to caller and query, and authenticated, so that nobody can make one up.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace parley {

// Everything that must be the same on the next page, in one string of length-prefixed parts.
class QueryIdentity {
 public:
  QueryIdentity& Add(std::string_view part);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Thread-safe.
class PageTokens {
 public:
  // `key`: a secret of the server, at least 16 bytes. Tokens made under another key are refused.
  explicit PageTokens(std::string key) : key_(std::move(key)) {}

  // `last`: the sort key of the last item on the page, never empty.
  std::string Encode(const QueryIdentity& query, std::string_view last) const;
  // The sort key after which to go on; empty for an empty token. PAGE_TOKEN_INVALID where it was not made for this
  // query.
  absl::StatusOr<std::string> Decode(const QueryIdentity& query, std::string_view token) const;

 private:
  std::string Seal(const QueryIdentity& query, std::string_view last) const;

  const std::string key_;
};

// page_size as AIP-158 has it: 0 is 50, more than 1,000 is 1,000. FIELD_INVALID where negative.
absl::StatusOr<size_t> PageSize(int32_t requested);

}  // namespace parley
