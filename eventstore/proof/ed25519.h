// Ed25519 (RFC 8032), by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

inline constexpr size_t kEd25519KeyBytes = 32;
inline constexpr size_t kEd25519SignatureBytes = 64;

// `seed`: the 32-byte private key. nullopt where it is not of that length.
std::optional<std::string> Ed25519PublicKey(std::string_view seed);
std::optional<std::string> Ed25519Sign(std::string_view seed, std::string_view message);
// False for malformed keys and signatures, too.
bool Ed25519Verify(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace parley
