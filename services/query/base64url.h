// Tokens as text: base64url without padding (RFC 4648, section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

std::string EncodeBase64Url(std::string_view bytes);
// nullopt where `text` is not what EncodeBase64Url gives.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace parley
