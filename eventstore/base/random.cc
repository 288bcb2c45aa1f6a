#include "eventstore/base/random.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "eventstore/base/hash.h"

namespace parley {

std::string SystemRandom::Bytes(size_t n) {
  std::string out(n, '\0');
  // Without randomness nothing here is safe: salts would repeat.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(n)) != 1) std::abort();
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
