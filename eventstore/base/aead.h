// AES-256-GCM (NIST SP 800-38D), by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

inline constexpr size_t kAeadKeyBytes = 32;
inline constexpr size_t kAeadNonceBytes = 12;
inline constexpr size_t kAeadTagBytes = 16;

// nonce || ciphertext || tag. `key` and `nonce` of the lengths above; a nonce is never used twice under one key.
std::string AeadSeal(std::string_view key, std::string_view nonce, std::string_view additional, std::string_view plain);
// nullopt where `sealed` was not made by AeadSeal under this key with this additional data.
std::optional<std::string> AeadOpen(std::string_view key, std::string_view additional, std::string_view sealed);

}  // namespace parley
