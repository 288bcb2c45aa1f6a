#include "eventstore/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace parley {
namespace {

const unsigned char* Data(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

// Fetched once: OpenSSL 3 looks an algorithm up by its name at every call otherwise, which takes longer than to hash a small text.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

std::string Sha256(std::string_view data) {
  thread_local Sha256Stream stream;
  stream.Update(data);
  return stream.Final();
}

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) { Restart(); }

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Restart() { EVP_DigestInit_ex2(state_->context, Sha256Algorithm(), nullptr); }

void Sha256Stream::Update(std::string_view data) { EVP_DigestUpdate(state_->context, data.data(), data.size()); }

std::string Sha256Stream::Final() {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), nullptr);
  Restart();
  return out;
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  unsigned int size = 0;
  if (key.empty()) key = "";  // Null would be no key at all, and no answer.
  HMAC(Sha256Algorithm(), key.data(), static_cast<int>(key.size()), Data(data), data.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

std::string Commitment(std::string_view salt, std::string_view content) {
  static constexpr std::string_view kDomain("parley/commit/v1\0", 17);
  thread_local Sha256Stream stream;
  stream.Update(kDomain);
  stream.Update(salt);
  stream.Update(content);
  return stream.Final();
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace parley
