// SHA-256 and HMAC-SHA256, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace parley {

// 32 bytes.
std::string Sha256(std::string_view data);

// The same over data that comes in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Update(std::string_view data);
  // 32 bytes: of everything since the last Final, or the beginning.
  std::string Final();

 private:
  void Restart();
  struct State;
  std::unique_ptr<State> state_;
};

// 32 bytes: HMAC-SHA256 (RFC 2104).
std::string HmacSha256(std::string_view key, std::string_view data);

// 32 bytes: SHA-256("parley/commit/v1\0" || salt || content), what an entry's header says of a part.
std::string Commitment(std::string_view salt, std::string_view content);

// Equal, in time that depends on the lengths only.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace parley
