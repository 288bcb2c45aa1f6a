#include "eventstore/base/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "eventstore/base/hash.h"

namespace parley {

std::string SystemRandom::Bytes(size_t n) {
  // Drawn ahead, since a draw costs the same for many bytes as for a few; what was given away is wiped.
  struct Ahead {
    unsigned char bytes[4096];
    size_t used = sizeof(bytes);
    ~Ahead() { OPENSSL_cleanse(bytes, sizeof(bytes)); }
  };
  thread_local Ahead ahead;
  const auto draw = [](unsigned char* to, size_t size) {
    // Without randomness nothing here is safe: salts would repeat.
    if (RAND_bytes(to, static_cast<int>(size)) != 1) std::abort();
  };
  std::string out(n, '\0');
  if (n > sizeof(ahead.bytes) / 4) {
    draw(reinterpret_cast<unsigned char*>(out.data()), n);
    return out;
  }
  if (sizeof(ahead.bytes) - ahead.used < n) {
    draw(ahead.bytes, sizeof(ahead.bytes));
    ahead.used = 0;
  }
  std::copy_n(ahead.bytes + ahead.used, n, out.begin());
  OPENSSL_cleanse(ahead.bytes + ahead.used, n);
  ahead.used += n;
  return out;
}

std::string SeededRandom::Bytes(size_t n) {
  static std::mutex mu;
  std::lock_guard lock(mu);
  std::string out;
  while (out.size() < n) out += Sha256(absl::StrCat("parley/seeded/", seed_, "/", counter_++));
  out.resize(n);
  return out;
}

std::string RandomId(RandomSource& random) { return IdFromDigest(random.Bytes(20)); }

std::string IdFromDigest(std::string_view digest) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string id;
  for (unsigned char byte : digest.substr(0, 20)) id += kAlphabet[byte & 31];
  return id;
}

}  // namespace parley
