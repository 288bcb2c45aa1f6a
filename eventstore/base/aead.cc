#include "eventstore/base/aead.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace parley {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

const unsigned char* Data(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }
unsigned char* Data(std::string& s, size_t at = 0) { return reinterpret_cast<unsigned char*>(s.data()) + at; }

// Keys and nonces of another length are a mistake of ours, and nothing that could be sealed under them is safe.
void MustHaveLength(std::string_view bytes, size_t length) {
  if (bytes.size() != length) std::abort();
}

}  // namespace

std::string AeadSeal(std::string_view key, std::string_view nonce, std::string_view additional,
                     std::string_view plain) {
  MustHaveLength(key, kAeadKeyBytes);
  MustHaveLength(nonce, kAeadNonceBytes);
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string sealed(nonce);
  sealed.resize(kAeadNonceBytes + plain.size() + kAeadTagBytes);
  unsigned char* const out = Data(sealed, kAeadNonceBytes);
  int n = 0;
  // The default nonce of GCM is 12 bytes, which is ours.
  const bool ok =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Data(key), Data(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &n, Data(additional), static_cast<int>(additional.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), out, &n, Data(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out + plain.size(), &n) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kAeadTagBytes, out + plain.size()) == 1;
  if (!ok) std::abort();  // Only out of memory: the inputs cannot make it fail.
  return sealed;
}

std::optional<std::string> AeadOpen(std::string_view key, std::string_view additional, std::string_view sealed) {
  if (key.size() != kAeadKeyBytes || sealed.size() < kAeadNonceBytes + kAeadTagBytes) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kAeadNonceBytes);
  const std::string_view hidden = sealed.substr(kAeadNonceBytes, sealed.size() - kAeadNonceBytes - kAeadTagBytes);
  std::string tag(sealed.substr(sealed.size() - kAeadTagBytes));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string plain(hidden.size(), '\0');
  int n = 0;
  unsigned char rest[16];  // Final wants somewhere to write, and writes nothing in this mode.
  const bool ok =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Data(key), Data(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &n, Data(additional), static_cast<int>(additional.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Data(plain), &n, Data(hidden), static_cast<int>(hidden.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kAeadTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), rest, &n) == 1;
  if (!ok) return std::nullopt;
  return plain;
}

}  // namespace parley
