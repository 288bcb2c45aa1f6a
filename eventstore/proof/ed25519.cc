#include "eventstore/proof/ed25519.h"

#include <openssl/evp.h>

#include <memory>

namespace parley {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Data(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }
unsigned char* Data(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

Key PrivateKey(std::string_view seed) {
  EVP_PKEY* key = nullptr;
  if (seed.size() == kEd25519KeyBytes) {
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Data(seed), seed.size());
  }
  return Key(key, EVP_PKEY_free);
}

}  // namespace

std::optional<std::string> Ed25519PublicKey(std::string_view seed) {
  const Key key = PrivateKey(seed);
  std::string out(kEd25519KeyBytes, '\0');
  size_t size = out.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), Data(out), &size) != 1) return std::nullopt;
  return out;
}

std::optional<std::string> Ed25519Sign(std::string_view seed, std::string_view message) {
  const Key key = PrivateKey(seed);
  const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string out(kEd25519SignatureBytes, '\0');
  size_t size = out.size();
  if (key == nullptr || EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), Data(out), &size, Data(message), message.size()) != 1) {
    return std::nullopt;
  }
  return out;
}

bool Ed25519Verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != kEd25519KeyBytes || signature.size() != kEd25519SignatureBytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Data(public_key), public_key.size()),
                EVP_PKEY_free);
  const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key != nullptr && EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), Data(signature), signature.size(), Data(message), message.size()) == 1;
}

}  // namespace parley
